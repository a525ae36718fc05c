#define BOOST_TEST_MODULE audit_trail writer
#include <boost/test/unit_test.hpp>
