#include <stdexcept>

#include "etcd/codec.hpp"
#include "etcd/refusal.hpp"
#include "fuzz/fuzz.hpp"

// What a server says that should be an etcd. It is an answer, a refusal, or one printable
// complaint; what an answer gives has the names and numbers that the code above relies on.

namespace ccci::fuzz {

namespace {

template <typename Read>
void read(std::string_view input, Read use) {
    try {
        use(input);
    } catch (const std::invalid_argument& error) {
        require(is_printable(error.what()), "a complaint is one printable line", error.what());
    }
}

void require_sound(const etcd::KeyValue& value) {
    require(!value.key.empty() && value.mod_revision > 0, "a key with a name and a revision");
}

void require_sound(const etcd::Refusal& refusal) {
    require(is_printable(refusal.reason + "x"), "one printable line", refusal.reason);
    require(
        refusal.is_undone || refusal.ask_elsewhere || refusal.kind == etcd::Failure::Kind::refused,
        "what is in doubt is so for a reason", refusal.reason);
}

const etcd::Transaction k_transaction{
    .then = {etcd::Put{"a"}, etcd::Get{etcd::Keys::one("a")}},
    .otherwise = {etcd::Delete{etcd::Keys::one("a")}},
};

}  // namespace

void check(std::string_view input) {
    if (const auto refusal = etcd::read_refusal(input)) {
        require_sound(*refusal);
    }
    read(input, [](std::string_view text) {
        const etcd::Lease lease = etcd::read_lease(text);
        require(lease.id > 0 && lease.ttl.count() > 0, "a lease");
    });
    read(input, [](std::string_view text) {
        require(etcd::read_keep_alive(text).count() >= 0, "a time to live");
    });
    read(input, [](std::string_view text) { etcd::read_revoked(text); });
    read(input, [](std::string_view text) {
        const etcd::Range range = etcd::read_range(text);
        require(range.revision > 0, "a revision");
        for (const etcd::KeyValue& value : range.values) {
            require_sound(value);
        }
    });
    read(input, [](std::string_view text) {
        const auto answer = etcd::read_commit(text, k_transaction);
        require(answer.revision > 0, "a revision");
        require(answer.values.size() == (answer.succeeded ? 2U : 1U), "an answer to each");
    });
    read(input, [](std::string_view text) {
        require(is_printable(etcd::read_token(text)), "fit for a header");
    });
    read(input, [](std::string_view text) {
        const etcd::WatchLine line = etcd::read_watch_line(text);
        require_sound(etcd::refusal_of(line));
        for (const etcd::Event& event : line.events) {
            require_sound(event.value);
        }
    });
}

}  // namespace ccci::fuzz
