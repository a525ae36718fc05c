# cmake -D SOURCE=directory -D VERSION=… -D TEMPLATE=… -D FILE=… -P write_revision.cmake
# Writes FILE from TEMPLATE with VERSION and:
#   REVISION     the commit of the sources, with `-dirty` if they were changed; `unknown` without git
#   TIME         the time of the commit, or SOURCE_DATE_EPOCH if it is set, or else the current time
#   DOCUMENT_ID  a UUID of everything above and of the template
set(REVISION unknown)
set(prefix unknown)
find_program(git_program git)
if(git_program)
  # The prefix is not empty if the sources were unpacked into the working tree of another project.
  set(git ${git_program} --no-optional-locks -C ${SOURCE})
  execute_process(COMMAND ${git} rev-parse --show-prefix
    OUTPUT_VARIABLE prefix ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(git_program AND NOT failed AND prefix STREQUAL "")
  execute_process(COMMAND ${git} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE REVISION OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${git} log -1 --format=%ct
    OUTPUT_VARIABLE commit_time OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
    set(ENV{SOURCE_DATE_EPOCH} ${commit_time})
  endif()
endif()

string(TIMESTAMP TIME UTC)
file(READ ${TEMPLATE} content)
string(UUID DOCUMENT_ID NAMESPACE 6ba7b812-9dad-11d1-80b4-00c04fd430c8 TYPE SHA1
  NAME "${VERSION} ${REVISION} ${TIME} ${content}")
configure_file(${TEMPLATE} ${FILE} @ONLY)
