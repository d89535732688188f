#pragma once

#include <string>
#include <vector>

#include "bridge/state.hpp"
#include "gitea/payload.hpp"

namespace ccci::bridge {

/// What comes of a comment.
enum class Admission {
    admitted,
    no_trigger,          ///< a comment like any other
    unknown_repository,  ///< not one of the configuration
    known,               ///< it was a trigger before
    too_old,  ///< from before the repository was looked at first, or before what is remembered
    edited,   ///< what it said at first is not known
    strange,  ///< its numbers or names are none
};

/// For a log: "a comment like any other".
std::string_view describe(Admission admission);

/// Whether a comment is a new trigger; if so, the state has its errand afterwards, and the comment
/// is known from then on. `repositories`: those of the configuration. `delivery`: the id of the
/// webhook's delivery, empty for a comment that was found by polling.
Admission admit(State& state, const gitea::Comment& comment, const std::string& delivery,
                const std::vector<std::string>& repositories);

/// Polling has begun: nothing from before is a trigger.
void begin_polling(Repository& repository, Time now);

}  // namespace ccci::bridge
