# The Debian packages: libaudit-trail0.1, libaudit-trail-dev and audit-trail, one for each install component.
# packaging/build_packages builds them.
if(NOT BUILD_SHARED_LIBS OR NOT AUDIT_TRAIL_CLI OR NOT AUDIT_TRAIL_INSTALL)
  message(FATAL_ERROR "Packages need BUILD_SHARED_LIBS, AUDIT_TRAIL_CLI and AUDIT_TRAIL_INSTALL; "
    "packaging/build_packages sets them")
endif()

set(debian ${PROJECT_SOURCE_DIR}/packaging/debian)
get_target_property(soversion audit_trail SOVERSION)
set(boost_version ${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR})

file(STRINGS ${debian}/changelog release LIMIT_COUNT 1)
if(NOT release MATCHES "^audit-trail \\(${PROJECT_VERSION}\\) ")
  message(FATAL_ERROR "${debian}/changelog must begin with an entry for version ${PROJECT_VERSION}, not: ${release}")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "audit_trail developers")
set(CPACK_PACKAGE_CONTACT "audit_trail developers <audit-trail@audit-trail.invalid>")  # a reserved domain
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_OUTPUT_FILE_PREFIX packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL library development program)
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS library)
set(CPACK_COMPONENT_PROGRAM_DEPENDS library)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libaudit-trail${soversion})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
# The trigger runs ldconfig. CPack would add scripts that run it once more, if these scripts were not named here.
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers
  ${PROJECT_BINARY_DIR}/no_such_file/postinst ${PROJECT_BINARY_DIR}/no_such_file/postrm)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "C++ library for append-only audit trails
Servers on Boost.Asio append events (who changed what) to a trail. A call is
answered when its event is on stable storage. The trail is a directory of
JSON Lines, which any tool can read.

This package contains the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libaudit-trail-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libboost${boost_version}-dev, libboost-json${boost_version}-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libssl-dev, prometheus-cpp-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "C++ library for append-only audit trails (development files)
Servers on Boost.Asio append events (who changed what) to a trail. A call is
answered when its event is on stable storage. The trail is a directory of
JSON Lines, which any tool can read.

This package contains the headers, and the files for CMake and pkg-config.")

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME audit-trail)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "read, verify and repair append-only audit trails
A trail is a directory of JSON Lines that servers write with the library
audit_trail: who changed what, from what, to what. This program appends
events, answers questions about them, follows and replays a trail, and checks
whether it is complete.")

# For Debian, each package has its own directory of documents.
execute_process(COMMAND gzip -9n -c ${debian}/changelog
  OUTPUT_FILE ${PROJECT_BINARY_DIR}/changelog.gz COMMAND_ERROR_IS_FATAL ANY)
foreach(component IN ITEMS LIBRARY DEVELOPMENT PROGRAM)
  set(package ${CPACK_DEBIAN_${component}_PACKAGE_NAME})
  string(TOLOWER ${component} component)
  install(FILES ${debian}/copyright ${PROJECT_BINARY_DIR}/changelog.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endforeach()

include(CPack)
