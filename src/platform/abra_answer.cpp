#include "platform/abra_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace ccci::platform {

namespace {

using nlohmann::json;

constexpr std::size_t k_longest_shown = 1000;

/// ECMA-48, "control sequence": ESC, '[', parameters, and one byte from '@' to '~'.
std::string without_sequences(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!text.substr(at).starts_with("\x1b[")) {
            result += text[at];
            continue;
        }
        at += 2;
        while (at < text.size() && (text[at] < '@' || text[at] > '~')) {
            ++at;
        }
    }
    return result;
}

bool is_log_line(std::string_view line) {
    constexpr std::array<std::string_view, 5> k_levels{"DEBU ", "INFO ", "WARN ", "ERRO ", "FATA "};
    return std::ranges::any_of(k_levels,
                               [&](std::string_view level) { return line.starts_with(level); });
}

json parse_document(std::string_view output) {
    std::string rest;
    for (const std::string& line : base::split(output, '\n')) {
        const std::string plain = without_sequences(line);
        if (!is_log_line(plain)) {
            rest += plain + '\n';
        }
    }
    json document = json::parse(rest, nullptr, false);
    if (document.is_discarded()) {
        throw std::invalid_argument{"not JSON"};
    }
    return document;
}

std::string text_at(const json& service, const char* key) {
    const auto value = service.find(key);
    if (value == service.end() || !value->is_string()) {
        throw std::invalid_argument{fmt::format("a service's {}: want a text", key)};
    }
    return value->get<std::string>();
}

}  // namespace

std::string plain_line(std::string_view line) {
    return base::printable(base::trim(without_sequences(line)), k_longest_shown);
}

std::string fatal_line(std::string_view output) {
    std::string last;
    for (const std::string& line : base::split(output, '\n')) {
        const std::string plain = plain_line(line);
        if (plain.starts_with("FATA ")) {
            last = plain;
        }
    }
    return last;
}

std::optional<std::string> find_version(std::string_view output) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (const std::string& line : base::split(output, '\n')) {
        for (const std::string& word : base::split(without_sequences(line), ' ')) {
            std::size_t end = 0;
            std::size_t dots = 0;
            while (end < word.size() && (is_digit(word[end]) || (word[end] == '.' && end > 0))) {
                dots += word[end] == '.' ? 1U : 0U;
                ++end;
            }
            if (dots != 2 || !is_digit(word[end - 1])) {
                continue;
            }
            // A commit follows the stage, if there is one, and may begin with a letter as well.
            constexpr std::string_view k_beta = "-beta";
            const bool beta = std::string_view{word}.substr(end).starts_with(k_beta);
            return word.substr(0, end) + std::string{beta ? k_beta : ""};
        }
    }
    return std::nullopt;
}

std::vector<AbraService> parse_abra_services(std::string_view output) {
    const json document = parse_document(output);
    if (!document.is_object()) {
        throw std::invalid_argument{"want an object of services"};
    }
    std::vector<AbraService> services;
    for (const json& service : document) {
        if (!service.is_object()) {
            throw std::invalid_argument{"want an object for each service"};
        }
        services.push_back({.name = text_at(service, "service"),
                            .chaos = text_at(service, "chaos"),
                            .version = text_at(service, "version")});
    }
    std::ranges::sort(services, {}, &AbraService::name);
    return services;
}

std::string doubt_about(const std::vector<AbraService>& said,
                        const std::vector<std::string>& services) {
    for (const std::string& name : services) {
        const auto service = std::ranges::find(said, name, &AbraService::name);
        if (service == said.end()) {
            return fmt::format("there is no service {}", plain_line(name));
        }
        if (service->chaos == "false") {
            return fmt::format("service {} is of the published version {}", plain_line(name),
                               plain_line(service->version));
        }
    }
    return {};
}

std::string doubt_about_deploy(const std::vector<ServiceFacts>& there, const std::string& stack,
                               const std::string& chaos_version) {
    if (there.empty()) {
        return "the engine has none of its services";
    }
    const std::string label = fmt::format("coop-cloud.{}.chaos-version", stack);
    std::string found = "none";
    for (const ServiceFacts& service : there) {
        if (const auto value = service.labels.find(label); value != service.labels.end()) {
            found = value->second;
        }
    }
    if (found != chaos_version && found != chaos_version + "+U") {
        return fmt::format("the label {} is {}; want {}", label, plain_line(found), chaos_version);
    }
    return {};
}

}  // namespace ccci::platform
