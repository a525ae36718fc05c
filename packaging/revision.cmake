# audit_trail_revision_file(TARGET TEMPLATE FILE): a target that writes FILE from TEMPLATE (configure_file, @ONLY) with
# the variables that write_revision.cmake defines, for example the revision of git. Every build runs it, and only a FILE
# that changes is written.
function(audit_trail_revision_file target template file)
  set(write ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR} -D VERSION=${PROJECT_VERSION} -D TEMPLATE=${template}
    -D FILE=${file} -P ${PROJECT_SOURCE_DIR}/packaging/write_revision.cmake)
  add_custom_target(${target} ALL COMMAND ${write} BYPRODUCTS ${file} COMMENT "Read the git revision" VERBATIM)
  execute_process(COMMAND ${write} COMMAND_ERROR_IS_FATAL ANY)  # for tools that read the sources before a build
endfunction()
