#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::test {

/// The text of a page of docs/.
inline std::string read_page(const std::string& name) {
    const std::filesystem::path path = std::filesystem::path{CCCI_SOURCE_DIR} / "docs" / name;
    const auto text = base::try_read_file(path);
    if (!text) {
        throw std::runtime_error{path.native() + " is missing"};
    }
    return *text;
}

/// The rows of its tables whose first cell is code, as cells without white space around them.
inline std::vector<std::vector<std::string>> rows_about_code(const std::string& page) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : base::split(page, '\n')) {
        if (!line.starts_with("| `") || !line.ends_with(" |")) {
            continue;
        }
        rows.emplace_back();
        for (const std::string& cell : base::split(line.substr(1, line.size() - 2), '|')) {
            rows.back().emplace_back(base::trim(cell));
        }
    }
    return rows;
}

/// What stands between the backticks of "`...`"; empty for anything else.
inline std::string code_in(const std::string& cell) {
    const bool is_code = cell.size() > 2 && cell.front() == '`' && cell.back() == '`';
    return is_code ? cell.substr(1, cell.size() - 2) : "";
}

/// The blocks that begin with "```<language>".
inline std::vector<std::string> blocks(const std::string& page, const std::string& language) {
    std::vector<std::string> found;
    const std::string begin = "\n```" + language + "\n";
    for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at)) {
        at += begin.size();
        found.push_back(page.substr(at, page.find("\n```", at) - at));
    }
    return found;
}

}  // namespace ccci::test
