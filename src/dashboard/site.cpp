#include "dashboard/site.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "dashboard/assets.hpp"
#include "dashboard/badge.hpp"
#include "dashboard/gather.hpp"
#include "dashboard/parts.hpp"
#include "dashboard/public_file.hpp"
#include "dashboard/run_feed.hpp"
#include "dashboard/run_page.hpp"
#include "dashboard/runs_feed.hpp"
#include "dashboard/runs_page.hpp"
#include "inspect/run_log.hpp"
#include "run/names.hpp"

namespace ccci::dashboard {

namespace {

constexpr std::size_t k_largest_file = std::size_t{16} << 20;
/// Each takes two instances of inotify, of which a user has 128.
constexpr std::size_t k_most_feeds = 48;
/// PNG specification, 5.2.
constexpr std::string_view k_png_signature = "\x89PNG\r\n\x1a\n";

web::Answer html(const Html& page, int status = 200) {
    return {.status = status, .type = "text/html; charset=utf-8", .body = page.markup()};
}

web::Answer problem(int status, const std::string& reason) {
    return html(problem_page(status, reason), status);
}

/// A recipe's job may have written it: whatever a browser takes it for, it does nothing.
web::Answer file(std::string type, std::string text) {
    return {.type = std::move(type),
            .body = std::move(text),
            .headers = {{"Content-Security-Policy", "default-src 'none'; sandbox"}}};
}

Filter filter_of(const web::Request& request) {
    return filter_from([&](const std::string& key) { return request.parameter(key); });
}

/// Takes one of the places as long as it lives.
class CountedFeed {
public:
    template <typename... Arguments>
    explicit CountedFeed(std::size_t& count, Arguments&&... arguments)
        : feed_{std::forward<Arguments>(arguments)...}, count_{count} {
        ++count_;
    }
    CountedFeed(const CountedFeed&) = delete;
    CountedFeed& operator=(const CountedFeed&) = delete;
    ~CountedFeed() { --count_; }

private:
    RunFeed feed_;
    std::size_t& count_;
};

}  // namespace

struct Site::Parts {
    event::Loop& loop;
    const run::Config& config;
    OnFailure on_failure;
    RunsFeed runs_feed;
    std::size_t feeds = 0;  ///< of runs

    web::Answer run(const std::string& id) const;
    web::Answer run_events(const std::string& id);
    web::Answer run_file(const std::string& id, const std::string& name) const;
    web::Answer recipe(const std::string& name, Filter filter) const;
    web::Answer health() const;

    /// Only what is a run's id ever becomes part of a path.
    std::optional<inspect::FoundRun> found(const std::string& id) const {
        return run::is_run_id(id) ? find(config, id) : std::nullopt;
    }
    static web::Answer no_run(const std::string& id) {
        return problem(404, fmt::format("There is no run {}.", id));
    }
};

web::Answer Site::Parts::run(const std::string& id) const {
    const auto run = found(id);
    if (!run) {
        return no_run(id);
    }
    RunView view = gather_run(config, *run);
    inspect::RunLog log{*run};
    view.log = log.last(k_lines);
    view.log_hidden = log.why_hidden();
    return html(run_page(view));
}

web::Answer Site::Parts::run_events(const std::string& id) {
    const auto run = found(id);
    if (!run) {
        return no_run(id);
    }
    if (feeds >= k_most_feeds) {
        return {.status = 503, .body = "too many are looking\n"};
    }
    return {.follow = [this, run = *run](web::EventSink& sink) -> std::shared_ptr<void> {
        try {
            return std::make_shared<CountedFeed>(feeds, loop, config, run, sink, on_failure);
        } catch (const std::exception& error) {
            on_failure(error.what());
            sink.end();
            return nullptr;
        }
    }};
}

web::Answer Site::Parts::run_file(const std::string& id, const std::string& name) const {
    const auto run = found(id);
    if (!run) {
        return no_run(id);
    }
    const auto read = [&](const char* one) {
        return read_public_file(run->dir, one, k_largest_file);
    };
    if (name == "screenshot.png") {
        if (auto text = read("screenshot.png"); text && text->starts_with(k_png_signature)) {
            return file("image/png", std::move(*text));
        }
    } else if (name == "junit.xml") {
        if (auto text = read("junit.xml")) {
            web::Answer answer = file("application/xml", std::move(*text));
            answer.headers.emplace_back("Content-Disposition",
                                        fmt::format("attachment; filename=\"junit-{}.xml\"", id));
            return answer;
        }
    } else if (auto text = read(name == "run.json" ? "run.json" : "results.json")) {
        return file("application/json", std::move(*text));
    }
    return problem(404,
                   fmt::format("Run {} has no {}, or none that everybody may read.", id, name));
}

web::Answer Site::Parts::recipe(const std::string& name, Filter filter) const {
    if (!run::is_recipe(name)) {
        return problem(404, fmt::format("{} is no name of a recipe.", name));
    }
    filter.recipe = name;
    return html(recipe_page(gather_recipe(config, filter)));
}

web::Answer Site::Parts::health() const {
    std::error_code error;
    (void)std::filesystem::directory_iterator{config.runs_dir, error};
    if (error && error != std::errc::no_such_file_or_directory) {
        return {.status = 503, .body = fmt::format("runs directory: {}\n", error.message())};
    }
    return {.body = "ok\n"};
}

Site::Site(event::Loop& loop, const run::Config& config, OnFailure on_failure)
    : parts_{new Parts{loop, config, on_failure, {loop, config.runs_dir, on_failure}}} {}

Site::~Site() = default;

void Site::add_to(web::Router& router) {
    Parts* parts = parts_.get();
    router.get("/", [parts](const web::Request& request) {
        return html(runs_page(gather_runs(parts->config, filter_of(request))));
    });
    router.get("/events", [parts](const web::Request&) {
        return web::Answer{
            .follow = [parts](web::EventSink& sink) { return parts->runs_feed.follow(sink); }};
    });
    router.get("/runs/([^/]+)",
               [parts](const web::Request& request) { return parts->run(request.captures.at(0)); });
    router.get("/runs/([^/]+)/events", [parts](const web::Request& request) {
        return parts->run_events(request.captures.at(0));
    });
    router.get("/runs/([^/]+)/(run\\.json|results\\.json|junit\\.xml|screenshot\\.png)",
               [parts](const web::Request& request) {
                   return parts->run_file(request.captures.at(0), request.captures.at(1));
               });
    router.get("/recipes/([^/]+)", [parts](const web::Request& request) {
        return parts->recipe(request.captures.at(0), filter_of(request));
    });
    router.get("/badge/([^/]+)\\.svg", [parts](const web::Request& request) {
        const std::string& recipe = request.captures.at(0);
        if (!run::is_recipe(recipe)) {
            return problem(404, fmt::format("{} is no name of a recipe.", recipe));
        }
        // It is shown on pages of others.
        return web::Answer{.type = "image/svg+xml",
                           .body = badge(gather_badge(parts->config, recipe)),
                           .headers = {{"Cache-Control", "max-age=60"},
                                       {"Cross-Origin-Resource-Policy", "cross-origin"}}};
    });
    router.get("/assets/([^/]+)", [](const web::Request& request) {
        const Asset* asset = find_asset(request.captures.at(0));
        if (asset == nullptr) {
            return problem(404, "There is no such file.");
        }
        return web::Answer{.type = std::string{asset->type},
                           .body = std::string{asset->text},
                           .headers = {{"Cache-Control", "public, max-age=31536000, immutable"}}};
    });
    router.get("/healthz", [parts](const web::Request&) { return parts->health(); });
    router.get("[^]*", [](const web::Request&) { return problem(404, "There is no such page."); });
}

}  // namespace ccci::dashboard
