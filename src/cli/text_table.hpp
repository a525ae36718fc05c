/// \file
/// Prints rows below titles. Cuts cells to fit the width of the display, if their columns allow it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "terminal.hpp"

namespace audit_trail::cli {

struct table_column {
    std::string title;
    bool is_number = false;   ///< right-aligned
    bool can_shrink = false;  ///< cells of this column may be cut if a line is too long
};

struct table_cell {
    std::string text;  ///< printable
    text_style style = text_style::plain;
    std::size_t width = 0;  ///< of the text; the table sets it
};

/// A column is as wide as its widest cell so far. The first rows are kept to choose the widths, then printed; later
/// rows may widen a column. If a line would be wider than the display, columns that can shrink become narrower. A line
/// is wider than the display only if the other columns alone are.
class text_table {
 public:
    using row = std::vector<table_cell>;  // a cell for each column

    text_table(std::vector<table_column> columns, std::size_t width, bool has_colour);

    /// Keeps the first rows, to choose the widths. Appends later rows to `out`.
    void add(row cells, std::string& out);

    /// Appends the titles, unless that was done before, and the rows that were kept.
    void flush(std::string& out);

 private:
    void measure(row& cells);
    void fit();
    void append_row(row const& cells, std::string& out) const;

    std::vector<table_column> const columns_;
    std::size_t const width_;
    bool const has_colour_;
    bool has_titles_ = false;
    std::vector<row> kept_;
    std::vector<std::size_t> wanted_;  // the widest cells so far, including titles
    std::vector<std::size_t> widths_;
};

}  // namespace audit_trail::cli
