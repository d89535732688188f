#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etcd/codec.hpp"
#include "etcd/failure.hpp"
#include "etcd/refusal.hpp"
#include "etcd/row.hpp"
#include "etcd/settings.hpp"
#include "event/loop.hpp"
#include "http/async_client.hpp"

namespace ccci::etcd {

/// Requests and streams of one client: which endpoint they go to, and the token that they carry.
class Calls {
public:
    enum class Repeat { allowed, never };
    struct Reply {
        std::string endpoint;
        std::string body;
    };
    using Done = std::function<void(Answer<Reply>)>;

    /// Told when an endpoint has failed that requests went to; until it is destroyed.
    class Listener {
    public:
        explicit Listener(Calls& calls);
        Listener(const Listener&) = delete;
        Listener& operator=(const Listener&) = delete;
        virtual ~Listener();
        virtual void endpoint_failed(const std::string& endpoint, const Failure& why) = 0;

    protected:
        /// Null when they are gone.
        [[nodiscard]] Calls* calls() const { return calls_; }

    private:
        friend class Calls;
        Calls* calls_;
        std::uint64_t id_;
    };

    Calls(event::Loop& loop, Settings settings);
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;
    ~Calls();

    /// `done` gets an answer that is no refusal; never from within the call.
    void post(Message message, Repeat repeat, Done done);

    /// Calls back with nothing when there is a token, or when none is needed; perhaps at once.
    void when_authenticated(std::function<void(std::optional<Failure>)> ready);
    /// One exchange at this endpoint with the present token.
    [[nodiscard]] http::Exchange exchange(const std::string& endpoint,
                                          const Message& message) const;
    [[nodiscard]] http::Transfer begin(http::Exchange exchange) {
        return http_.begin(std::move(exchange));
    }

    [[nodiscard]] const std::string& front() const { return row_.front(); }
    [[nodiscard]] std::chrono::milliseconds limit() const { return settings_.request_limit; }
    [[nodiscard]] event::Loop& loop() { return loop_; }
    /// A request carried it, and it is no longer good.
    void forget_token(const std::string& token);
    [[nodiscard]] std::string token() const { return token_.value_or(""); }
    [[nodiscard]] bool has_user() const { return !settings_.user.empty(); }

    /// To the end of the row with it; tells the listeners.
    void fail(const std::string& endpoint, const Failure& why);

private:
    struct Call;

    void start(Call& call);
    void send(Call& call);
    void answered(Call& call, http::Outcome outcome);
    void finish(Call& call, Answer<Reply> answer);
    void authenticate();
    void take_token(Answer<Reply> answer);
    void authenticated(std::optional<Failure> failure);
    Call& add(Message message, Repeat repeat, Done done);

    event::Loop& loop_;
    Settings settings_;
    Row row_;
    http::AsyncClient http_;
    std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, Listener*> listeners_;
    std::uint64_t last_listener_ = 0;
    /// Empty: the cluster wants none.
    std::optional<std::string> token_;
    std::vector<std::function<void(std::optional<Failure>)>> waiting_for_token_;
    event::Source later_;
};

/// "etcd at https://10.0.0.1:2379: no answer in time".
Failure failure_at(const std::string& endpoint, const Refusal& refusal);

}  // namespace ccci::etcd
