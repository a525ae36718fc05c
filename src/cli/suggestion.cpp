#include "cli/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace audit_trail::cli {
namespace {

/// How many characters must be inserted, removed, replaced or swapped with their neighbour to make `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row{i};
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
            row.push_back(std::min({replaced, last[j] + 1, row[j - 1] + 1}));
            bool const is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last.back();
}

}  // namespace

std::string suggestion(std::string_view word, std::vector<std::string> const& names) {
    constexpr std::size_t longest_word = 128;
    if (word.size() > longest_word) return {};
    std::string_view nearest;
    std::size_t least = word.size() / 3 + 1;
    for (auto const& name : names) {
        bool const is_beginning = word.size() > 3 && name.starts_with(word);
        std::size_t const away = is_beginning ? 1 : distance(word, name);
        if (away >= least) continue;
        least = away;
        nearest = name;
    }
    return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

}  // namespace audit_trail::cli
