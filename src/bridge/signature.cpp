#include "bridge/signature.hpp"

#include <fmt/format.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include <array>
#include <cstdint>
#include <iterator>

namespace ccci::bridge {

namespace {

const std::uint8_t* bytes(std::string_view text) {
    return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

std::string sign(std::string_view body, std::string_view secret) {
    hmac_sha256_ctx context{};
    nettle_hmac_sha256_set_key(&context, secret.size(), bytes(secret));
    nettle_hmac_sha256_update(&context, body.size(), bytes(body));
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
    nettle_hmac_sha256_digest(&context, digest.size(), digest.data());
    std::string text;
    for (const std::uint8_t byte : digest) {
        fmt::format_to(std::back_inserter(text), "{:02x}", byte);
    }
    return text;
}

bool is_signed(std::string_view body, std::string_view signature, std::string_view secret) {
    if (secret.empty()) {
        return false;  // HMAC takes an empty key like any other, and everybody has that one
    }
    const std::string right = sign(body, secret);
    return signature.size() == right.size() &&
           nettle_memeql_sec(signature.data(), right.data(), right.size()) != 0;
}

}  // namespace ccci::bridge
