#include "http/async_client.hpp"

#include <exception>
#include <map>
#include <utility>
#include <vector>

#include "http/transfer.hpp"

namespace ccci::http {

Transfer::Transfer() noexcept = default;
Transfer::Transfer(std::shared_ptr<State> state) noexcept : state_{std::move(state)} {}
Transfer::Transfer(Transfer&& other) noexcept = default;
Transfer& Transfer::operator=(Transfer&& other) noexcept {
    if (this != &other) {
        reset();
        state_ = std::move(other.state_);
    }
    return *this;
}
Transfer::~Transfer() {
    reset();
}

void Transfer::reset() noexcept {
    if (const auto state = std::exchange(state_, nullptr)) {
        state->stop();
    }
}

/// libcurl's multi handle, driven by the loop: it says which sockets and which time it waits for.
class AsyncClient::Multi {
public:
    Multi(event::Loop& loop, Tls tls);
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;
    ~Multi();

    std::shared_ptr<Transfer::State> add(Exchange exchange);

private:
    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept;
    static int on_timer(CURLM*, long milliseconds, void* self) noexcept;
    void watch_socket(curl_socket_t socket, int what);
    void act(curl_socket_t socket, int events);
    void call_back();

    event::Loop& loop_;
    Tls tls_;
    std::map<curl_socket_t, event::Source> sockets_;
    event::Source timer_;
    /// What a callback of libcurl could not do, since nothing may be thrown through libcurl.
    std::exception_ptr failure_;
    std::map<CURL*, std::weak_ptr<Transfer::State>> transfers_;
    MultiHandle handle_ = make_multi_handle();
};

AsyncClient::Multi::Multi(event::Loop& loop, Tls tls) : loop_{loop}, tls_{std::move(tls)} {
    timer_ = loop_.after({}, [this] { act(CURL_SOCKET_TIMEOUT, 0); });
    timer_.enable(false);
    CURLM* multi = handle_.get();
    (void)::curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
    (void)::curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    (void)::curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &on_timer);
    (void)::curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
}

AsyncClient::Multi::~Multi() {
    for (const auto& [handle, weak] : transfers_) {
        if (const auto transfer = weak.lock()) {
            transfer->stop();
        }
    }
}

std::shared_ptr<Transfer::State> AsyncClient::Multi::add(Exchange exchange) {
    auto transfer = std::make_shared<Transfer::State>(handle_.get(), tls_, std::move(exchange));
    transfers_[transfer->handle()] = transfer;
    return transfer;
}

int AsyncClient::Multi::on_socket(CURL*, curl_socket_t socket, int what, void* self,
                                  void*) noexcept {
    auto& multi = *static_cast<Multi*>(self);
    try {
        multi.watch_socket(socket, what);
        return 0;
    } catch (...) {
        multi.failure_ = std::current_exception();
        return -1;
    }
}

void AsyncClient::Multi::watch_socket(curl_socket_t socket, int what) {
    if (what == CURL_POLL_REMOVE) {
        sockets_.erase(socket);
        return;
    }
    const std::uint32_t events = ((what & CURL_POLL_IN) != 0 ? std::uint32_t{EPOLLIN} : 0U) |
                                 ((what & CURL_POLL_OUT) != 0 ? std::uint32_t{EPOLLOUT} : 0U);
    if (const auto found = sockets_.find(socket); found != sockets_.end()) {
        found->second.set_events(events);
        return;
    }
    sockets_[socket] = loop_.on_io(socket, events, [this, socket](std::uint32_t happened) {
        int flags = 0;
        flags |= (happened & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
        flags |= (happened & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
        flags |= (happened & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0;
        act(socket, flags);
    });
}

int AsyncClient::Multi::on_timer(CURLM*, long milliseconds, void* self) noexcept {
    auto& timer = static_cast<Multi*>(self)->timer_;
    if (milliseconds < 0) {
        timer.enable(false);
    } else {
        timer.set_time(std::chrono::steady_clock::now() + std::chrono::milliseconds{milliseconds});
    }
    return 0;
}

void AsyncClient::Multi::act(curl_socket_t socket, int events) {
    int running = 0;
    (void)::curl_multi_socket_action(handle_.get(), socket, events, &running);
    if (failure_) {
        std::rethrow_exception(std::exchange(failure_, nullptr));
    }
    call_back();
}

// Outside of libcurl: from within its callbacks nothing could be begun or destroyed.
void AsyncClient::Multi::call_back() {
    std::vector<std::shared_ptr<Transfer::State>> alive;
    for (auto at = transfers_.begin(); at != transfers_.end();) {
        auto transfer = at->second.lock();
        if (transfer && !transfer->is_stopped()) {
            alive.push_back(std::move(transfer));
            ++at;
        } else {
            at = transfers_.erase(at);
        }
    }
    std::map<CURL*, CURLcode> done;
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(handle_.get(), &left)) {
        if (message->msg == CURLMSG_DONE) {
            done[message->easy_handle] = message->data.result;
        }
    }
    for (const auto& transfer : alive) {
        if (transfer->is_stopped()) {
            continue;  // a callback before this one did that
        }
        if (const auto end = done.find(transfer->handle()); end != done.end()) {
            transfer->finish(end->second);
        } else {
            transfer->deliver();
        }
    }
}

AsyncClient::AsyncClient(event::Loop& loop, Tls tls)
    : multi_{std::make_unique<Multi>(loop, std::move(tls))} {}

AsyncClient::~AsyncClient() = default;

Transfer AsyncClient::begin(Exchange exchange) {
    return Transfer{multi_->add(std::move(exchange))};
}

}  // namespace ccci::http
