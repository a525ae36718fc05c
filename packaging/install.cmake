# What `cmake --install` installs. Components: `library` (a shared library), `development` and `program`.
include(CMakePackageConfigHelpers)

# Paths are relative, so that the installed files may be moved. Below the prefix of the system they need not be.
set(is_for_system NO)
if(CMAKE_INSTALL_FULL_LIBDIR IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  set(is_for_system YES)
endif()

set(config_directory ${CMAKE_INSTALL_LIBDIR}/cmake/audit_trail)
set(library_component development)
if(BUILD_SHARED_LIBS)
  set(library_component library)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/sbom.cmake)

install(TARGETS audit_trail EXPORT audit_trail
  LIBRARY COMPONENT library NAMELINK_COMPONENT development
  ARCHIVE COMPONENT development)
install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN *.hpp)

# For find_package in the installed files and in the build directory. The second is needed by projects that contain this
# one and export their own libraries.
configure_file(${CMAKE_CURRENT_LIST_DIR}/audit_trail-config.cmake.in audit_trail-config.cmake @ONLY)
write_basic_package_version_file(audit_trail-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT audit_trail NAMESPACE audit_trail:: FILE audit_trail-targets.cmake
  DESTINATION ${config_directory} COMPONENT development)
export(EXPORT audit_trail NAMESPACE audit_trail:: FILE ${PROJECT_BINARY_DIR}/audit_trail-targets.cmake)
# Sets of their own: each is used only where its dependency is found.
foreach(component IN ITEMS hmac prometheus)
  install(TARGETS audit_trail_${component} EXPORT audit_trail-${component})
  install(EXPORT audit_trail-${component} NAMESPACE audit_trail:: FILE audit_trail-${component}-targets.cmake
    DESTINATION ${config_directory} COMPONENT development)
  export(EXPORT audit_trail-${component} NAMESPACE audit_trail::
    FILE ${PROJECT_BINARY_DIR}/audit_trail-${component}-targets.cmake)
endforeach()
install(FILES
    ${PROJECT_BINARY_DIR}/audit_trail-config.cmake ${PROJECT_BINARY_DIR}/audit_trail-config-version.cmake
  DESTINATION ${config_directory} COMPONENT development)

# For pkg-config.
set(pkgconfig_directory ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(is_for_system OR IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(pkgconfig_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH pkgconfig_prefix /prefix/${pkgconfig_directory} /prefix)
  string(REGEX REPLACE "/$" "" pkgconfig_prefix "\${pcfiledir}/${pkgconfig_prefix}")
endif()
# Boost has no files for pkg-config, so its directories are named here, unless the compiler knows them.
get_target_property(boost_headers Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
if(NOT boost_headers IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
  set(pkgconfig_boost_headers " -I${boost_headers}")
endif()
get_target_property(boost_json Boost::json LOCATION)
cmake_path(GET boost_json PARENT_PATH boost_libraries)
if(NOT boost_libraries IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  set(pkgconfig_boost_libraries " -L${boost_libraries}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/audit_trail.pc.in audit_trail.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/audit_trail.pc DESTINATION ${pkgconfig_directory} COMPONENT development)

if(AUDIT_TRAIL_CLI)
  install(TARGETS audit_trail_cli COMPONENT program)
endif()
if(AUDIT_TRAIL_CLI AND BUILD_SHARED_LIBS)
  # Where the program finds the library: in the build directory, and below the prefix.
  set_target_properties(audit_trail_cli PROPERTIES BUILD_RPATH_USE_ORIGIN ON)
  if(NOT is_for_system)
    file(RELATIVE_PATH library_place ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(audit_trail_cli PROPERTIES INSTALL_RPATH $ORIGIN/${library_place})
  endif()
endif()
