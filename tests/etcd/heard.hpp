#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etcd/failure.hpp"
#include "etcd/values.hpp"

namespace ccci::etcd {

/// What a watch says, in the order in which it says it.
struct Heard {
    std::vector<Event> events = {};
    std::vector<std::int64_t> revisions = {};
    std::optional<Failure> end = {};
    bool stands = false;

    auto on_events() {
        return [this](Batch batch) {
            stands = true;
            for (Event& event : batch.events) {
                EXPECT_LE(event.value.mod_revision, batch.revision);
                events.push_back(std::move(event));
            }
            revisions.push_back(batch.revision);
        };
    }
    auto on_end() {
        return [this](Failure failure) {
            EXPECT_FALSE(end) << "it ended twice";
            end = std::move(failure);
        };
    }
    [[nodiscard]] std::vector<std::string> keys() const {
        std::vector<std::string> names;
        for (const Event& event : events) {
            names.push_back((event.kind == Event::Kind::put ? "+" : "-") + event.value.key);
        }
        return names;
    }
};

}  // namespace ccci::etcd
