#include <audit_trail/writer.hpp>

#include "writer/writer_core.hpp"

namespace audit_trail {

writer writer::open(executor_type executor, std::filesystem::path root, writer_options options) {
    error_code ec;
    writer result = open(std::move(executor), root, options, ec);
    if (ec) throw boost::system::system_error(ec, root.string());
    return result;
}

writer writer::open(executor_type executor, std::filesystem::path root, writer_options options, error_code& ec) {
    if (!executor) {
        ec = error::no_executor;
        return {};
    }
    auto core = std::make_shared<detail::writer_core>(std::move(executor), std::move(root), std::move(options));
    core->open(ec);
    return ec ? writer() : writer(std::move(core));
}

writer& writer::operator=(writer&& other) noexcept {
    if (this == &other) return *this;
    release_handle();
    core_ = std::move(other.core_);
    return *this;
}

writer::~writer() {
    release_handle();
}

void writer::release_handle() noexcept {
    if (core_) core_->release_handle();
    core_.reset();
}

bool writer::is_open() const noexcept {
    return core_ && core_->is_open();
}

writer_stats writer::stats() const {
    return core_ ? core_->stats() : writer_stats();
}

recovery_report const& writer::recovery() const noexcept {
    static recovery_report const none;
    return core_ ? core_->recovery() : none;
}

writer::executor_type writer::get_executor() const {
    return core_ ? core_->home().copy() : executor_type();
}

}  // namespace audit_trail
