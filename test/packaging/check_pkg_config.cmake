# Builds programs with pkg-config and the library in PREFIX. A static library is also linked into a static program.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
require(pkg-config)
file(MAKE_DIRECTORY ${WORK})
file(GLOB_RECURSE package ${PREFIX}/*/audit_trail.pc)
cmake_path(GET package PARENT_PATH directory)
cmake_path(GET directory PARENT_PATH libraries)
set(ENV{PKG_CONFIG_PATH} ${directory})

function(get_flags)
  execute_process(COMMAND pkg-config ${ARGN} audit_trail
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(flags ${flags} PARENT_SCOPE)
endfunction()

function(link_and_run program)
  get_flags(--libs ${ARGN})
  run(${COMPILER} ${ARGN} ${WORK}/consumer.o -o ${WORK}/${program} ${flags})
  expect("{\"linked\":true}" ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${libraries} ${WORK}/${program})
endfunction()

expect("${VERSION}" pkg-config --modversion audit_trail)
get_flags(--cflags)
run(${LAUNCHER} ${COMPILER} -std=c++20 ${flags} -c ${CMAKE_CURRENT_LIST_DIR}/consumer.cpp -o ${WORK}/consumer.o)
link_and_run(dynamic)
if(EXISTS ${libraries}/libaudit_trail.a)
  link_and_run(static --static)
endif()

# The command of README.md.
require(python3)
set(examples ${CMAKE_CURRENT_LIST_DIR}/../examples)
get_flags(--cflags --libs)
run(${COMPILER} -std=c++20 ${examples}/minimal_server.cpp ${flags} -o ${WORK}/minimal_server)
run(${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${libraries} python3 ${examples}/examples.py minimal_server
  ${WORK}/minimal_server)
