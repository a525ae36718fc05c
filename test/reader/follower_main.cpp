#define BOOST_TEST_MODULE audit_trail follower
#include <boost/test/unit_test.hpp>
