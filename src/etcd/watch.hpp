#pragma once

#include <memory>

namespace ccci::etcd {

/// One stream of changes; destroying it ends it, also from within its callbacks. A default or
/// moved-from object, and one that has ended, watches nothing. Must not outlive its client.
class Watch {
public:
    class Stream;

    Watch() noexcept;
    explicit Watch(std::shared_ptr<Stream> stream) noexcept;
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&& other) noexcept;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

private:
    std::shared_ptr<Stream> stream_;
};

}  // namespace ccci::etcd
