#include "keeper/domain_watch.hpp"

#include <memory>
#include <utility>
#include <variant>

namespace ccci::keeper {

namespace {

/// A cluster without a leader says so at once; it must not be asked in a busy loop.
constexpr std::chrono::milliseconds k_read_again{250};

}  // namespace

DomainWatch::DomainWatch(event::Loop& loop, etcd::Client& client, std::string prefix, Calls calls)
    : loop_{loop},
      client_{client},
      prefix_{std::move(prefix)},
      calls_{std::move(calls)},
      queue_{prefix_} {
    read();
}

void DomainWatch::read() {
    client_.range(prefix_, [this, alive = std::weak_ptr{alive_}](etcd::Answer<etcd::Range> answer) {
        if (alive.expired()) {
            return;
        }
        if (const auto* failure = std::get_if<etcd::Failure>(&answer)) {
            read_later();
            calls_.on_trouble(*failure);
            return;
        }
        const auto& range = std::get<etcd::Range>(answer);
        queue_.replace(range.values);
        follow(range.revision + 1);
        calls_.on_change();
    });
}

void DomainWatch::follow(std::int64_t from_revision) {
    watch_ = client_.watch(
        prefix_, from_revision,
        [this](const etcd::Batch& batch) {
            for (const etcd::Event& event : batch.events) {
                queue_.apply(event);
            }
            if (!batch.events.empty()) {
                calls_.on_change();
            }
        },
        [this](const etcd::Failure&) { read_later(); });
}

void DomainWatch::read_later() {
    again_ = loop_.after(k_read_again, [this] { read(); });
}

}  // namespace ccci::keeper
