#pragma once

#include <optional>
#include <string>

#include "launch/carrier.hpp"
#include "systemd/manager.hpp"

namespace ccci::launch {

/// A transient service. systemd keeps the lock and the link until the unit is inactive or failed.
class ServiceCarrier : public Carrier {
public:
    /// Throws systemd::ManagerError when that systemd cannot be reached.
    explicit ServiceCarrier(systemd::Which which);

    [[nodiscard]] std::string unit_name(const std::string& run) const override;
    [[nodiscard]] std::string manager() const override;
    [[nodiscard]] bool has_unit() const override { return true; }
    void start(const Load& load, base::UniqueFd link,
               std::optional<locks::DomainLock> lock) override;
    void stop() override;
    void finish(const run::RunDir& dir, bool told, bool cancelled,
                const std::function<void(link::Kind, std::string_view)>& tell) override;

private:
    /// Asks for the start until there is an answer, or it is plain that there will be none.
    void start_surely(const systemd::TransientService& service);

    systemd::Which which_;
    std::optional<systemd::Manager> manager_;  ///< until the start
    std::string unit_;
};

}  // namespace ccci::launch
