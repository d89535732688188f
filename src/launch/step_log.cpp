#include "launch/step_log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "base/colour.hpp"

namespace ccci::launch {

namespace {

constexpr std::size_t k_output_limit = std::size_t{1} << 20;

std::string prefix_on(int fd) {
    return base::may_colour(fd) ? base::paint(base::Colour::dim, "cc-ci:") : "cc-ci:";
}

}  // namespace

StepLog::StepLog(event::Loop& loop, bool merged, std::function<void()> on_room)
    : out_{loop, STDOUT_FILENO, k_output_limit, on_room},
      err_{loop, STDERR_FILENO, k_output_limit, on_room},
      merged_{merged},
      prefix_{prefix_on(merged ? STDOUT_FILENO : STDERR_FILENO)} {}

void StepLog::write(Place place, std::string_view bytes) {
    if (bytes.empty()) {
        return;
    }
    place.mid_line = bytes.back() != '\n';
    last_word_ = std::chrono::steady_clock::now();
    place.outlet.write(bytes);
}

void StepLog::out(std::string_view bytes) {
    write({out_, out_mid_line_}, bytes);
}

void StepLog::err(std::string_view bytes) {
    write({err_, err_mid_line_}, bytes);
}

void StepLog::say(std::string_view text) {
    const Place place = merged_ ? Place{out_, out_mid_line_} : Place{err_, err_mid_line_};
    write(place, fmt::format("{}{} {}\n", place.mid_line ? "\n" : "", prefix_, text));
}

}  // namespace ccci::launch
