#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "base/unique_fd.hpp"

namespace ccci::test {

/// A program that was started with stdout and stderr in one pipe (or in two), read as it comes.
/// Killed and reaped by the destructor if it is still there.
class ProcessUnderTest {
public:
    explicit ProcessUnderTest(std::vector<std::string> argv,
                              std::vector<std::string> extra_environment = {},
                              bool separate_stderr = false);
    ProcessUnderTest(const ProcessUnderTest&) = delete;
    ProcessUnderTest& operator=(const ProcessUnderTest&) = delete;
    ~ProcessUnderTest();

    [[nodiscard]] pid_t pid() const { return child_->pid(); }
    void kill(int signal) const { child_->kill(signal); }

    /// Reads until the text has appeared. False after 30 s, or at the end of the output.
    bool wait_for(std::string_view text);

    /// Reads to the end of the output and waits. Nullopt after 60 s; the process is killed then.
    std::optional<base::ExitStatus> wait();
    /// wait() as a shell would report it; -1 after 60 s.
    int exit_code();

    /// Stops reading: the reader of its output goes away.
    void close_output();

    [[nodiscard]] const std::string& output() const { return output_; }
    [[nodiscard]] const std::string& errors() const { return errors_; }

private:
    /// Reads what is there, or waits for it; false at the end of both pipes or after the timeout.
    bool read_some(int timeout_ms);

    std::optional<base::Child> child_;
    bool reaped_ = false;
    base::UniqueFd out_;
    base::UniqueFd err_;
    std::string output_;
    std::string errors_;
};

}  // namespace ccci::test
