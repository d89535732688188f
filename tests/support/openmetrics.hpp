#pragma once

#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

#include "base/text.hpp"

namespace ccci::test {

/// Reads the text format of OpenMetrics 1.0 as strictly as its specification has it, as far as we
/// use it: gauges, counters and histograms, labels, units; no time stamps, no exemplars. The values
/// by name and labels, as they are written. Throws std::runtime_error that has the line.
class OpenMetrics {
public:
    explicit OpenMetrics(const std::string& text) {
        if (!text.ends_with("\n# EOF\n")) {
            throw std::runtime_error{"does not end with # EOF"};
        }
        auto lines = base::split(text, '\n');
        lines.resize(lines.size() - 2);
        for (const std::string& line : lines) {
            if (!(line.starts_with('#') ? take_head(line) : take_sample(line))) {
                throw std::runtime_error{"not OpenMetrics: " + line};
            }
        }
        check_histograms();
    }

    [[nodiscard]] double at(const std::string& name_and_labels) const {
        return values_.at(name_and_labels);
    }
    [[nodiscard]] const std::map<std::string, double>& values() const { return values_; }

private:
    bool take_head(const std::string& line) {
        static const std::regex form{R"(# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*))"};
        std::smatch match;
        if (!std::regex_match(line, match, form)) {
            return false;
        }
        if (match[1] == "TYPE") {
            // A family begins, in one piece, and once.
            family_ = match[2];
            type_ = match[3];
            heads_.clear();
            return families_.emplace(family_, type_).second &&
                   (type_ == "gauge" || type_ == "counter" || type_ == "histogram") &&
                   !family_.ends_with("_total");
        }
        const bool unit_fits = match[1] != "UNIT" || family_.ends_with("_" + match[3].str());
        return match[2] == family_ && heads_.insert(match[1]).second && unit_fits;
    }

    bool take_sample(const std::string& line) {
        static const std::regex form{
            R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\\\|\\"|\\n)*"(,|(?=\})))+\})? (\S+))re"};
        std::smatch match;
        if (!std::regex_match(line, match, form)) {
            return false;
        }
        const std::string suffix = match[1].str().substr(
            match[1].str().starts_with(family_) ? family_.size() : std::string::npos);
        static const std::map<std::string, std::set<std::string>> suffixes{
            {"gauge", {""}}, {"counter", {"_total"}}, {"histogram", {"_bucket", "_sum", "_count"}}};
        std::size_t end = 0;
        const double value = std::stod(match[6], &end);
        return !family_.empty() && match[1].str().starts_with(family_) &&
               suffixes.at(type_).contains(suffix) &&
               (suffix != "_bucket" || match[2].str().starts_with("{le=\"")) &&
               end == match[6].str().size() && (type_ == "gauge" || value >= 0) &&
               values_.emplace(match[1].str() + match[2].str(), value).second;
    }

    void check_histograms() const {
        for (const auto& [name, type] : families_) {
            if (type != "histogram") {
                continue;
            }
            std::map<double, double> buckets;
            const std::string begin = name + "_bucket{le=\"";
            for (const auto& [sample, value] : values_) {
                if (sample.starts_with(begin)) {
                    buckets[std::stod(sample.substr(begin.size()))] = value;
                }
            }
            double last = 0;
            for (const auto& [bound, count] : buckets) {
                if (count < last) {
                    throw std::runtime_error{name + ": the counts of its buckets fall"};
                }
                last = count;
            }
            if (values_.at(begin + "+Inf\"}") != values_.at(name + "_count")) {
                throw std::runtime_error{name + ": its count is not that of its last bucket"};
            }
            (void)values_.at(name + "_sum");
        }
    }

    std::string family_;
    std::string type_;
    std::set<std::string> heads_;
    std::map<std::string, std::string> families_;
    std::map<std::string, double> values_;
};

}  // namespace ccci::test
