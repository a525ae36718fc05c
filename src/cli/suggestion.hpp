/// \file
/// Names that a misspelt word may mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::cli {

/// `; did you mean 'NAME'?` for the name that is nearest to the word; empty when none is near.
std::string suggestion(std::string_view word, std::vector<std::string> const& names);

}  // namespace audit_trail::cli
