#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "etcd/codec.hpp"
#include "etcd/failure.hpp"
#include "http/async_client.hpp"

namespace ccci::etcd {

/// What follows from an answer that is none.
struct Refusal {
    Failure::Kind kind = Failure::Kind::refused;
    std::string reason = {};      ///< one printable line
    bool ask_elsewhere = false;   ///< another member may well answer
    bool is_undone = true;        ///< certainly: nothing was done, and nothing will be
    bool authenticate = false;    ///< the token is no longer good
    bool needs_no_token = false;  ///< authentication is switched off in this cluster
};

/// The error in a body, or in a line of a stream; nullopt when it holds none.
std::optional<Refusal> read_refusal(std::string_view body);

/// Of an exchange as a whole; nullopt for an answer that may be read.
std::optional<Refusal> refusal_in(const http::Outcome& outcome);

/// Of a watch that the member has cancelled.
Refusal refusal_of(const WatchLine& cancelled);

}  // namespace ccci::etcd
