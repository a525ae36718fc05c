# Builds a project that contains this one and exports a library of its own: with add_subdirectory, then with
# FetchContent. The library is shared here. Then builds a project that uses the installed wrapper.
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${WORK})
set(wrapper ${CMAKE_CURRENT_LIST_DIR}/wrapper)
foreach(way add_subdirectory FetchContent)
  configure(${wrapper} ${WORK}/build -D AUDIT_TRAIL=${PROJECT} -D AUDIT_TRAIL_INSTALL=ON -D BUILD_SHARED_LIBS=ON
    -D CMAKE_INSTALL_LIBDIR=lib -D CMAKE_UNITY_BUILD_BATCH_SIZE=0 -D WAY=${way})
  run(${CMAKE_COMMAND} --build ${WORK}/build)
  expect("{\"linked\":true}" ${WORK}/build/consumer)
endforeach()

run(${CMAKE_COMMAND} --install ${WORK}/build --prefix ${WORK}/prefix)
configure(${wrapper}/user ${WORK}/user -D CMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/user)
expect("{\"linked\":true}" ${WORK}/user/consumer)
