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
    auto core = std::make_shared<detail::writer_core>(std::move(executor), std::move(root), options);
    core->open(ec);
    return ec ? writer() : writer(std::move(core));
}

writer& writer::operator=(writer&& other) noexcept {
    if (this == &other) return *this;
    let_go();
    core_ = std::move(other.core_);
    return *this;
}

writer::~writer() {
    let_go();
}

void writer::let_go() noexcept {
    if (core_) core_->let_go();
    core_.reset();
}

writer_stats writer::stats() const {
    return core_->stats();
}

recovery_report const& writer::recovery() const noexcept {
    return core_->recovery();
}

writer::executor_type writer::get_executor() const {
    return core_->executor();
}

}  // namespace audit_trail
