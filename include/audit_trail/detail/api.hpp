/// \file
/// Marks what a shared library exports. Each function of a public header that is not inline needs this mark.
///
/// Only the library itself is compiled with `AUDIT_TRAIL_EXPORTS`. Programs that use it need no mark, and the static
/// library leaves visibility to the target that contains it.
#pragma once

#if defined(AUDIT_TRAIL_EXPORTS)
#define AUDIT_TRAIL_API [[gnu::visibility("default")]]
#else
#define AUDIT_TRAIL_API
#endif
