/// \file
/// Prints rows under titles, cut to the width of the display where the columns allow it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "terminal.hpp"

namespace audit_trail::cli {

struct table_column {
    std::string title;
    bool is_number = false;   ///< right-aligned
    bool can_shrink = false;  ///< its cells may be cut when a line is too long; those of other columns never are
};

struct table_cell {
    std::string text;  ///< printable
    text_style style = text_style::plain;
    std::size_t width = 0;  ///< of the text; the table sets it
};

/// A column is as wide as its widest cell so far. The first rows are kept to choose the widths, then printed; later rows
/// may widen a column. When a line would be wider than the display, columns that can shrink become narrower. Lines are
/// longer than the display only when the other columns alone are.
class text_table {
 public:
    using row = std::vector<table_cell>;  // a cell for each column

    text_table(std::vector<table_column> columns, std::size_t width, bool has_colour);

    /// Keeps the first rows to choose widths by, and appends later ones to `out`.
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
    std::vector<std::size_t> wanted_;  // the widest cells so far, titles included
    std::vector<std::size_t> widths_;
};

}  // namespace audit_trail::cli
