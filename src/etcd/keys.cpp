#include "etcd/keys.hpp"

namespace ccci::etcd {

std::string Keys::range_end() const {
    if (!as_prefix) {
        return {};
    }
    // The next name of the prefix's length; bytes that cannot grow fall away.
    std::string end = key;
    while (!end.empty()) {
        const auto last = static_cast<unsigned char>(end.back());
        if (last < 0xff) {
            end.back() = static_cast<char>(last + 1);
            return end;
        }
        end.pop_back();
    }
    return std::string(1, '\0');
}

}  // namespace ccci::etcd
