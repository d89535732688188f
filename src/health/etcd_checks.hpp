#pragma once

#include <chrono>
#include <string>

#include "health/check.hpp"

namespace ccci::health {

/// What came of asking etcd for all domains, as every run and janitor of this host has to.
struct EtcdFacts {
    std::string problem;  ///< empty: it answered
    std::chrono::microseconds took{};
    std::size_t endpoints = 0;
};

Checks judge_etcd(const EtcdFacts& facts);

}  // namespace ccci::health
