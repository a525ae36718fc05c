#include "text_table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace audit_trail::cli {
namespace {

constexpr std::size_t rows_to_choose_by = 200;
constexpr std::size_t column_gap = 2;
constexpr std::size_t least_width = 8;  // of a column that can shrink, while another one is wider

/// The maximum width of a column that can shrink, on a display without a limit: one long cell must not widen all later
/// rows.
constexpr std::size_t most_padding = 60;

std::size_t sum(std::vector<std::size_t> const& widths) {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0});
}

/// Takes from the widest column that can shrink, down to `least`, until the sum is `width`.
void shrink(std::vector<std::size_t>& widths, std::vector<table_column> const& columns, std::size_t width,
            std::size_t least) {
    for (std::size_t total = sum(widths); total > width; --total) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i != widths.size(); ++i) {
            if (columns[i].can_shrink && widths[i] > least && (!widest || widths[i] > *widest)) widest = &widths[i];
        }
        if (!widest) return;
        --*widest;
    }
}

}  // namespace

text_table::text_table(std::vector<table_column> columns, std::size_t width, bool has_colour)
    : columns_(std::move(columns)), width_(width), has_colour_(has_colour), wanted_(columns_.size()) {}

void text_table::add(row cells, std::string& out) {
    measure(cells);
    if (has_titles_) return append_row(cells, out);
    kept_.push_back(std::move(cells));
    if (kept_.size() == rows_to_choose_by) flush(out);
}

void text_table::flush(std::string& out) {
    if (!std::exchange(has_titles_, true)) {
        row titles;
        for (auto const& column : columns_) titles.push_back({column.title, text_style::bold});
        measure(titles);
        append_row(titles, out);
    }
    for (auto const& cells : std::exchange(kept_, {})) append_row(cells, out);
}

/// Sets the widths of the cells, and widens the columns for them.
void text_table::measure(row& cells) {
    bool is_wider = false;
    for (std::size_t i = 0; i != cells.size(); ++i) {
        // Text beyond the width of a line is never shown.
        if (columns_[i].can_shrink) cells[i].text = cut_to_width(cells[i].text, width_);
        cells[i].width = text_width(cells[i].text);
        if (cells[i].width <= wanted_[i]) continue;
        wanted_[i] = cells[i].width;
        is_wider = true;
    }
    if (is_wider) fit();
}

void text_table::fit() {
    widths_ = wanted_;
    if (width_ == unlimited_width) {
        for (std::size_t i = 0; i != widths_.size(); ++i) {
            if (columns_[i].can_shrink) widths_[i] = std::min(widths_[i], most_padding);
        }
        return;
    }
    std::size_t const gaps = column_gap * (columns_.size() - 1);
    std::size_t const room = width_ > gaps ? width_ - gaps : 0;
    shrink(widths_, columns_, room, least_width);
    shrink(widths_, columns_, room, 1);
}

/// Leaves out blanks at the end of the line.
void text_table::append_row(row const& cells, std::string& out) const {
    std::size_t pending = 0;
    for (std::size_t i = 0; i != cells.size(); ++i) {
        auto const& cell = cells[i];
        bool const is_cut = cell.width > widths_[i] && width_ != unlimited_width;
        std::string const text = is_cut ? cut_to_width(cell.text, widths_[i]) : cell.text;
        std::size_t const used = is_cut ? text_width(text) : cell.width;
        std::size_t const padding = widths_[i] - std::min(used, widths_[i]);
        if (columns_[i].is_number) pending += padding;
        if (!text.empty()) out.append(std::exchange(pending, 0), ' ').append(styled(text, cell.style, has_colour_));
        pending += columns_[i].is_number ? column_gap : padding + column_gap;
    }
    out += '\n';
}

}  // namespace audit_trail::cli
