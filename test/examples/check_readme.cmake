# cmake -D README=… -D EXAMPLES=a.cpp,b.cpp -P check_readme.cmake
# Checks that the README contains each tested example completely.
file(READ "${README}" readme)
string(REPLACE "," ";" EXAMPLES "${EXAMPLES}")
foreach(example IN LISTS EXAMPLES)
  file(READ "${example}" code)
  string(FIND "${readme}" "\n```cpp\n${code}```\n" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${README} does not show ${example} as it is")
  endif()
endforeach()
