# Projects that ask for a component or a version that does not exist learn the reason.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
function(expect_refusal reason)
  file(REMOVE_RECURSE ${WORK})
  file(WRITE ${WORK}/CMakeLists.txt "
    cmake_minimum_required(VERSION 3.25)
    project(refused LANGUAGES NONE)
    find_package(audit_trail ${ARGN} CONFIG REQUIRED PATHS ${PREFIX} NO_DEFAULT_PATH)\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK} -B ${WORK}/build -G ${GENERATOR}
    ERROR_VARIABLE message OUTPUT_QUIET RESULT_VARIABLE result)
  string(REGEX REPLACE "[ \n]+" " " message "${message}")
  if(result EQUAL 0 OR NOT message MATCHES "${reason}")
    message(FATAL_ERROR "exit code ${result}, and not '${reason}', but: ${message}")
  endif()
endfunction()

expect_refusal("audit_trail has no component 'nonsense'. Its components are 'library', 'hmac' and 'prometheus'" COMPONENTS library nonsense)
expect_refusal("version: ${VERSION}" 9.0)
expect_refusal("version: ${VERSION}" 0.0.1)
