// Debian 12's Valgrind does not know openat2(2), which the library requires. A program that is linked with this file
// uses openat(2) if openat2 is refused, without the check for symbolic links.
#include <dlfcn.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

extern "C" long syscall(long number, ...) noexcept {
    using function = long (*)(long, ...);
    static auto const original = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "syscall"));
    long arguments[6];
    std::va_list list;
    va_start(list, number);
    for (long& each : arguments) each = va_arg(list, long);
    va_end(list);

    auto const [a, b, c, d, e, f] = arguments;
    long const result = original(number, a, b, c, d, e, f);
    if (number != SYS_openat2 || result != -1 || errno != ENOSYS) return result;
    auto const& how = *reinterpret_cast<open_how const*>(c);
    return original(SYS_openat, a, b, static_cast<long>(how.flags), static_cast<long>(how.mode), 0L, 0L);
}
