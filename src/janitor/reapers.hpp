#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/process.hpp"
#include "janitor/janitor.hpp"

namespace ccci::janitor {

/// How many work at once. A teardown is mostly waiting for the engine.
constexpr std::size_t k_reapers = 4;

/// Has each of these domains reaped by a process of its own, some at once, so that a teardown that
/// hangs is in nobody's way, and adds what became of them to `pass`. In no particular order: those
/// that hang in every pass must not always be the same ones' first. The processes die with us.
///
/// `reaper` gives the program that makes a pass over that domain alone and prints it as JSON. It
/// probes anew: what was seen before says nothing about now. `limit`: what one of them may take at
/// the most, which is well above the teardown budget that it keeps by itself.
void reap_apart(std::vector<std::string> domains,
                const std::function<base::Command(const std::string& domain)>& reaper,
                std::chrono::microseconds limit, Pass& pass,
                const std::function<void(const Outcome&)>& tell);

}  // namespace ccci::janitor
