#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/unique_fd.hpp"
#include "lease/keeper_line.hpp"

namespace ccci::lease {

/// A child that speaks to etcd for us: it asks for a domain, or keeps alive the lease that has it.
///
/// It is in a process group of its own, so that what is sent to ours does not end it, and it learns
/// of our end by that of its standard input, whatever ends us. Destroying the object lets it go: it
/// then ends by itself, and has given the domain up before unless it was told `carried`, or only
/// keeps what another has.
class Keeper {
public:
    /// Throws std::runtime_error when it cannot be executed.
    explicit Keeper(const base::Command& program);
    Keeper(Keeper&&) noexcept = default;
    Keeper& operator=(Keeper&&) noexcept = default;
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper();

    /// Becomes readable when read() has something to say, the end included.
    [[nodiscard]] int fd() const { return lines_.get(); }

    /// What it has said since; does not block. Empty, and is_over(), when it is dead.
    std::vector<KeeperLine> read();
    [[nodiscard]] bool is_over() const { return over_; }

    [[nodiscard]] pid_t pid() const { return child_->pid(); }

    /// One that is dead is told nothing, which is not an error.
    void tell(Order order);
    /// Nothing more will be told: it ends by itself. What it still says can be read.
    void let_go() { orders_.reset(); }

private:
    base::UniqueFd orders_;
    base::UniqueFd lines_;
    std::optional<base::Child> child_;
    std::string part_;  ///< of a line
    bool over_ = false;
};

}  // namespace ccci::lease
