#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "bridge/servers.hpp"

namespace ccci::bridge {

/// What the operator has decided.
struct Rules {
    std::vector<std::string> repositories;  ///< "owner/name" of the recipes
    std::string organization;               ///< its members may ask; empty: nobody by that
    std::string branch;                     ///< of Drone's repository, whose pipeline is started
    std::filesystem::path runs_dir;
    std::chrono::microseconds follow_every{};
    std::chrono::microseconds poll_every{};  ///< zero: never
};

/// The parameter that an errand's build can be told by: the id of the comment.
inline constexpr const char* k_trigger_parameter = "CCCI_TRIGGER";

/// Takes an errand from one step to the next. What comes of a request is in the errand; `save` puts
/// the whole state on the disk.
class ErrandWork {
public:
    ErrandWork(Servers& servers, const Rules& rules, std::function<void()> save);

    /// False: the author may not ask, and the errand is to be forgotten.
    [[nodiscard]] bool check_author(Errand& errand, Time now);
    void look_up(Errand& errand, Time now);
    void start(Errand& errand, Time now);
    void find_build(Errand& errand, Time now);
    void follow(Errand& errand, bool may_ask, Time now);
    void give_up(Errand& errand, Time now);

private:
    /// It goes on.
    static void clear_trouble(Errand& errand, Time now);
    static void note_trouble(Errand& errand, const std::string& reason, Time now);
    void end(Errand& errand, const Result& result, Time now);
    void take_build(Errand& errand, const drone::Build& build, Time now);

    Servers& servers_;
    const Rules& rules_;
    std::function<void()> save_;
};

}  // namespace ccci::bridge
