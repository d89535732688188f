#pragma once

#include <functional>

#include "bridge/servers.hpp"

namespace ccci::bridge {

/// Says on the forge how errands are getting on. `save` puts the whole state on the disk.
class Answering {
public:
    Answering(Servers& servers, State& state, std::function<void()> save);

    void set_status(Errand& errand, Time now);
    void write_reply(const PullRequest& pull_request, Time now);

private:
    /// nullopt: it is there now.
    std::optional<Failure> make(const PullRequest& pull_request, Reply& reply,
                                const std::string& text, Time now);

    Servers& servers_;
    State& state_;
    std::function<void()> save_;
};

}  // namespace ccci::bridge
