#include "run/record.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fuzz/fuzz.hpp"

// The record of a run as JSON. Refused with one of the two documented exceptions, or the same after
// another journey; and what is worked out from it is within what a clock can hold.

namespace ccci::fuzz {

void check(std::string_view input) {
    using nlohmann::json;
    run::Record record;
    try {
        record = json::parse(input).get<run::Record>();
    } catch (const json::exception&) {
        return;
    } catch (const std::invalid_argument&) {
        return;
    }
    const std::string text = json(record).dump();
    require(json::parse(text).get<run::Record>() == record, "the same after a rewrite", text);
    if (const auto end = run::latest_end(record)) {
        require(*end >= *record.started, "the end comes after the start", text);
    }
    if (record.verdict) {
        require(record.verdict->exit_code >= 0 && record.verdict->exit_code <= 255,
                "an exit code of a process", text);
        require(
            (record.verdict->exit_code == 0) == (record.verdict->kind == run::VerdictKind::passed),
            "0 means passed", text);
    }
}

}  // namespace ccci::fuzz
