#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ccci::health {

enum class Status { ok, warning, failed, skipped };

/// What makes a check well again.
struct Fix {
    enum class Kind {
        command,        ///< a line for a shell
        configuration,  ///< a line for a file, which is named
        advice,         ///< what only a person can do
    };
    Kind kind = Kind::advice;
    std::string text;

    bool operator==(const Fix&) const = default;
};

/// One thing that was looked at.
struct Check {
    std::string name;  ///< unique: "lock-dir", "tool.git"
    Status status = Status::skipped;
    std::string found;            ///< what was seen, or why nothing was
    std::string why;              ///< why it matters
    std::optional<Fix> fix = {};  ///< for warnings and failures

    bool operator==(const Check&) const = default;
};

using Checks = std::vector<Check>;

std::string to_string(Status status);
void to_json(nlohmann::json& out, const Check& check);
/// Throws nlohmann::json::exception or std::invalid_argument.
void from_json(const nlohmann::json& in, Check& check);

Fix command(std::string text);
Fix configuration(std::string text);
Fix advice(std::string text);

/// What a check is about; each of its four ends makes a Check of it.
struct Subject {
    std::string name;
    std::string why;

    [[nodiscard]] Check ok(std::string found) const;
    [[nodiscard]] Check warning(std::string found, Fix fix) const;
    [[nodiscard]] Check failed(std::string found, Fix fix) const;
    [[nodiscard]] Check skipped(std::string reason) const;
};

/// A word for a shell, quoted where it must be.
std::string shell_word(const std::string& text);

/// "512 MiB", "7.9 GiB"
std::string size_text(unsigned long long bytes);

}  // namespace ccci::health
