/// \file
/// Exit codes of the program.
#pragma once

namespace audit_trail::cli {

enum exit_code : int {
    done = 0,
    failed = 1,      ///< something failed or was found
    usage = 2,       ///< the command line was not understood
    by_signal = 128  ///< plus N: the program then ends by signal N itself, which a shell shows as 128 + N
};

}  // namespace audit_trail::cli
