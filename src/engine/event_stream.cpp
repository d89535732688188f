#include "engine/event_stream.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "engine/transfer.hpp"
#include "http/easy.hpp"

namespace ccci::engine {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::size_t note_event(char*, std::size_t, std::size_t size, void* flag) noexcept {
    *static_cast<bool*>(flag) = true;
    return size;
}

milliseconds left_until(steady_clock::time_point until) {
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(until - steady_clock::now()));
}

}  // namespace

/// One connection with one request that does not end.
class EventStream::Subscription {
public:
    Subscription(const std::filesystem::path& socket, const std::string& path) {
        // The engine answers before it subscribes. "since" makes it send what happened in between.
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
        const std::string url = fmt::format("http://docker{}&since={}.{:06}", path,
                                            micros / 1'000'000, micros % 1'000'000);
        CURL* handle = easy_.get();
        prepare(handle, socket);
        (void)::curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        (void)::curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
        (void)::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, note_event);
        (void)::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &happened_);
        (void)::curl_multi_add_handle(multi_.get(), handle);
    }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription() { (void)::curl_multi_remove_handle(multi_.get(), easy_.get()); }

    /// Takes what has arrived. False when the stream has ended.
    bool advance() {
        int running = 0;
        return ::curl_multi_perform(multi_.get(), &running) == CURLM_OK && running > 0;
    }

    void sleep(milliseconds span) {
        (void)::curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(span.count()), nullptr);
    }

    bool take_event() { return std::exchange(happened_, false); }

private:
    http::EasyHandle easy_ = http::make_easy_handle();
    http::MultiHandle multi_ = http::make_multi_handle();
    bool happened_ = false;
};

EventStream::EventStream(Client& client, Filters filters)
    : socket_{client.socket()},
      path_{fmt::format("/v{}/events{}", client.version(), query(filters))},
      subscription_{std::make_unique<Subscription>(socket_, path_)} {
    (void)subscription_->advance();
}

EventStream::~EventStream() = default;

bool EventStream::wait(steady_clock::time_point until) {
    if (!subscription_) {
        subscription_ = std::make_unique<Subscription>(socket_, path_);
    }
    for (;;) {
        const bool alive = subscription_->advance();
        if (subscription_->take_event()) {
            return true;
        }
        const milliseconds left = left_until(until);
        if (!alive) {
            // Without an engine there is no event to wait for: only the time goes by.
            subscription_.reset();
            (void)::poll(nullptr, 0, static_cast<int>(left.count()));
            return false;
        }
        if (left.count() == 0) {
            return false;
        }
        subscription_->sleep(std::min(left, milliseconds{60'000}));
    }
}

}  // namespace ccci::engine
