# Steps of the checks. Each check gets COMPILER, LAUNCHER, GENERATOR and BOOST (the directory of Boost's CMake package).
# require(PROGRAM): skips the rest of the check if the program is missing.
macro(require program)
  find_program(${program}_found ${program})
  if(NOT ${program}_found)
    message("skipped: there is no ${program}")
    return()
  endif()
endmacro()

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(configure source build)
  run(${CMAKE_COMMAND} -S ${source} -B ${build} -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER}
    -D CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -D Boost_DIR=${BOOST} ${ARGN})
endfunction()

# expect(OUTPUT COMMAND…): the command succeeds and prints OUTPUT among other text.
function(expect expected)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  string(FIND "${output}" "${expected}" place)
  if(NOT result EQUAL 0 OR place EQUAL -1)
    message(FATAL_ERROR "exit code ${result}, and not '${expected}', but:\n${output}")
  endif()
endfunction()
