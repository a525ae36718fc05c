#include "cli/text_table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/text_width.hpp"

namespace audit_trail::cli {
namespace {

constexpr std::size_t rows_to_choose_by = 200;
constexpr std::size_t column_gap = 2;
constexpr std::size_t least_width = 8;  // of a column that may shrink, as long as there is any other way

std::size_t sum(std::vector<std::size_t> const& widths) {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0});
}

/// Takes from the widest of those that `may_shrink`, down to `least`, until the sum is `width`.
template <typename MayShrink>
void shrink(std::vector<std::size_t>& widths, std::size_t width, std::size_t least, MayShrink may_shrink) {
    for (std::size_t total = sum(widths); total > width; --total) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i != widths.size(); ++i) {
            if (may_shrink(i) && widths[i] > least && (!widest || widths[i] > *widest)) widest = &widths[i];
        }
        if (!widest) return;
        --*widest;
    }
}

}  // namespace

std::vector<std::size_t> fit_widths(std::vector<std::size_t> wanted, std::vector<table_column> const& columns,
                                    std::size_t width) {
    // More than a line has room for can't be given, and need not be counted down from.
    for (auto& one : wanted) one = std::min(one, width);
    shrink(wanted, width, least_width, [&](std::size_t i) { return columns[i].can_shrink; });
    shrink(wanted, width, 1, [&](std::size_t i) { return !columns[i].is_number; });
    shrink(wanted, width, 1, [](std::size_t) { return true; });
    return wanted;
}

text_table::text_table(std::vector<table_column> columns, std::size_t width, bool has_colour)
    : columns_(std::move(columns)), width_(width), has_colour_(has_colour) {}

void text_table::add(row cells, std::string& out) {
    if (!widths_.empty()) return append_row(cells, out);
    for (auto& cell : cells) cell.text = cut_to_width(cell.text, width_);
    kept_.push_back(std::move(cells));
    if (kept_.size() == rows_to_choose_by) flush(out);
}

void text_table::flush(std::string& out) {
    if (widths_.empty()) {
        choose_widths();
        append_titles(out);
    }
    for (auto const& cells : std::exchange(kept_, {})) append_row(cells, out);
}

void text_table::choose_widths() {
    std::vector<std::size_t> wanted;
    for (auto const& column : columns_) wanted.push_back(text_width(column.title));
    for (auto const& cells : kept_) {
        for (std::size_t i = 0; i != cells.size(); ++i) wanted[i] = std::max(wanted[i], text_width(cells[i].text));
    }
    std::size_t const gaps = column_gap * (columns_.size() - 1);
    widths_ = fit_widths(std::move(wanted), columns_, width_ > gaps ? width_ - gaps : 0);
}

void text_table::append_titles(std::string& out) const {
    row titles;
    for (auto const& column : columns_) titles.push_back({column.title, text_style::bold});
    append_row(titles, out);
}

/// Blanks at the end of a line are left out. Where a line has no room even for the gaps, it ends early.
void text_table::append_row(row const& cells, std::string& out) const {
    std::size_t pending = 0;
    std::size_t used = 0;
    for (std::size_t i = 0; i != cells.size() && used + widths_[i] <= width_; ++i) {
        std::string const text = cut_to_width(cells[i].text, widths_[i]);
        std::size_t const padding = widths_[i] - text_width(text);
        if (columns_[i].is_number) pending += padding;
        if (!text.empty()) out.append(std::exchange(pending, 0), ' ').append(styled(text, cells[i].style, has_colour_));
        pending += columns_[i].is_number ? column_gap : padding + column_gap;
        used += widths_[i] + column_gap;
    }
    out += '\n';
}

}  // namespace audit_trail::cli
