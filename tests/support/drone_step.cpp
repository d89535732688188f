#include "support/drone_step.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace ccci::test {

DroneStep::DroneStep(const std::filesystem::path& workspace,
                     const std::vector<std::string>& commands,
                     const std::vector<std::string>& variables, std::vector<std::string> as_user)
    : workspace_{workspace} {
    const auto source = workspace_ / "drone/src";
    const auto home = workspace_ / "home/drone";
    const auto script = workspace_ / "opt/step";
    std::filesystem::create_directories(source);
    std::filesystem::create_directories(home);
    std::filesystem::create_directories(script.parent_path());
    {
        std::ofstream file{script};
        file << "\nset -e\n";
        for (const std::string& command : commands) {
            file << "\necho + '" << command << "'\n" << command << "\n";
        }
    }
    // env -i: the runner hands on PATH and USER only.
    std::vector<std::string> argv = std::move(as_user);
    argv.insert(argv.end(), {"env", "-i", "-C", source, "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                             "USER=root", "HOME=" + home.native(), "DRONE=true", "CI=true"});
    argv.insert(argv.end(), variables.begin(), variables.end());
    argv.insert(argv.end(), {"/bin/sh", "-e", script});
    shell_ = std::make_unique<ProcessUnderTest>(std::move(argv));
}

void DroneStep::cancel() {
    shell_->kill(SIGKILL);
    std::filesystem::remove_all(workspace_);
}

}  // namespace ccci::test
