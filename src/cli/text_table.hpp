/// \file
/// Rows under titles, no wider than a line may be.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/text_style.hpp"

namespace audit_trail::cli {

struct table_column {
    std::string title;
    bool is_number = false;   ///< stands at the right of its column
    bool can_shrink = false;  ///< gives room first where there is not enough
};

struct table_cell {
    std::string text;  ///< printable
    text_style style = text_style::plain;
};

/// Columns are as wide as their cells need, as long as a line has room for that; longer cells are cut. The widths are
/// chosen when the first rows are given out, and stay.
class text_table {
 public:
    using row = std::vector<table_cell>;  // a cell for each column

    text_table(std::vector<table_column> columns, std::size_t width, bool has_colour);

    /// Keeps the row until enough are there to choose widths by, and then appends it to `out`.
    void add(row cells, std::string& out);

    /// Appends the titles, if they were not yet, and the rows that were kept.
    void flush(std::string& out);

 private:
    void choose_widths();
    void append_titles(std::string& out) const;
    void append_row(row const& cells, std::string& out) const;

    std::vector<table_column> const columns_;
    std::size_t const width_;
    bool const has_colour_;
    std::vector<row> kept_;
    std::vector<std::size_t> widths_;  // empty until they are chosen
};

/// The widths of columns that want `wanted` in a line with room for `width`, gaps not counted: what is too much is
/// taken from the widest that may shrink, and only where that does not do from the others.
std::vector<std::size_t> fit_widths(std::vector<std::size_t> wanted, std::vector<table_column> const& columns,
                                    std::size_t width);

}  // namespace audit_trail::cli
