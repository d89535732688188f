#pragma once

#include <string>

#include "event/loop.hpp"
#include "keeper/tenure.hpp"

namespace ccci::keeper {

/// Passes on what is read from standard input to a tenure; the end of the input is the end of
/// whoever started us.
class Session {
public:
    /// `carried`: the claim is not ours to give up when the input ends.
    Session(event::Loop& loop, Tenure& tenure, bool carried);

private:
    void on_input();
    void on_end();

    event::Loop& loop_;
    Tenure& tenure_;
    bool carried_;
    std::string part_;  ///< of a line
    event::Source input_;
    event::Source patience_;
};

}  // namespace ccci::keeper
