#include "health/tool_checks.hpp"

#include <fmt/format.h>

namespace ccci::health {

namespace {

Fix installation(const ToolFacts& facts, Distribution distribution) {
    if (facts.package.empty()) {
        return advice(fmt::format("install {}, or set its path in the configuration", facts.name));
    }
    switch (distribution) {
        case Distribution::debian:
            return command(fmt::format("apt-get install --yes {}", facts.package));
        case Distribution::nixos:
            return configuration(
                fmt::format("services.cc-ci.extraPackages = [ pkgs.{} ];", facts.package));
        case Distribution::other:
            break;
    }
    return advice(fmt::format("install {}", facts.package));
}

}  // namespace

Check judge_tool(const ToolFacts& facts, Distribution distribution) {
    const Subject subject{"tool." + facts.label, facts.purpose};
    if (facts.path.empty()) {
        return subject.failed(fmt::format("{} is not in PATH", facts.name),
                              installation(facts, distribution));
    }
    if (!facts.runs) {
        return subject.failed(fmt::format("{} --version does not work", facts.path),
                              advice(fmt::format("see what {} --version says", facts.path)));
    }
    if (!facts.must_say.empty() && facts.version.find(facts.must_say) == std::string::npos) {
        return subject.failed(
            fmt::format("{} is not {}: {}", facts.path, facts.must_say, facts.version),
            installation(facts, distribution));
    }
    return subject.ok(fmt::format("{}: {}", facts.path, facts.version));
}

Check judge_secret_file(const SecretFileFacts& facts) {
    const Subject subject{"file." + facts.key, facts.purpose};
    if (!facts.problem.empty()) {
        return subject.failed(
            fmt::format("{}: {}", facts.path, facts.problem),
            advice(fmt::format("make {} readable for the user of the runs, or set "
                               "\"{}\" anew",
                               facts.path, facts.key)));
    }
    if ((facts.mode & 07) != 0) {
        return subject.warning(
            fmt::format("{} has mode {:04o}: any user may read the secret", facts.path, facts.mode),
            command(fmt::format("chmod o= {}", shell_word(facts.path))));
    }
    return subject.ok(fmt::format("{}, mode {:04o}", facts.path, facts.mode));
}

}  // namespace ccci::health
