#pragma once

#include <functional>
#include <string>

#include "bridge/servers.hpp"

namespace ccci::bridge {

/// Looks for new comments in a repository, and hands on each one that was made or edited since the
/// last time. The first time of all only notes when it was.
void poll(const std::string& name, Repository& repository, Servers& servers,
          const std::function<void(const gitea::Comment&)>& take, Time now);

}  // namespace ccci::bridge
