#include "naming/domain.hpp"

#include <fmt/format.h>
#include <nettle/sha1.h>

#include <array>
#include <cstdint>

#include "base/text.hpp"
#include "run/names.hpp"
#include "run/usage_error.hpp"

namespace ccci::naming {

namespace {

std::string short_digest(const std::string& text) {
    sha1_ctx context{};
    nettle_sha1_init(&context);
    nettle_sha1_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
    std::array<std::uint8_t, SHA1_DIGEST_SIZE> digest{};
    nettle_sha1_digest(&context, digest.size(), digest.data());
    return fmt::format("{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2]);
}

}  // namespace

std::string run_app_domain(const std::string& recipe, const std::string& pull_request,
                           const std::string& ref, const std::string& base_domain) {
    const std::string digest = short_digest(fmt::format("{}|{}|{}", recipe, pull_request, ref));
    return run::check_domain(fmt::format("{}-{}.{}", recipe.substr(0, 4), digest, base_domain));
}

std::string dependency_domain(const std::string& dependency, const std::string& run_domain,
                              const std::string& base_domain) {
    const std::string digest = short_digest(fmt::format("{}|{}", run_domain, dependency));
    return run::check_domain(fmt::format("{}-{}.{}", dependency.substr(0, 4), digest, base_domain));
}

std::string clone_url(const std::string& source, const std::string& forge) {
    if (source.starts_with('/') || source.find("://") != std::string::npos) {
        return source;
    }
    if (forge.empty()) {
        throw run::UsageError{
            fmt::format("source repository '{}' needs the forge that it is on: set 'forge' in the "
                        "configuration, or give a URL",
                        base::printable(source))};
    }
    // Every forge answers at the name with ".git"; some only redirect from the one without.
    return fmt::format("{}{}{}{}", forge, forge.ends_with('/') ? "" : "/", source,
                       source.ends_with(".git") ? "" : ".git");
}

}  // namespace ccci::naming
