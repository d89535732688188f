#include "harness/phases.hpp"

namespace ccci::harness {

namespace {

void end_last(run::Record& record, run::Time now) {
    if (!record.phases.empty() && !record.phases.back().ended) {
        record.phases.back().ended = now;
    }
}

}  // namespace

void begin_phase(run::Record& record, const std::string& name, run::Time now) {
    end_last(record, now);
    record.phases.push_back({.name = name, .began = now});
    record.phase = name;
}

bool tell_phase(run::Record& record, const std::string& name, bool is_first, run::Time now) {
    if (name == record.phase || record.phases.empty() ||
        record.phases.size() + 1 >= k_most_phases) {
        return false;
    }
    if (is_first) {
        record.phases.back().name = name;
        record.phase = name;
    } else {
        begin_phase(record, name, now);
    }
    return true;
}

void end_phases(run::Record& record, run::Time now) {
    end_last(record, now);
    record.phase = "";
}

}  // namespace ccci::harness
