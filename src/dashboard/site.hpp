#pragma once

#include <functional>
#include <memory>
#include <string>

#include "event/loop.hpp"
#include "run/config.hpp"
#include "web/router.hpp"

namespace ccci::dashboard {

/// What the dashboard answers. It reads run directories and the journal, and changes nothing.
class Site {
public:
    /// Gets what went wrong while nobody's request was being answered.
    using OnFailure = std::function<void(const std::string& line)>;

    /// `config` must outlive it.
    Site(event::Loop& loop, const run::Config& config, OnFailure on_failure);
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;
    ~Site();

    /// The router's answers are this object's from now on, which must outlive it.
    void add_to(web::Router& router);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace ccci::dashboard
