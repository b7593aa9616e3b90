// Files that end early and files with a wrong byte: a graph or an error, within bounds, always.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "invariants.h"
#include "memory.h"
#include "reading.h"

namespace t7 {
namespace {

// Bounds on one reading, with room for a factor of two over what crafted files were seen to take.
// A parser without content holds a quarter of a mebibyte in its first chunks, and two may exist.
constexpr size_t kBaseMemory = size_t{1} << 20;
constexpr size_t kMemoryPerByte = 24;
// A step takes a byte of the file or closes something that took more.
constexpr uint64_t kStepsPerByte = 2;
constexpr uint64_t kBaseSteps = 64;

constexpr size_t kSmall = 2048;  // up to here every place is tried, beyond it so many
constexpr size_t kPlaces = 2000;

// Both cores, a fixture at a time. `work` says what is wrong, or "".
template <typename Work>
void for_each_fixture(Work work) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  const auto run = [&] {
    for (size_t i = next++; i < fixtures().size(); i = next++) {
      const std::string problem = work(fixtures()[i]);
      if (problem.empty()) continue;
      const std::lock_guard lock(mutex);
      ADD_FAILURE() << fixtures()[i].name << ": " << problem;
    }
  };
  std::thread other(run);
  run();
  other.join();
}

std::vector<size_t> places(const std::string& bytes) {
  std::vector<size_t> all;
  if (bytes.size() <= kSmall) {
    for (size_t i = 0; i < bytes.size(); ++i) all.push_back(i);
    return all;
  }
  std::mt19937_64 random(bytes.size());
  for (size_t i = 0; i < kPlaces; ++i) all.push_back(random() % bytes.size());
  return all;
}

// Reads and checks all that can be said without knowing the file; `reading` is what came of it.
std::string check_reading(const std::string& bytes, DetectOptions options, Reading& reading) {
  const PeakMemory memory;
  reading = read_file(bytes, std::move(options), kWhole, 16);
  const size_t peak = memory.peak();
  if (peak > kBaseMemory + kMemoryPerByte * bytes.size()) {
    return "holds " + std::to_string(peak) + " bytes";
  }
  const uint64_t passes = reading.detect->passes();
  if (passes > 64) return std::to_string(passes) + " passes";
  if (reading.steps > passes * (kStepsPerByte * bytes.size() + kBaseSteps)) {
    return std::to_string(reading.steps) + " steps in " + std::to_string(passes) + " passes";
  }
  return broken_invariant(*reading.detect, reading.state, bytes.size());
}

std::vector<uint32_t> children_of(const Graph& graph, const Object& object) {
  std::vector<uint32_t> nodes;
  const Kind kind = graph.nodes[object.node].kind();
  if (kind == Kind::tensor || kind == Kind::storage || kind == Kind::function) return nodes;
  for (uint32_t i = 0; i < object.count; ++i) nodes.push_back(graph.children[object.first + i]);
  return nodes;
}

// Everything before the cut is in the graph, as it is in that of the whole file; what was open
// there is marked.
std::string compare_with_whole(const Reading& part, const Graph& whole, uint64_t cut) {
  const Graph& graph = *part.graph();
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& a = graph.nodes[i];
    const Node& b = whole.nodes[i];
    // In text a number that was cut is a shorter number, also where it is an index.
    if (part.dialect().ascii && i + 1 == graph.nodes.size()) continue;
    if (a.head != b.head || a.payload != b.payload) return "node " + std::to_string(i) + " differs";
  }
  if (part.state != State::failed || part.error().code != ErrorCode::truncated) return "";
  size_t before = 0;
  while (before + 1 < whole.nodes.size() && whole.nodes[before + 1].offset() <= cut) ++before;
  if (graph.nodes.size() < before) {
    return "has " + std::to_string(graph.nodes.size()) + " of " + std::to_string(before) + " nodes";
  }
  size_t incomplete = 0;
  for (uint32_t i = 0; i < graph.objects.size(); ++i) {
    const Object& object = graph.objects[i];
    std::vector<uint32_t> expected = children_of(whole, whole.objects[i]);
    const std::vector<uint32_t> present = children_of(graph, object);
    incomplete += object.has(Object::kIncomplete) ? 1 : 0;
    if (present.size() > expected.size()) return "object " + std::to_string(i) + " has too much";
    if (object.has(Object::kIncomplete)) expected.resize(present.size());
    if (present != expected) return "object " + std::to_string(i) + " differs";
  }
  const bool inside = !graph.roots.empty() && has_object(graph.nodes[graph.roots.back()].kind());
  if (inside && incomplete == 0) return "nothing is marked";
  return "";
}

TEST(Damage, EveryPrefix) {
  for_each_fixture([](const Fixture& fixture) -> std::string {
    const Reading whole = read_file(fixture.bytes);
    if (whole.graph() == nullptr) return "cannot be read";
    const DetectOptions dialect = [&] {
      DetectOptions options;
      const Dialect d = whole.dialect();
      options.encoding = d.ascii ? 'a' : 'b';
      options.byte_order = d.ascii ? '\0' : d.big_endian ? 'b' : 'l';
      options.long_size = d.ascii ? 0 : d.long_size;
      return options;
    }();
    const bool guessed = whole.text().find("guessed_layout") != std::string::npos;
    for (const size_t cut : places(fixture.bytes)) {
      const std::string part = fixture.bytes.substr(0, cut);
      Reading reading;
      std::string problem;
      if (cut % 4 == 0) problem = check_reading(part, {}, reading);
      if (problem.empty()) problem = check_reading(part, dialect, reading);
      if (problem.empty() && reading.graph() != nullptr && !guessed) {
        problem = compare_with_whole(reading, *whole.graph(), cut);
      }
      if (!problem.empty()) return "cut at " + std::to_string(cut) + " " + problem;
    }
    return "";
  });
}

TEST(Damage, EveryWrongByte) {
  for_each_fixture([](const Fixture& fixture) -> std::string {
    std::string bytes = fixture.bytes;
    std::mt19937_64 random(1);
    for (const size_t at : places(bytes)) {
      const auto right = static_cast<unsigned char>(bytes[at]);
      const unsigned wrong[] = {0x00u, 0xffu, right ^ 0x01u, right ^ 0x80u, right + 1u};
      const bool all = bytes.size() <= kSmall;
      for (size_t i = all ? 0 : random() % 5, end = all ? 5 : i + 1; i < end; ++i) {
        bytes[at] = static_cast<char>(wrong[i]);
        Reading reading;
        const std::string problem = check_reading(bytes, {}, reading);
        if (!problem.empty()) {
          return "byte " + std::to_string(wrong[i] & 255) + " at " + std::to_string(at) + ": " +
                 problem;
        }
      }
      bytes[at] = static_cast<char>(right);
    }
    return "";
  });
}

}  // namespace
}  // namespace t7
