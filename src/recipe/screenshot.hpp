#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace ccci::recipe {

/// Has `command`, a Chromium, take a picture of `url`, as somebody sees it who is not logged in,
/// and puts it into `<run dir>/screenshot.png`. Of `environment` it gets PATH and nothing else.
/// Returns the name of the file; empty: there is no picture. It fails nothing: why there is none is
/// a remark in the log. After `limit` the browser is killed with its children; it dies with us.
std::string take_screenshot(const std::string& command, const std::string& url,
                            const std::filesystem::path& run_dir,
                            const std::vector<std::string>& environment,
                            std::chrono::milliseconds limit = std::chrono::minutes{1});

}  // namespace ccci::recipe
