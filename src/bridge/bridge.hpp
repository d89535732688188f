#pragma once

#include "bridge/admission.hpp"
#include "bridge/answering.hpp"
#include "bridge/errand_work.hpp"
#include "bridge/polling.hpp"
#include "bridge/store.hpp"

namespace ccci::bridge {

/// The bridge between comments and builds: takes comments, and does what is to be done about them,
/// a little at a time, so that the one thread stays free for who wants to bring some. It can be
/// killed at any moment.
class Bridge {
public:
    /// What is borrowed must outlive it. Throws std::runtime_error when what was kept is damaged.
    Bridge(Store& store, gitea::Client& forge, drone::Client& drone, Rules rules, Places places,
           Log log, Time now);
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;
    ~Bridge() = default;

    /// Of a webhook. When it returns with Admission::admitted, that is on the disk.
    Admission take(const gitea::Comment& comment, const std::string& delivery);

    /// Does what is due, for a quarter of a second or one request; returns when there is more to do
    /// if nothing else happens.
    std::optional<Time> act(Time now);

    [[nodiscard]] const State& state() const { return state_; }

private:
    void perform(const Action& action, Time now);
    Errand* find(std::int64_t comment);
    void save();
    void greet_repositories(Time now);

    Store& store_;
    Rules rules_;
    Log log_;
    Surroundings surroundings_;
    Servers servers_;
    State state_;
    State saved_;
    ErrandWork work_;
    Answering answering_;
};

}  // namespace ccci::bridge
