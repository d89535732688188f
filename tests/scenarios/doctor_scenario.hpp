#pragma once

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "scenarios/scenario.hpp"
#include "support/json_schema.hpp"

namespace ccci::test {

/// `cc-ci doctor --json` of this host, by check.
class DoctorScenario : public Scenario {
protected:
    using Checks = std::map<std::string, nlohmann::json>;

    static std::string shell(const std::string& command) {
        // What is printed as a fix calls cc-ci by its name.
        const std::string path = "PATH=" CCCI_BUILD "/bin:$PATH; ";
        return std::string{
            base::trim(base::run_and_capture({.argv = {"sh", "-c", path + command}}).text)};
    }

    /// Also checks that it is what the schema says, and that the code fits.
    Checks examine(std::vector<std::string> options = {"--no-self-test"}) {
        options.insert(options.begin(), {CCCI_PROGRAM, "doctor", "--json"});
        ProcessUnderTest doctor{options, {}, true};
        const int code = doctor.exit_code();
        report_ = nlohmann::json::parse(doctor.output(), nullptr, false);
        EXPECT_FALSE(report_.is_discarded()) << doctor.output() << doctor.errors();
        EXPECT_EQ(doctor.errors(), "");
        const JsonSchema schema(nlohmann::json::parse(
            *base::try_read_file(CCCI_SOURCE_DIR "/docs/schemas/doctor.schema.json")));
        EXPECT_EQ(schema.first_error(report_), "");
        Checks checks;
        for (const nlohmann::json& check : report_.at("checks")) {
            EXPECT_TRUE(checks.emplace(check.at("name"), check).second) << check;
        }
        EXPECT_EQ(code, report_.at("counts").at("failed") == 0 ? 0 : 1);
        return checks;
    }

    static std::string status(const Checks& checks, const std::string& name) {
        const auto found = checks.find(name);
        return found == checks.end() ? "none" : found->second.at("status").get<std::string>();
    }

    /// Which checks are not what they were.
    static std::string difference(const Checks& before, const Checks& after) {
        std::string names;
        for (const auto& [name, check] : after) {
            if (status(after, name) == "skipped") {
                continue;  // another one is what cannot be seen without it
            }
            const auto was = before.find(name);
            if (was == before.end() || was->second.at("status") != check.at("status")) {
                names += (names.empty() ? "" : " ") + name;
            }
        }
        return names;
    }

    /// Breaks something; exactly this check says so, and its fix, run as it is printed, mends it.
    void expect_mended(const std::string& name, const std::string& broken_status,
                       const std::string& how_to_break) {
        SCOPED_TRACE(name);
        const Checks before = examine();
        ASSERT_NE(status(before, name), broken_status) << before.at(name);

        (void)shell(how_to_break);

        const Checks broken = examine();
        EXPECT_EQ(difference(before, broken), name);
        ASSERT_EQ(status(broken, name), broken_status) << broken.at(name);
        const nlohmann::json& fix = broken.at(name).at("fix");
        ASSERT_EQ(fix.at("kind"), "command") << fix;
        const std::string said = shell(fix.at("text"));
        const Checks after = examine();
        EXPECT_EQ(status(after, name), status(before, name)) << after.at(name) << "\n" << said;
        EXPECT_EQ(difference(before, after), "");
    }

    nlohmann::json report_;
};

}  // namespace ccci::test
