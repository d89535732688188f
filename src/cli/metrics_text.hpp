#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/tally.hpp"

namespace ccci::cli {

enum class MetricsFormat {
    openmetrics,  ///< OpenMetrics text 1.0
    prometheus,   ///< text 0.0.4, which node exporter's textfile collector reads
};

/// Families of metrics as text, one after the other.
class MetricsText {
public:
    using Labels = std::vector<std::pair<std::string, std::string>>;
    struct Sample {
        Labels labels;
        double value = 0;
    };

    explicit MetricsText(MetricsFormat format) : format_{format} {}

    // The name is the family's: without "_total". What ends in "_seconds" has that unit.

    void gauge(const std::string& name, const std::string& help,
               const std::vector<Sample>& samples);
    void counter(const std::string& name, const std::string& help,
                 const std::vector<Sample>& samples);
    void histogram(const std::string& name, const std::string& help,
                   const run::Histogram& histogram);

    /// All of it; nothing may follow.
    [[nodiscard]] std::string finish() &&;

private:
    void head(const std::string& name, const std::string& type, const std::string& help);
    void line(const std::string& name, const Sample& sample);

    MetricsFormat format_;
    std::string text_;
};

}  // namespace ccci::cli
