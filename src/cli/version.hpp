#pragma once

namespace audit_trail::cli {

/// The version and the revision of git, for example "0.1.0 (revision 0123456789ab-dirty)". The build generates the file
/// with its definition.
extern char const version_text[];

}  // namespace audit_trail::cli
