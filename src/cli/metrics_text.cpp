#include "cli/metrics_text.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace ccci::cli {

namespace {

/// Of a label's value; both formats have the same rule.
std::string escaped(std::string text) {
    text = base::replace_all(std::move(text), "\\", "\\\\");
    text = base::replace_all(std::move(text), "\n", "\\n");
    return base::replace_all(std::move(text), "\"", "\\\"");
}

}  // namespace

void MetricsText::head(const std::string& name, const std::string& type, const std::string& help) {
    text_ += fmt::format("# TYPE {} {}\n", name, type);
    if (format_ == MetricsFormat::openmetrics && name.ends_with("_seconds")) {
        text_ += fmt::format("# UNIT {} seconds\n", name);
    }
    text_ += fmt::format("# HELP {} {}\n", name, help);
}

void MetricsText::line(const std::string& name, const Sample& sample) {
    std::vector<std::string> labels;
    for (const auto& [label, value] : sample.labels) {
        labels.push_back(fmt::format("{}=\"{}\"", label, escaped(value)));
    }
    text_ += fmt::format("{}{} {}\n", name,
                         labels.empty() ? "" : "{" + base::join(labels, ",") + "}", sample.value);
}

void MetricsText::gauge(const std::string& name, const std::string& help,
                        const std::vector<Sample>& samples) {
    head(name, "gauge", help);
    for (const Sample& sample : samples) {
        line(name, sample);
    }
}

void MetricsText::counter(const std::string& name, const std::string& help,
                          const std::vector<Sample>& samples) {
    // OpenMetrics names the family, Prometheus what is measured.
    head(format_ == MetricsFormat::openmetrics ? name : name + "_total", "counter", help);
    for (const Sample& sample : samples) {
        line(name + "_total", sample);
    }
}

void MetricsText::histogram(const std::string& name, const std::string& help,
                            const run::Histogram& histogram) {
    head(name, "histogram", help);
    double below = 0;
    for (std::size_t n = 0; n < histogram.counts.size(); ++n) {
        below += static_cast<double>(histogram.counts.at(n));
        const bool last = n == run::Histogram::k_bounds.size();
        line(name + "_bucket",
             {{{"le", last ? "+Inf" : fmt::format("{:.1f}", run::Histogram::k_bounds.at(n))}},
              below});
    }
    line(name + "_sum", {{}, histogram.sum});
    line(name + "_count", {{}, below});
}

std::string MetricsText::finish() && {
    if (format_ == MetricsFormat::openmetrics) {
        text_ += "# EOF\n";
    }
    return std::move(text_);
}

}  // namespace ccci::cli
