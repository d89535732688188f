#include "run/request.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <string>

namespace ccci::run {
namespace {

using namespace std::chrono_literals;

Request example_request() {
    std::string all_bytes;
    for (int byte = 1; byte < 256; ++byte) {
        all_bytes += static_cast<char>(byte);
    }
    return {
        .run = "267",
        .run_dir = "/var/lib/cc-ci-runs/267",
        .domain = "immi-ad3e33.ci.example.net",
        .lock_file = "/run/lock/cc-ci-app-immi-ad3e33.ci.example.net.lock",
        .lease = Lease{.keeper = {.argv = {"cc-ci-keeper", "keep"},
                                  .environment = {"A=b"},
                                  .directory = {}},
                       .id = 7587870123456789,
                       .revision = 12,
                       .margin = std::chrono::seconds{90},
                       .until = std::chrono::steady_clock::time_point{std::chrono::hours{5}}},
        .job = {.argv = {"/bin/sh", "-c", all_bytes, ""},
                .environment = {"A=" + all_bytes, "EMPTY=", "\xff=\xfe", std::string(300'000, 'x')},
                .directory = std::filesystem::path{"/tmp/\xff\xfe\n"}},
        .teardown = Program{.argv = {"true"}, .environment = {}, .directory = {}},
        .clean_slate = true,
        .deadline = 60min,
        .teardown_budget = 10min,
        .stop_grace = 10s + 1us,
        .merged_output = false,
        .inherit_stdio = true,
        .detached = true,
        .own_deadline = true,
        .in_unit = false};
}

TEST(RequestTest, ArrivesAsItWasSent) {
    const Request request = example_request();
    Request plain = request;
    plain.teardown.reset();
    plain.clean_slate = false;
    plain.merged_output = true;
    plain.inherit_stdio = false;
    plain.detached = false;
    plain.own_deadline = false;
    plain.in_unit = true;
    plain.domain = "";
    plain.lock_file = "";

    EXPECT_EQ(decode_request(encode(request)), request);
    EXPECT_EQ(decode_request(encode(plain)), plain);
}

TEST(RequestTest, NeedsACommand) {
    Request request = example_request();
    request.job.argv.clear();
    EXPECT_THROW((void)decode_request(encode(request)), std::runtime_error);

    request = example_request();
    request.teardown->argv.clear();
    EXPECT_THROW((void)decode_request(encode(request)), std::runtime_error);
}

TEST(RequestTest, IsRefusedWhereverItIsCutOff) {
    Request request = example_request();
    request.job.environment = {"A=1"};
    const std::string bytes = encode(request);

    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_THROW((void)decode_request(bytes.substr(0, size)), std::runtime_error) << size;
    }
    EXPECT_THROW((void)decode_request(bytes + "x"), std::runtime_error);
}

TEST(RequestTest, IsRefusedWithARuntimeErrorWhateverTheBytes) {
    const std::string good = encode(example_request());
    std::minstd_rand random{17};
    for (int round = 0; round < 5000; ++round) {
        std::string bytes;
        if (round % 2 == 0) {
            bytes.resize(random() % 64);
            for (char& c : bytes) {
                c = static_cast<char>(random());
            }
        } else {
            // The front is where the structure is.
            bytes = good.substr(0, 1500);
            bytes += good.substr(good.size() - 200);
            for (auto changes = 1 + random() % 3; changes > 0; --changes) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
        }
        try {
            (void)decode_request(bytes);
        } catch (const std::runtime_error&) {
            continue;
        }
    }
}

TEST(RequestTest, IsRefusedHoweverDeepItIsNested) {
    for (const char* level : {"\x81", "\x9f", "\xa1\x61k", "\xbf\x61k"}) {
        std::string bytes;
        for (int n = 0; n < 1'000'000; ++n) {
            bytes += level;
        }
        EXPECT_THROW((void)decode_request(bytes), std::runtime_error);
    }
}

TEST(RequestTest, IsRefusedWithTimesThatNoClockHas) {
    for (const auto span : {-1us, std::chrono::microseconds::max(), 877'000h + 0us}) {
        Request request = example_request();
        request.teardown_budget = span;
        EXPECT_THROW((void)decode_request(encode(request)), std::runtime_error) << span.count();
    }
}

TEST(RequestTest, IsRefusedFromAnotherVersion) {
    std::string bytes = encode(example_request());
    const std::string key = "gversion\x01";  // a text of seven bytes, and the number one
    const std::size_t at = bytes.find(key);
    ASSERT_NE(at, std::string::npos);
    bytes[at + key.size() - 1] = 2;

    EXPECT_THROW((void)decode_request(bytes), std::runtime_error);
}

}  // namespace
}  // namespace ccci::run
