#include "dashboard/assets.hpp"

#include <algorithm>
#include <stdexcept>

#include "dashboard/asset_table.hpp"

namespace ccci::dashboard {

Path asset_path(std::string_view name) {
    const auto* found = std::find_if(k_assets.begin(), k_assets.end(),
                                     [&](const Asset& asset) { return asset.name == name; });
    if (found == k_assets.end()) {
        throw std::logic_error{"no such asset"};
    }
    return Path{} / "assets" / found->hashed;
}

const Asset* find_asset(std::string_view hashed) {
    const auto* found = std::find_if(k_assets.begin(), k_assets.end(),
                                     [&](const Asset& asset) { return asset.hashed == hashed; });
    return found == k_assets.end() ? nullptr : found;
}

}  // namespace ccci::dashboard
