#include "storage/recovery_plan.hpp"

#include <audit_trail/recovery.hpp>
#include <cerrno>

#include "storage/index_file.hpp"
#include "storage/layout.hpp"
#include "storage/recovery.hpp"

namespace audit_trail::storage {
namespace {

std::optional<lock_record> read_last_end(file_system& system, file_handle root, error_code& ec) {
    owned_file const file(system, system.open_file(root, lock_name, open_mode::read, ec));
    if (is_errno(ec, ENOENT)) return ec = {}, std::nullopt;
    bool const is_held = !ec && system.is_locked(file.get(), ec);
    if (is_held) ec = error::locked;
    return ec ? std::nullopt : read_lock_record(system, file.get(), ec);
}

}  // namespace

recovery_report plan_recovery(file_system& system, std::filesystem::path const& path, error_code& ec) {
    recovery_report report;
    bool created = false;
    owned_file const root(system, system.open_root(path, false, created, ec));
    if (ec) return report;
    auto const last_end = read_last_end(system, root.get(), ec);
    if (ec) return report;
    auto const index = index_file(system).read(root.get(), ec);
    if (ec) return report;

    category_table categories;
    dirty_directories directories;
    recovery(system, root.get(), last_end, index, report).plan(categories, directories, ec);
    return report;
}

}  // namespace audit_trail::storage

namespace audit_trail {

recovery_report plan_recovery(std::filesystem::path const& root, error_code& ec) {
    return storage::plan_recovery(storage::posix_file_system(), root, ec);
}

}  // namespace audit_trail
