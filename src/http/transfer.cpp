#include "http/transfer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <new>
#include <utility>

#include "base/text.hpp"

namespace ccci::http {

namespace {

// A probe after four seconds of silence, and two more two seconds apart.
constexpr long k_idle = 4;
constexpr long k_interval = 2;
constexpr int k_probes = 3;

int set_probes(void*, curl_socket_t socket, curlsocktype) noexcept {
    (void)::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &k_probes, sizeof k_probes);
    return CURL_SOCKOPT_OK;
}

void set_keep_alive(CURL* handle) {
    (void)::curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)::curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, k_idle);
    (void)::curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, k_interval);
    (void)::curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, set_probes);
}

void set_tls(CURL* handle, const Tls& tls) {
    if (!tls.ca_file.empty()) {
        (void)::curl_easy_setopt(handle, CURLOPT_CAINFO, tls.ca_file.c_str());
        // Otherwise the authorities of the system would be trusted as well.
        (void)::curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    }
    if (!tls.cert_file.empty()) {
        (void)::curl_easy_setopt(handle, CURLOPT_SSLCERT, tls.cert_file.c_str());
        (void)::curl_easy_setopt(handle, CURLOPT_SSLKEY, tls.key_file.c_str());
    }
    // Without one, OpenSSL asks whoever sits at the terminal for the password of a key.
    (void)::curl_easy_setopt(handle, CURLOPT_KEYPASSWD, "");
}

bool is_about_trust(CURLcode code, std::string_view error) {
    switch (code) {
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
            return true;
        case CURLE_RECV_ERROR:
            // In TLS 1.3 a server refuses a certificate when the client has done its part of the
            // handshake, and says so in an alert.
            return error.find(" alert ") != std::string_view::npos;
        default:
            return false;
    }
}

}  // namespace

Transfer::State::State(CURLM* multi, const Tls& tls, Exchange exchange)
    : multi_{multi}, exchange_{std::move(exchange)}, headers_{make_headers(exchange_.request)} {
    CURL* curl = easy_.get();
    prepare(curl, exchange_.request, headers_, answer_);
    set_keep_alive(curl);
    set_tls(curl, tls);
    (void)::curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
    (void)::curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
    (void)::curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)::curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    // To give up on a name server that does not answer must not block until it does.
    (void)::curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
    (void)::curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                             static_cast<long>(exchange_.connect_limit.count()));
    (void)::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(exchange_.limit.count()));
    (void)::curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, &before_request);
    (void)::curl_easy_setopt(curl, CURLOPT_PREREQDATA, this);
    if (::curl_multi_add_handle(multi_, curl) != CURLM_OK) {
        multi_ = nullptr;
        throw std::bad_alloc{};
    }
}

void Transfer::State::stop() noexcept {
    if (CURLM* multi = std::exchange(multi_, nullptr)) {
        (void)::curl_multi_remove_handle(multi, easy_.get());
    }
}

// There is a connection, and the server is the right one: from here on bytes are sent.
int Transfer::State::before_request(void* state, char*, char*, int, int) noexcept {
    auto& self = *static_cast<State*>(state);
    ++self.requests_;
    return self.exchange_.only_once && self.requests_ > 1 ? CURL_PREREQFUNC_ABORT
                                                          : CURL_PREREQFUNC_OK;
}

void Transfer::State::deliver() {
    if (exchange_.on_body && !answer_.body.empty()) {
        exchange_.on_body(std::exchange(answer_.body, {}));
    }
}

void Transfer::State::finish(CURLcode code) {
    deliver();
    if (is_stopped()) {
        return;
    }
    (void)::curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &answer_.status);
    Outcome outcome = code == CURLE_OK ? Outcome{std::move(answer_)} : Outcome{broken(code)};
    stop();
    exchange_.on_end(std::move(outcome));
}

Broken Transfer::State::broken(CURLcode code) const {
    // libcurl has more to say of certificates; of the rest it keeps the first words that it said,
    // which need not be about the end.
    const std::string error = error_.data();
    const bool is_refused = is_about_trust(code, error);
    std::string reason{is_refused && !error.empty() ? error : ::curl_easy_strerror(code)};
    long number = 0;
    (void)::curl_easy_getinfo(handle(), CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_COULDNT_CONNECT && number != 0) {
        reason = std::strerror(static_cast<int>(number));
    } else if (code == CURLE_OPERATION_TIMEDOUT) {
        reason = requests_ > 0 ? "no answer in time" : "no connection in time";
    } else if (code == CURLE_ABORTED_BY_CALLBACK || code == CURLE_GOT_NOTHING) {
        reason = "the server closed the connection";
    }
    return {.reason = base::printable(reason, 300),
            .was_sent = requests_ > 0,
            .is_about_trust = is_refused};
}

}  // namespace ccci::http
