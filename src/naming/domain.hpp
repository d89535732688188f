#pragma once

#include <string>

namespace ccci::naming {

/// Where a recipe run deploys: `<recipe[:4]>-<first 6 hex of sha1("recipe|pr|ref")>.<base domain>`.
/// The same request always gets the same domain, so its domain lock keeps two runs of it apart.
/// Throws UsageError when the result is no domain.
std::string run_app_domain(const std::string& recipe, const std::string& pull_request,
                           const std::string& ref, const std::string& base_domain);

/// Where a dependency of the run at `run_domain` is deployed: `<dependency[:4]>-<first 6 hex of
/// sha1("run domain|dependency")>.<base domain>`, so that it is nobody else's. Throws UsageError
/// when the result is no domain.
std::string dependency_domain(const std::string& dependency, const std::string& run_domain,
                              const std::string& base_domain);

/// What git is to clone for a source that run::check_source accepted: "owner/name" is completed
/// with the forge ("https://git.example.net"), everything else is returned as it is. Throws
/// UsageError when the forge is needed and not configured.
std::string clone_url(const std::string& source, const std::string& forge);

}  // namespace ccci::naming
