# cmake -D PROJECT=… -D WORK=… -D COMPILER=… -D GENERATOR=… -P check_standard.cmake
# Checks that the library is compiled with the C++ standard that the user chooses, and by default with C++20.
function(check expected)
  file(REMOVE_RECURSE "${WORK}")
  execute_process(COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET COMMAND ${CMAKE_COMMAND} -S ${PROJECT} -B ${WORK}
    -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_EXPORT_COMPILE_COMMANDS=ON
    -D AUDIT_TRAIL_CLI=OFF -D AUDIT_TRAIL_TESTS=OFF -D AUDIT_TRAIL_BENCHES=OFF ${ARGN})
  file(READ "${WORK}/compile_commands.json" commands)
  string(REGEX MATCHALL "-std=[a-z0-9+]+" standards "${commands}")
  list(REMOVE_DUPLICATES standards)
  if(NOT standards MATCHES "^-std=c\\+\\+${expected}$")
    message(FATAL_ERROR "compiled with: ${standards}; expected: C++${expected}")
  endif()
endfunction()

check("2[0a]")
check("2[3b]" -D CMAKE_CXX_STANDARD=23)
