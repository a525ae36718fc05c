/// \file
/// What the program tells the shell.
#pragma once

namespace audit_trail::cli {

enum exit_code : int {
    done = 0,
    failed = 1,      ///< something failed or was found
    usage = 2,       ///< the command line was not understood
    by_signal = 128  ///< plus the number of the signal that ended the work
};

}  // namespace audit_trail::cli
