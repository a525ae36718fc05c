# Installs the bill of materials of library and program: SPDX 2.3 as JSON. A component that needs another package names
# it: set_property(GLOBAL APPEND PROPERTY AUDIT_TRAIL_DEPENDENCIES NAME@VERSION).
include(${CMAKE_CURRENT_LIST_DIR}/revision.cmake)

set(document [[{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "audit_trail-@VERSION@",
  "documentNamespace": "urn:uuid:@DOCUMENT_ID@",
  "creationInfo": {},
  "packages": [],
  "relationships": []
}]])
string(JSON document SET "${document}" creationInfo
  "{\"created\": \"@TIME@\", \"creators\": [\"Tool: CMake-${CMAKE_VERSION}\"]}")

# add_package(NAME VERSION PURPOSE FROM RELATIONSHIP TO): FROM and TO are identifiers, or PACKAGE for this package.
function(add_package name version purpose from relationship to)
  string(REGEX REPLACE "[^A-Za-z0-9.]" "-" id "SPDXRef-${name}")
  list(TRANSFORM from REPLACE "^PACKAGE$" ${id})
  list(TRANSFORM to REPLACE "^PACKAGE$" ${id})
  string(CONFIGURE [[{
    "SPDXID": "@id@",
    "name": "@name@",
    "versionInfo": "@version@",
    "primaryPackagePurpose": "@purpose@",
    "downloadLocation": "NOASSERTION",
    "filesAnalyzed": false,
    "licenseConcluded": "NOASSERTION",
    "licenseDeclared": "NOASSERTION",
    "copyrightText": "NOASSERTION"
  }]] package @ONLY)
  string(CONFIGURE [[{
    "spdxElementId": "@from@", "relationshipType": "@relationship@", "relatedSpdxElement": "@to@"
  }]] relation @ONLY)
  set(end 1000000)
  string(JSON document SET "${document}" packages ${end} "${package}")
  string(JSON document SET "${document}" relationships ${end} "${relation}")
  return(PROPAGATE document)
endfunction()

set(self SPDXRef-audit-trail)
add_package(audit_trail ${PROJECT_VERSION} LIBRARY SPDXRef-DOCUMENT DESCRIBES PACKAGE)
string(JSON document SET "${document}" packages 0 sourceInfo "\"git revision @REVISION@\"")
get_property(dependencies GLOBAL PROPERTY AUDIT_TRAIL_DEPENDENCIES)
foreach(dependency IN LISTS dependencies)
  string(REPLACE "@" ";" dependency ${dependency})
  add_package(${dependency} LIBRARY ${self} DEPENDS_ON PACKAGE)
endforeach()
add_package(${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} APPLICATION PACKAGE BUILD_TOOL_OF ${self})

set(sbom ${PROJECT_BINARY_DIR}/audit_trail-${PROJECT_VERSION}.spdx.json)
file(WRITE ${sbom}.in "${document}\n")
audit_trail_revision_file(audit_trail_sbom ${sbom}.in ${sbom})
install(FILES ${sbom} DESTINATION ${CMAKE_INSTALL_DATADIR}/sbom COMPONENT ${library_component})
