#include "etcd/stream.hpp"

#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace ccci::etcd {

using Kind = Failure::Kind;

namespace {

/// etcd takes no request of more than two mebibytes; a batch of a thousand revisions may be long.
constexpr std::size_t k_longest_line = std::size_t{64} << 20;

}  // namespace

Watch::Watch() noexcept = default;
Watch::Watch(std::shared_ptr<Stream> stream) noexcept : stream_{std::move(stream)} {}
Watch::Watch(Watch&& other) noexcept = default;
Watch& Watch::operator=(Watch&& other) noexcept {
    if (this != &other) {
        if (const auto old = std::exchange(stream_, std::move(other.stream_))) {
            old->stop();
        }
    }
    return *this;
}
Watch::~Watch() {
    if (stream_) {
        stream_->stop();
    }
}

Watch::Stream::Stream(Calls& calls, const Keys& keys, std::int64_t from_revision,
                      std::function<void(Batch)> on_events, std::function<void(Failure)> on_end)
    : Listener{calls},
      message_{watch_message(keys, from_revision)},
      from_revision_{from_revision},
      on_events_{std::move(on_events)},
      on_end_{std::move(on_end)} {}

void Watch::Stream::start() {
    endpoint_.clear();
    calls()->when_authenticated([weak = weak_from_this()](std::optional<Failure> failure) {
        const auto self = weak.lock();
        if (!self || self->is_over_) {
            return;
        }
        if (failure) {
            self->end(std::move(*failure));
        } else {
            self->send();
        }
    });
}

void Watch::Stream::send() {
    ++attempt_;
    text_.clear();
    endpoint_ = calls()->front();
    token_ = calls()->token();
    http::Exchange request = calls()->exchange(endpoint_, message_);
    request.limit = {};
    request.on_body = [this](std::string_view piece) { take(piece); };
    request.on_end = [this](const http::Outcome& outcome) { ended(outcome); };
    transfer_ = calls()->begin(std::move(request));
    until_it_stands_ = calls()->loop().after(calls()->limit(), [this] {
        fail({.kind = Kind::unreachable, .reason = "no answer in time", .ask_elsewhere = true});
    });
}

void Watch::Stream::stop() noexcept {
    is_over_ = true;
    transfer_.reset();
    until_it_stands_.reset();
}

void Watch::Stream::endpoint_failed(const std::string& endpoint, const Failure& why) {
    if (!is_over_ && endpoint == endpoint_) {
        end(why);
    }
}

void Watch::Stream::take(std::string_view piece) {
    const auto self = shared_from_this();  // a callback may let go of it
    const int attempt = attempt_;
    text_ += piece;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text_.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
        take_line(std::string_view{text_}.substr(begin, end - begin));
        if (is_over_ || attempt_ != attempt) {
            return;
        }
    }
    text_.erase(0, begin);
    if (text_.size() > k_longest_line) {
        fail({.kind = Kind::refused, .reason = "a line without an end"});
    }
}

void Watch::Stream::take_line(std::string_view line) {
    if (base::trim(line).empty()) {
        return;
    }
    if (const auto refusal = read_refusal(line)) {
        take_refusal(*refusal);
        return;
    }
    WatchLine news;
    try {
        news = read_watch_line(line);
    } catch (const std::invalid_argument& error) {
        fail({.kind = Kind::refused, .reason = error.what()});
        return;
    }
    if (news.cancelled) {
        take_refusal(refusal_of(news));
        return;
    }
    if (news.created && !std::exchange(stands_, true)) {
        until_it_stands_.reset();
        on_events_({.revision = from_revision_ - 1});
    }
    if (!is_over_ && !news.events.empty()) {
        const std::int64_t revision = news.events.back().value.mod_revision;
        on_events_({.revision = revision, .events = std::move(news.events)});
    }
}

void Watch::Stream::take_refusal(const Refusal& refusal) {
    if (refusal.authenticate && !stands_ && calls()->has_user() &&
        !std::exchange(has_authenticated_again_, true)) {
        ++attempt_;
        transfer_.reset();
        until_it_stands_.reset();
        calls()->forget_token(token_);
        start();
        return;
    }
    fail(refusal);
}

void Watch::Stream::ended(const http::Outcome& outcome) {
    const auto self = shared_from_this();
    const int attempt = attempt_;
    if (!text_.empty()) {
        take_line(std::exchange(text_, {}));  // an error has no end of the line
    }
    if (is_over_ || attempt_ != attempt) {
        return;
    }
    fail(refusal_in(outcome).value_or(Refusal{
        .kind = Kind::unreachable, .reason = "the member ended the watch", .ask_elsewhere = true}));
}

void Watch::Stream::fail(const Refusal& refusal) {
    const auto self = shared_from_this();
    Failure failure = failure_at(endpoint_, refusal);
    failure.may_have_happened = false;
    if (refusal.ask_elsewhere) {
        calls()->fail(endpoint_, failure);  // which ends this one with the others there
    } else {
        end(std::move(failure));
    }
}

void Watch::Stream::end(Failure failure) {
    const auto self = shared_from_this();
    stop();
    on_end_(std::move(failure));
}

}  // namespace ccci::etcd
