#include "run/run_dir.hpp"

#include <fstream>
#include <stdexcept>

#include "fuzz/fuzz.hpp"

// The files of a run directory, whatever is in them: no record, no order, or a whole one.

namespace ccci::fuzz {

namespace {

void put(const std::filesystem::path& file, std::string_view bytes) {
    std::ofstream{file, std::ios::binary | std::ios::trunc}.write(
        bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

void check(std::string_view input) {
    static const run::RunDir k_dir =
        run::RunDir::create(std::filesystem::path{scratch_directory()} / "runs", "267");
    switch (take_byte(input) % 3) {
        case 0: {
            put(k_dir.path() / "run.json", input);
            if (const auto record = k_dir.read()) {
                k_dir.write(*record);
                require(k_dir.read() == record, "the same after a rewrite", input);
            }
            break;
        }
        case 1: {
            put(k_dir.path() / "stop", input);
            if (const auto order = k_dir.read_stop_order()) {
                require(is_printable(order->reason), "a reason is one printable line",
                        order->reason);
                k_dir.order_stop(*order);
                const auto again = k_dir.read_stop_order();
                require(again && again->cause == order->cause, "the same order", input);
            }
            break;
        }
        default: {
            put(k_dir.path() / "request", input);
            try {
                (void)k_dir.read_request();
            } catch (const std::runtime_error&) {
                // Documented: ExecStopPost must not take a broken request for none.
            }
        }
    }
}

}  // namespace ccci::fuzz
