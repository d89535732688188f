#include "web/message.hpp"

#include <strings.h>

#include <algorithm>

namespace ccci::web {

std::optional<std::string> Request::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& field) {
        return field.first.size() == name.size() &&
               ::strncasecmp(field.first.data(), name.data(), name.size()) == 0;
    });
    return found == headers.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    const auto found = std::find_if(query.begin(), query.end(),
                                    [&](const auto& field) { return field.first == name; });
    return found == query.end() ? std::nullopt : std::optional{found->second};
}

void EventSink::send(std::string_view event, std::string_view data, std::string_view id) {
    std::string text;
    if (!id.empty()) {
        text.append("id: ").append(id).append("\n");
    }
    if (!event.empty()) {
        text.append("event: ").append(event).append("\n");
    }
    // A carriage return ends a line for the reader, too, and would let data become a field.
    for (;;) {
        const std::size_t end = data.find_first_of("\r\n");
        text.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == std::string_view::npos) {
            break;
        }
        data.remove_prefix(end + (data.substr(end, 2) == "\r\n" ? 2 : 1));
    }
    text += '\n';
    write_(text);
}

void EventSink::keep_alive() {
    write_(":\n\n");
}

}  // namespace ccci::web
