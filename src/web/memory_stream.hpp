#pragma once

#include <httplib.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace ccci::web {

/// Where cpp-httplib reads a request from and writes its answer to: memory.
class MemoryStream : public httplib::Stream {
public:
    explicit MemoryStream(std::string_view request) : left_{request} {}

    [[nodiscard]] const std::string& written() const& { return written_; }
    [[nodiscard]] std::string written() && { return std::move(written_); }

    // What there is to override differs between versions of the library, so nothing says that it
    // does.
    // NOLINTBEGIN(modernize-use-override)
    using httplib::Stream::write;
    virtual ssize_t read(char* to, std::size_t size) {
        const std::size_t count = left_.copy(to, size);
        left_.remove_prefix(count);
        return static_cast<ssize_t>(count);
    }
    virtual ssize_t write(const char* from, std::size_t size) {
        written_.append(from, size);
        return static_cast<ssize_t>(size);
    }
    virtual bool is_readable() const { return true; }
    virtual bool is_writable() const { return true; }
    virtual bool wait_readable() const { return true; }
    virtual bool wait_writable() const { return true; }
    virtual bool is_peer_alive() const { return true; }
    virtual time_t duration() const { return 0; }
    virtual void get_remote_ip_and_port(std::string&, int&) const {}
    virtual void get_local_ip_and_port(std::string&, int&) const {}
    virtual socket_t socket() const { return -1; }
    // NOLINTEND(modernize-use-override)

private:
    std::string_view left_;
    std::string written_;
};

}  // namespace ccci::web
