#pragma once

#include <array>
#include <string>

#include "http/async_client.hpp"
#include "http/easy.hpp"

namespace ccci::http {

/// One exchange of an AsyncClient, from its begin to its end. Borrowed by libcurl, so it stays
/// where it is.
class Transfer::State {
public:
    State(CURLM* multi, const Tls& tls, Exchange exchange);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { stop(); }

    [[nodiscard]] CURL* handle() const { return easy_.get(); }
    [[nodiscard]] bool is_stopped() const { return multi_ == nullptr; }

    /// libcurl forgets it, and nobody is called any more.
    void stop() noexcept;
    /// Hands out what has come of a streamed body.
    void deliver();
    /// libcurl is done with it: the last pieces, and the end.
    void finish(CURLcode code);

private:
    static int before_request(void* state, char*, char*, int, int) noexcept;
    [[nodiscard]] Broken broken(CURLcode code) const;

    CURLM* multi_;  ///< null: stopped
    Exchange exchange_;
    HeaderList headers_;
    Answer answer_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    int requests_ = 0;  ///< how often libcurl set about sending it
    EasyHandle easy_ = make_easy_handle();
};

}  // namespace ccci::http
