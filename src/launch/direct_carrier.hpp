#pragma once

#include <optional>
#include <string>

#include "base/process.hpp"
#include "launch/carrier.hpp"
#include "systemd/manager.hpp"

namespace ccci::launch {

/// The harness as our own child; we keep the lock until its end, and finish for it if it dies.
/// The harness watches the deadline itself; with a scope around it systemd does, too, and adds the
/// limits.
class DirectCarrier : public Carrier {
public:
    /// `scope`: the manager to ask for a scope; nullopt: none.
    explicit DirectCarrier(std::optional<systemd::Which> scope);

    [[nodiscard]] std::string unit_name(const std::string& run) const override;
    [[nodiscard]] std::string manager() const override;
    [[nodiscard]] bool has_unit() const override { return false; }
    void start(const Load& load, base::UniqueFd link,
               std::optional<locks::DomainLock> lock) override;
    void stop() override;
    void finish(const run::RunDir& dir, bool told, bool cancelled,
                const std::function<void(link::Kind, std::string_view)>& tell) override;

private:
    void stop_scope() const;

    std::optional<systemd::Which> scope_;
    std::string scope_name_;
    std::optional<systemd::Manager> manager_;
    std::optional<base::Child> child_;
    std::optional<locks::DomainLock> lock_;
};

}  // namespace ccci::launch
