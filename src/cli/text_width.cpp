#include "cli/text_width.hpp"

#include <clocale>
#include <cwchar>

#include "format/strings.hpp"

namespace audit_trail::cli {
namespace {

/// Selects UTF-8 for wcwidth, whatever the user's locale is.
class utf8_locale {
 public:
    utf8_locale() noexcept : before_(utf8() ? ::uselocale(utf8()) : nullptr) {}
    utf8_locale(utf8_locale const&) = delete;
    utf8_locale& operator=(utf8_locale const&) = delete;
    ~utf8_locale() {
        if (before_) ::uselocale(before_);
    }

 private:
    /// Loading a locale takes a thousand times as long as measuring a name: it is loaded once and kept.
    static locale_t utf8() noexcept {
        static locale_t const loaded = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return loaded;
    }

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

/// Moves `at` past one character, and returns its columns.
std::size_t take_columns(char const*& at, char const* end) noexcept {
    if (static_cast<unsigned char>(*at) < 0x80) return ++at, 1;
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
    // No character takes more columns than bytes.
    if (text.size() <= width || text_width(text) <= width) return std::string(text);
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
