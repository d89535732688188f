#include "run/request.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/duration.hpp"

namespace ccci::run {

namespace {

using nlohmann::json;

json to_json(const Program& program) {
    return {{"argv", program.argv},
            {"environment", program.environment},
            {"directory", program.directory.native()}};
}

Program program_from(const json& in) {
    Program program{.argv = in.at("argv").get<std::vector<std::string>>(),
                    .environment = in.at("environment").get<std::vector<std::string>>(),
                    .directory = in.at("directory").get<std::string>()};
    if (program.argv.empty()) {
        throw std::runtime_error{"no command"};
    }
    return program;
}

std::chrono::microseconds span(const json& in, const char* key) {
    const json& count = in.at(key);
    if (!count.is_number_integer() || count < 0 || count > base::k_longest_span.count()) {
        throw std::runtime_error{fmt::format("decode request: {}: no span of time", key)};
    }
    return std::chrono::microseconds{count.get<std::int64_t>()};
}

json to_json(const Lease& lease) {
    return {{"keeper", to_json(lease.keeper)},
            {"id", lease.id},
            {"revision", lease.revision},
            {"margin", lease.margin.count()},
            {"until", std::chrono::nanoseconds{lease.until.time_since_epoch()}.count()}};
}

std::int64_t count_in(const json& in, const char* key) {
    const auto count = in.at(key).get_ref<const json::number_integer_t&>();
    if (count < 0) {
        throw std::runtime_error{fmt::format("decode request: {}: less than nothing", key)};
    }
    return count;
}

Lease lease_from(const json& in) {
    const std::chrono::nanoseconds until{count_in(in, "until")};
    return {.keeper = program_from(in.at("keeper")),
            .id = count_in(in, "id"),
            .revision = count_in(in, "revision"),
            .margin = span(in, "margin"),
            .until = std::chrono::steady_clock::time_point{until}};
}

/// Stops where lists are nested deeper than in any request. The parser calls itself for each level,
/// so enough of them would be the end of the stack.
class DepthCheck : public nlohmann::json_sax<json> {
public:
    bool start_object(std::size_t) override { return ++depth_ <= k_most; }
    bool start_array(std::size_t) override { return ++depth_ <= k_most; }
    bool end_object() override { return --depth_ >= 0; }
    bool end_array() override { return --depth_ >= 0; }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool key(string_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const json::exception&) override {
        return false;
    }

private:
    static constexpr int k_most = 8;
    int depth_ = 0;
};

}  // namespace

std::string encode(const Request& request) {
    json result{
        {"version", 1},
        {"run", request.run},
        {"run_dir", request.run_dir.native()},
        {"domain", request.domain},
        {"lock_file", request.lock_file.native()},
        {"job", to_json(request.job)},
        {"clean_slate", request.clean_slate},
        {"deadline", request.deadline.count()},
        {"teardown_budget", request.teardown_budget.count()},
        {"stop_grace", request.stop_grace.count()},
        {"merged_output", request.merged_output},
        {"inherit_stdio", request.inherit_stdio},
        {"detached", request.detached},
        {"own_deadline", request.own_deadline},
        {"in_unit", request.in_unit},
    };
    if (request.teardown) {
        result["teardown"] = to_json(*request.teardown);
    }
    if (request.lease) {
        result["lease"] = to_json(*request.lease);
    }
    std::string bytes;
    json::to_cbor(result, bytes);
    return bytes;
}

Request decode_request(const std::string& bytes) {
    try {
        DepthCheck check;
        if (!json::sax_parse(bytes, &check, json::input_format_t::cbor)) {
            throw std::runtime_error{"decode request: these bytes are none"};
        }
        const json in = json::from_cbor(bytes);
        if (in.at("version") != 1) {
            throw std::runtime_error{"unknown version"};
        }
        Request request;
        request.run = in.at("run").get<std::string>();
        request.run_dir = in.at("run_dir").get<std::string>();
        request.domain = in.at("domain").get<std::string>();
        request.lock_file = in.at("lock_file").get<std::string>();
        request.job = program_from(in.at("job"));
        if (const auto teardown = in.find("teardown"); teardown != in.end()) {
            request.teardown = program_from(*teardown);
        }
        request.clean_slate = in.at("clean_slate").get<bool>();
        if (const auto lease = in.find("lease"); lease != in.end()) {
            request.lease = lease_from(*lease);
        }
        request.deadline = span(in, "deadline");
        request.teardown_budget = span(in, "teardown_budget");
        request.stop_grace = span(in, "stop_grace");
        request.merged_output = in.at("merged_output").get<bool>();
        request.inherit_stdio = in.at("inherit_stdio").get<bool>();
        request.detached = in.at("detached").get<bool>();
        request.own_deadline = in.at("own_deadline").get<bool>();
        request.in_unit = in.at("in_unit").get<bool>();
        return request;
    } catch (const json::exception& error) {
        throw std::runtime_error{fmt::format("decode request: {}", error.what())};
    }
}

}  // namespace ccci::run
