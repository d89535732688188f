#include "engine/client.hpp"

#include <fcntl.h>

#include <cstdlib>

#include "engine/engine_error.hpp"
#include "engine/fake_engine.hpp"
#include "support/temp_dir.hpp"

namespace ccci::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The request's first line and what connection it came by, as JSON.
std::string echo(const std::string& request, int connection) {
    return test::http(nlohmann::json{
        {"line", request.substr(0, request.find("\r\n"))},
        {"body", request.substr(request.find("\r\n\r\n") + 4)},
        {"connection",
         connection}}.dump());
}

class ClientTest : public testing::Test {
protected:
    std::string error_of_get(const std::string& target = "/services") {
        try {
            (void)client_.get(target).value();
        } catch (const EngineError& error) {
            transient_ = error.transient();
            return error.what();
        }
        return "no error";
    }

    test::TempDir dir_;
    std::filesystem::path socket_ = dir_.path() / "docker.sock";
    Client client_{socket_};
    bool transient_ = false;
};

TEST(QueryTest, EncodesEverythingThatCouldEndOrSplitIt) {
    EXPECT_EQ(query({{"label", {"a.b=x&y/z"}}}),
              "?filters=%7B%22label%22%3A%5B%22a.b%3Dx%26y%2Fz%22%5D%7D");
    EXPECT_EQ(query({}, "&all=true"), "?filters=%7B%7D&all=true");
}

TEST_F(ClientTest, SpeaksTheEnginesVersionWhenThatIsOlder) {
    test::FakeEngine engine{socket_, echo};

    EXPECT_EQ(client_.get("/services").value()["line"], "GET /v1.41/services HTTP/1.1");
}

TEST_F(ClientTest, NeverSpeaksAVersionThatItDoesNotKnow) {
    test::FakeEngine engine{socket_, [](const std::string& request, int) {
                                return test::http("\"" + request.substr(0, 20) + "\"", "200 OK",
                                                  "Api-Version: 1.99\r\n");
                            }};

    EXPECT_EQ(client_.get("/services").value(), "GET /v1.44/services ");
}

TEST_F(ClientTest, AsksForTheVersionOnceAndKeepsItsConnection) {
    test::FakeEngine engine{socket_, echo};

    (void)client_.get("/a");
    (void)client_.post("/b", {{"key", 1}});
    (void)client_.post("/c");
    (void)client_.remove("/d");

    EXPECT_EQ(client_.get("/e").value()["connection"], 0);
}

TEST_F(ClientTest, SendsABodyOnlyWithAPost) {
    test::FakeEngine engine{socket_, echo};

    EXPECT_EQ(client_.post("/x", {{"key", 1}}).value()["body"], "{\"key\":1}");
    EXPECT_EQ(client_.remove("/x").value()["line"], "DELETE /v1.41/x HTTP/1.1");
    EXPECT_EQ(client_.get("/x").value()["body"], "");
}

TEST_F(ClientTest, TellsAFailureInTheEnginesWords) {
    test::FakeEngine engine{socket_, [](const std::string&, int) {
                                return test::http(
                                    "{\"message\":\"This node is not a swarm "
                                    "manager.\"}",
                                    "503 Service Unavailable");
                            }};

    EXPECT_EQ(error_of_get("/services?filters=x"),
              "docker GET /services: This node is not a swarm manager.");
    EXPECT_TRUE(transient_);
}

TEST_F(ClientTest, TakesAnAnswerOfFailureForAnAnswer) {
    test::FakeEngine engine{socket_, [](const std::string& request, int) {
                                return request.starts_with("GET /_ping")
                                           ? test::http("OK")
                                           : test::http("404 page not found\n", "404 Not Found");
                            }};

    const Answer answer = client_.get("/nowhere");

    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.message(), "404 page not found");
}

TEST_F(ClientTest, SaysWhenThereIsNoEngine) {
    EXPECT_EQ(error_of_get(), "connect to docker at " + socket_.native() +
                                  ": No such file or directory; is the Docker engine running?");
    EXPECT_TRUE(transient_);
}

TEST_F(ClientTest, SaysWhenTheEngineIsDown) {
    test::FakeEngine engine{socket_, echo};
    engine.stop();

    EXPECT_EQ(error_of_get(), "connect to docker at " + socket_.native() +
                                  ": Connection refused; is the Docker engine running?");
}

TEST_F(ClientTest, ConnectsAnewAfterTheEngineWasRestarted) {
    std::optional<test::FakeEngine> engine{std::in_place, socket_, echo};
    (void)client_.get("/services").value();

    engine.reset();
    engine.emplace(socket_, echo);

    EXPECT_EQ(error_of_get(), "no error");
}

TEST_F(ClientTest, WaitsNoLongerThanItsDeadline) {
    test::FakeEngine engine{socket_, [](const std::string& request, int connection) {
                                if (!request.starts_with("GET /_ping")) {
                                    ::pause();
                                }
                                return echo(request, connection);
                            }};
    const auto begin = steady_clock::now();
    client_.set_deadline(begin + milliseconds{150});

    EXPECT_EQ(error_of_get(), "docker GET /services: no answer in time");

    EXPECT_TRUE(transient_);
    EXPECT_LT(steady_clock::now() - begin, milliseconds{1000});
}

TEST_F(ClientTest, LeavesTheEnvironmentAlone) {
    test::FakeEngine engine{socket_, echo};
    ::setenv("http_proxy", "http://127.0.0.1:9", 1);
    ::setenv("ALL_PROXY", "http://127.0.0.1:9", 1);

    EXPECT_EQ(error_of_get(), "no error");

    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
}

TEST_F(ClientTest, KeepsItsConnectionToItself) {
    test::FakeEngine engine{socket_, echo};
    (void)client_.get("/services");

    int connections = 0;
    for (int fd = 3; fd < 256; ++fd) {
        sockaddr_un peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
            socket_ == peer.sun_path) {
            ++connections;
            EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
        }
    }
    EXPECT_EQ(connections, 1);
}

struct Hostile {
    const char* name;
    std::string answer;
};

void PrintTo(const Hostile& hostile, std::ostream* out) {
    *out << hostile.name;
}

class AnswerTest : public ClientTest {
protected:
    void expect_error_to_the_first_request(const std::string& answer) {
        test::FakeEngine engine{socket_, [&](const std::string&, int) { return answer; }};
        expect_one_short_line("docker GET ");
    }

    void expect_error_to_later_requests(const std::string& answer) {
        test::FakeEngine engine{socket_, [&](const std::string& request, int) {
                                    return request.starts_with("GET /_ping") ? test::http("OK")
                                                                             : answer;
                                }};
        expect_one_short_line("docker GET /services: ");
    }

private:
    void expect_one_short_line(const std::string& begin) {
        const std::string error = error_of_get();
        EXPECT_TRUE(error.starts_with(begin)) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
        EXPECT_LT(error.size(), 700U);
    }
};

class HostileEngineTest : public AnswerTest, public testing::WithParamInterface<Hostile> {};

TEST_P(HostileEngineTest, IsAnErrorToTheFirstRequest) {
    expect_error_to_the_first_request(GetParam().answer);
}

TEST_P(HostileEngineTest, IsAnErrorToLaterRequests) {
    expect_error_to_later_requests(GetParam().answer);
}

const std::string k_odd_version = "Api-Version: 2.0\r\n";

INSTANTIATE_TEST_SUITE_P(
    Answers, HostileEngineTest,
    testing::Values(
        Hostile{"Nothing", ""}, Hostile{"NotHttp", "close:SSH-2.0-OpenSSH_9.2\r\n"},
        Hostile{"OnlyNewlines", "close:\r\n\r\n\r\n"},
        Hostile{"ZeroBytes", "close:" + std::string(100, '\0')},
        Hostile{"CutHeader", "close:HTTP/1.1 200 OK\r\nApi-Ver"},
        Hostile{"CutBody", "close:HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,2"},
        Hostile{"BadChunk",
                "close:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n"},
        Hostile{"Html", test::http("<html>log in\n\nplease</html>", "200 OK", k_odd_version)},
        Hostile{"CutJson", test::http("[{\"ID\":", "200 OK", k_odd_version)},
        Hostile{"BadUtf8", test::http("\"\xff\xfe\"", "200 OK", k_odd_version)},
        Hostile{"Redirect",
                test::http("", "302 Found", k_odd_version + "Location: http://192.0.2.1/\r\n")},
        Hostile{"HugeHeader",
                "close:HTTP/1.1 200 OK\r\nX: " + std::string(2'000'000, 'x') + "\r\n\r\n"},
        Hostile{"MessageOfAnotherType",
                test::http("{\"message\":[1]}", "500 Internal Server Error", k_odd_version)},
        Hostile{"LongMessage", test::http("{\"message\":\"" + std::string(100'000, 'm') + "\\n\"}",
                                          "500 Internal Server Error", k_odd_version)}),
    [](const auto& test) { return test.param.name; });

/// Apart, because every test makes all parameters.
class TalkativeEngineTest : public AnswerTest {
protected:
    const std::string too_much_ =
        test::http("[" + std::string(std::size_t{65} << 20, ' ') + "]", "200 OK", k_odd_version);
};

TEST_F(TalkativeEngineTest, IsAnErrorToTheFirstRequest) {
    expect_error_to_the_first_request(too_much_);
}

TEST_F(TalkativeEngineTest, IsAnErrorToLaterRequests) {
    expect_error_to_later_requests(too_much_);
}

}  // namespace
}  // namespace ccci::engine
