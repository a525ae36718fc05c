#include "system/background_thread.hpp"

#include <dlfcn.h>

namespace audit_trail::detail {
namespace {

/// An address inside this shared object. It has internal linkage, so no other object can replace it.
char const own_address = 0;

bool mark_not_to_be_unloaded() noexcept {
    Dl_info own;
    if (dladdr(&own_address, &own) == 0) return false;
    // Fails for the main program, which is never unloaded.
    return dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
}

}  // namespace

void keep_code_loaded() noexcept {
    static bool const once = mark_not_to_be_unloaded();
    static_cast<void>(once);
}

}  // namespace audit_trail::detail
