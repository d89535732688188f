#include "etcd/calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::etcd {

/// A request until its answer, over as many endpoints as it takes.
struct Calls::Call {
    std::uint64_t id;
    Message message;
    Repeat repeat;
    Done done;
    bool is_authentication = false;
    bool has_authenticated_again = false;
    /// What was sent to an endpoint before this one may have been done.
    bool is_doubtful = false;
    std::set<std::string> tried = {};
    std::string endpoint = {};
    std::string token = {};
    http::Transfer transfer = {};
};

Calls::Listener::Listener(Calls& calls) : calls_{&calls}, id_{++calls.last_listener_} {
    calls.listeners_[id_] = this;
}

Calls::Listener::~Listener() {
    if (calls_ != nullptr) {
        calls_->listeners_.erase(id_);
    }
}

Calls::Calls(event::Loop& loop, Settings settings)
    : loop_{loop},
      settings_{std::move(settings)},
      row_{settings_.endpoints},
      http_{loop,
            {.ca_file = settings_.ca_file,
             .cert_file = settings_.cert_file,
             .key_file = settings_.key_file}} {
    if (!has_user()) {
        token_ = "";
    }
}

Calls::~Calls() {
    for (const auto& [id, listener] : listeners_) {
        listener->calls_ = nullptr;
    }
}

void Calls::post(Message message, Repeat repeat, Done done) {
    start(add(std::move(message), repeat, std::move(done)));
}

Calls::Call& Calls::add(Message message, Repeat repeat, Done done) {
    const std::uint64_t id = ++last_id_;
    auto& call = calls_[id];
    call = std::make_unique<Call>(
        Call{.id = id, .message = std::move(message), .repeat = repeat, .done = std::move(done)});
    return *call;
}

void Calls::start(Call& call) {
    when_authenticated([this, &call](std::optional<Failure> failure) {
        if (failure) {
            failure->may_have_happened = call.is_doubtful;
            finish(call, std::move(*failure));
        } else {
            send(call);
        }
    });
}

void Calls::send(Call& call) {
    call.endpoint = *row_.first_but(call.tried);
    call.token = token();
    http::Exchange request = exchange(call.endpoint, call.message);
    request.limit = settings_.request_limit;
    request.only_once = call.repeat == Repeat::never;
    request.on_end = [this, &call](http::Outcome outcome) { answered(call, std::move(outcome)); };
    call.transfer = http_.begin(std::move(request));
}

void Calls::answered(Call& call, http::Outcome outcome) {
    const auto refusal = refusal_in(outcome);
    if (!refusal) {
        finish(call, Reply{call.endpoint, std::move(std::get<http::Answer>(outcome).body)});
        return;
    }
    if (refusal->needs_no_token && call.is_authentication) {
        token_ = "";
        finish(call, Reply{call.endpoint, {}});
        return;
    }
    if (refusal->authenticate && has_user() && !call.is_authentication &&
        !std::exchange(call.has_authenticated_again, true)) {
        forget_token(call.token);
        start(call);
        return;
    }
    call.is_doubtful = call.is_doubtful || !refusal->is_undone;
    Failure failure = failure_at(call.endpoint, *refusal);
    failure.may_have_happened = call.is_doubtful;
    if (refusal->ask_elsewhere) {
        call.tried.insert(call.endpoint);
        fail(call.endpoint, failure);
        const bool may_repeat = call.repeat == Repeat::allowed || !call.is_doubtful;
        if (may_repeat && row_.first_but(call.tried) != nullptr) {
            send(call);
            return;
        }
    }
    finish(call, std::move(failure));
}

void Calls::finish(Call& call, Answer<Reply> answer) {
    const auto owner = std::move(calls_.extract(call.id).mapped());
    owner->transfer.reset();
    owner->done(std::move(answer));
}

void Calls::when_authenticated(std::function<void(std::optional<Failure>)> ready) {
    if (token_) {
        ready(std::nullopt);
        return;
    }
    waiting_for_token_.push_back(std::move(ready));
    if (waiting_for_token_.size() == 1) {
        authenticate();
    }
}

void Calls::authenticate() {
    std::string password;
    try {
        auto text = base::try_read_file(settings_.password_file);
        if (!text) {
            throw std::runtime_error{
                fmt::format("open {}: there is no such file", settings_.password_file.native())};
        }
        password = std::move(*text);
    } catch (const std::exception& error) {
        const Failure failure{
            .kind = Failure::Kind::denied,
            .text = fmt::format("read the password for etcd: {}", base::printable(error.what()))};
        later_ = loop_.after({}, [this, failure] { authenticated(failure); });
        return;
    }
    if (password.ends_with('\n')) {
        password.pop_back();
    }
    Call& call = add(authenticate_message(settings_.user, password), Repeat::allowed,
                     [this](Answer<Reply> answer) { take_token(std::move(answer)); });
    call.is_authentication = true;
    send(call);
}

void Calls::take_token(Answer<Reply> answer) {
    if (auto* failure = std::get_if<Failure>(&answer)) {
        authenticated(std::move(*failure));
        return;
    }
    const auto& reply = std::get<Reply>(answer);
    try {
        if (!token_) {
            token_ = read_token(reply.body);
        }
    } catch (const std::invalid_argument& error) {
        authenticated(failure_at(reply.endpoint, {.reason = error.what()}));
        return;
    }
    authenticated(std::nullopt);
}

void Calls::authenticated(std::optional<Failure> failure) {
    // Whoever is called may wait for the next token.
    for (const auto& ready : std::exchange(waiting_for_token_, {})) {
        ready(failure);
    }
}

http::Exchange Calls::exchange(const std::string& endpoint, const Message& message) const {
    http::Exchange out{
        .request = {.method = "POST",
                    .url = endpoint + message.path,
                    .headers = {"Content-Type: application/json",
                                // A member without a leader says so, and does not
                                // wait for one.
                                "Grpc-Metadata-hasleader: true"},
                    .body = message.body},
        .connect_limit = std::min(settings_.request_limit / 3, std::chrono::milliseconds{1000})};
    if (!token().empty()) {
        out.request.headers.push_back("Authorization: " + token());
    }
    return out;
}

void Calls::forget_token(const std::string& token) {
    if (token_ == token) {
        token_.reset();
    }
}

void Calls::fail(const std::string& endpoint, const Failure& why) {
    row_.to_the_end(endpoint);
    // What one is told may destroy others, and make new ones, which this is not for.
    const std::uint64_t last = last_listener_;
    for (auto at = listeners_.begin(); at != listeners_.end() && at->first <= last;) {
        const std::uint64_t id = at->first;
        at->second->endpoint_failed(endpoint, why);
        at = listeners_.upper_bound(id);
    }
}

Failure failure_at(const std::string& endpoint, const Refusal& refusal) {
    return {.kind = refusal.kind,
            .text = fmt::format("etcd at {}: {}", endpoint, refusal.reason),
            .may_have_happened = !refusal.is_undone};
}

}  // namespace ccci::etcd
