#include "base/text.hpp"
#include "bridge/markdown.hpp"
#include "bridge/summary.hpp"
#include "bridge/trigger.hpp"
#include "bridge/wording.hpp"
#include "fuzz/fuzz.hpp"

// Text of others: a comment, and what a run says of itself. A trigger is a word and no more;
// whatever is shown of a text stays in its code span and on its line.

namespace ccci::fuzz {

namespace {

void check_trigger(const std::string& text) {
    const auto lane = bridge::parse_trigger(text);
    const std::string_view word = base::trim(text);
    const bool is_word =
        word == "!testme" || (word.starts_with("!testme") && word.ends_with("--quick"));
    require(!lane || is_word, "a trigger is the word alone", text);
    require(!lane || bridge::parse_trigger(" \n" + text + "\t") == lane, "white space around it",
            text);
    require(!bridge::parse_trigger("> " + text), "no quotation", text);
}

void check_comment(const std::string& text) {
    bridge::Errand errand;
    errand.author = text;
    errand.step = bridge::Step::over;
    errand.result = bridge::Result{.ending = bridge::Ending::failed, .reason = text};
    errand.result->summary = bridge::parse_summary(text).value_or(
        bridge::Summary{.lane = {}, .level = {}, .tiers = {{"lint", "failed", text, 1}}});
    bridge::Errand running;
    running.author = text;
    running.step = bridge::Step::following;
    running.progress = text;
    running.trouble = text;
    bridge::Reply reply;
    reply.marker = "m";
    const std::string shown = bridge::comment_text({&errand, &running}, reply, {}) +
                              bridge::comment_text({&running, &errand}, reply, {});
    bool inside = false;
    for (const char c : shown) {
        require(!inside || c != '\n', "a code span ends on its line", shown);
        inside = c == '`' ? !inside : inside;
        require(inside || c == '\n' || (c >= 0x20 && c < 0x7f), "ours is ASCII", shown);
        require(inside || (c != '@' && c != '['), "outside of code spans there is no mention",
                shown);
    }
}

}  // namespace

void check(std::string_view input) {
    const std::string text{input};
    check_trigger(text);
    const std::string code = bridge::code(text);
    require(code.empty() || (code.size() > 2 && code.find('`', 1) == code.size() - 1 &&
                             code.find('|') == std::string::npos),
            "one span", code);
    check_comment(text);
}

}  // namespace ccci::fuzz
