#pragma once

#include <map>
#include <string>
#include <vector>

namespace ccci::http {

struct Request {
    std::string method = "GET";
    std::string url;
    std::vector<std::string> headers = {};  ///< "Name: value"
    std::string body = {};
};

struct Answer {
    long status = 0;
    std::string body = {};
    /// Names in lower case; of two of one name the last.
    std::map<std::string, std::string> headers = {};
};

}  // namespace ccci::http
