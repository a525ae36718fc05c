#include "cli/text_width.hpp"

#include <clocale>
#include <cwchar>

#include "format/utf8.hpp"

namespace audit_trail::cli {
namespace {

/// wcwidth answers for the current locale; here that is UTF-8, whatever the user's is.
class utf8_locale {
 public:
    utf8_locale() noexcept
        : mine_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(mine_ ? ::uselocale(mine_) : nullptr) {}
    utf8_locale(utf8_locale const&) = delete;
    utf8_locale& operator=(utf8_locale const&) = delete;
    ~utf8_locale() {
        if (!mine_) return;
        ::uselocale(before_);
        ::freelocale(mine_);
    }

 private:
    locale_t mine_;
    locale_t before_;
};

bool is_plain(std::string_view text) noexcept {
    for (char const c : text) {
        if (c < 0x20 || c > 0x7e) return false;
    }
    return true;
}

std::size_t columns_of(char32_t character) noexcept {
    int const width = ::wcwidth(static_cast<wchar_t>(character));
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

/// Moves `at` behind one character.
std::size_t take_columns(char const*& at, char const* end) noexcept {
    char32_t const character = format::take_utf8(at, end);
    if (character != format::no_character) return columns_of(character);
    ++at;
    return 1;
}

}  // namespace

std::size_t text_width(std::string_view text) {
    if (is_plain(text)) return text.size();
    utf8_locale const locale;
    std::size_t width = 0;
    for (char const *at = text.data(), *const end = at + text.size(); at != end;) width += take_columns(at, end);
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    if (text_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    utf8_locale const locale;
    char const* kept = text.data();
    char const* const end = kept + text.size();
    std::size_t used = 1;  // by the mark
    for (char const* at = kept;; kept = at) {
        used += take_columns(at, end);
        if (used > width) break;
    }
    return std::string(text.data(), kept) + "…";
}

}  // namespace audit_trail::cli
