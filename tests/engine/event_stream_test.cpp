#include "engine/event_stream.hpp"

#include "engine/engine_error.hpp"
#include "engine/fake_engine.hpp"
#include "support/temp_dir.hpp"

namespace ccci::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

const std::string k_stream = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string k_event = "e\r\n{\"Type\":\"x\"}\r\n\r\n";

class EventStreamTest : public testing::Test {
protected:
    /// Answers the n-th request for events with `answer(n)`.
    void serve(std::function<std::string(int)> answer) {
        engine_.emplace(socket_, [answer](const std::string& request, int connection) {
            return request.starts_with("GET /_ping") ? test::http("OK") : answer(connection - 1);
        });
    }

    /// The result, and how long it took in multiples of the time that was given.
    std::pair<bool, double> wait(EventStream& events, milliseconds span) {
        const auto begin = steady_clock::now();
        const bool event = events.wait(begin + span);
        return {event, std::chrono::duration<double>(steady_clock::now() - begin) / span};
    }

    /// As a caller waits: never for long at a time.
    bool wait_in_rounds(EventStream& events) {
        for (int round = 0; round < 100; ++round) {
            if (events.wait(steady_clock::now() + 100ms)) {
                return true;
            }
        }
        return false;
    }

    test::TempDir dir_;
    std::filesystem::path socket_ = dir_.path() / "docker.sock";
    std::optional<test::FakeEngine> engine_;
    Client client_{socket_};
};

TEST_F(EventStreamTest, WakesUpForAnEventAndOnlyOnceForEach) {
    serve([](int) { return k_stream + k_event; });
    EventStream events{client_, {{"type", {"container"}}}};

    const auto [first, first_took] = wait(events, 10s);
    EXPECT_TRUE(first);
    EXPECT_LT(first_took, 0.5);

    const auto [second, second_took] = wait(events, 50ms);
    EXPECT_FALSE(second);
    EXPECT_GE(second_took, 1.0);
}

TEST_F(EventStreamTest, KeepsToTheTimeWhenTheEngineRefuses) {
    serve([](int) { return test::http("{\"message\":\"no\"}", "500 Internal Server Error"); });
    EventStream events{client_, {}};

    const auto [event, took] = wait(events, 50ms);

    EXPECT_FALSE(event);
    EXPECT_GE(took, 1.0);
}

TEST_F(EventStreamTest, IsMadeAnewAfterTheConnectionWasLost) {
    serve([](int number) { return number == 0 ? "close:" + k_stream : k_stream + k_event; });
    EventStream events{client_, {}};

    EXPECT_TRUE(wait_in_rounds(events));
}

TEST_F(EventStreamTest, OutlivesARestartOfTheEngine) {
    serve([](int) { return k_stream; });
    EventStream events{client_, {}};
    EXPECT_FALSE(wait(events, 20ms).first);

    engine_->stop();
    const auto [event, took] = wait(events, 50ms);
    EXPECT_FALSE(event);
    EXPECT_GE(took, 1.0);

    serve([](int) { return k_stream + k_event; });
    EXPECT_TRUE(wait_in_rounds(events));
}

TEST_F(EventStreamTest, NeedsAnEngineToBegin) {
    EXPECT_THROW((EventStream{client_, {}}), EngineError);
}

}  // namespace
}  // namespace ccci::engine
