# Builds the project SOURCE with the library in PREFIX. Its program `installed`, run with ARGUMENT, prints OUTPUT.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${WORK})
configure(${SOURCE} ${WORK}/build -D CMAKE_PREFIX_PATH=${PREFIX})
run(${CMAKE_COMMAND} --build ${WORK}/build)
expect("${OUTPUT}" ${WORK}/build/installed ${ARGUMENT})
