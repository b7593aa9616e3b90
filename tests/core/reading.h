// Runs the parser over bytes in memory the way a caller does: gives what is wanted, goes on.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "dump.h"
#include "read/detect.h"

namespace t7 {

inline constexpr size_t kWhole = SIZE_MAX;

// What one reading of a file came to.
struct Reading {
  std::unique_ptr<Detect> detect;
  State state = State::failed;
  uint64_t given = 0;  // bytes pushed over all passes
  uint64_t steps = 0;  // of the parser, over all passes

  const Graph* graph() const { return detect->parser() ? &detect->parser()->graph() : nullptr; }
  const Issue& error() const { return detect->error(); }
  Dialect dialect() const { return detect->parser()->dialect(); }

  // "{1: 3.5} | index_gap@8 | truncated@40": values, warnings, error; empty parts left out.
  std::string text(bool offsets = false) const {
    std::string line = graph() ? dump(*graph(), offsets) : "";
    for (const auto* issues :
         {graph() ? &graph()->issues : nullptr, graph() ? &graph()->warnings : nullptr}) {
      if (issues && !issues->empty()) line += " | " + dump_issues(*issues);
    }
    if (state == State::failed) line += " | " + dump_issues({error()});
    return line;
  }
};

inline constexpr uint32_t kBudget = 1 << 16;

// `piece` bytes a time, kWhole for as many as there are behind the wanted offset.
inline Reading read_file(const std::string& bytes, DetectOptions options = {},
                         size_t piece = kWhole, uint32_t budget = kBudget) {
  Reading reading;
  reading.detect = std::make_unique<Detect>(bytes.size(), std::move(options));
  Detect& detect = *reading.detect;
  for (;;) {
    reading.state = detect.advance(budget);
    if (reading.state == State::paused) {
      reading.steps += budget;
      continue;
    }
    if (reading.state != State::need_bytes) return reading;
    const Want want = detect.want();
    // A parser that wants nothing, or what is not there, would never end.
    if (want.length == 0 || want.offset + want.length > bytes.size()) std::abort();
    const auto n = static_cast<size_t>(std::min<uint64_t>(piece, bytes.size() - want.offset));
    uint8_t* room = detect.prepare(n);
    if (room == nullptr) std::abort();
    std::memcpy(room, bytes.data() + want.offset, n);
    detect.commit(n);
    reading.given += n;
  }
}

// In a dialect that is told.
inline DetectOptions told(Dialect dialect) {
  DetectOptions options;
  options.encoding = dialect.ascii ? 'a' : 'b';
  if (!dialect.ascii) options.byte_order = dialect.big_endian ? 'b' : 'l';
  if (!dialect.ascii) options.long_size = dialect.long_size;
  return options;
}

inline std::string read_text(const std::string& bytes, DetectOptions options = {}) {
  return read_file(bytes, std::move(options)).text();
}

struct Fixture {
  std::string name;
  std::string bytes;
};

// Every .t7 file of testfiles_x86_64 in order of name.
inline const std::vector<Fixture>& fixtures() {
  static const std::vector<Fixture> all = [] {
    std::vector<Fixture> found;
    const std::filesystem::path folder = std::string(T7_SOURCE_DIR) + "/testfiles_x86_64";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".t7") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      found.push_back({entry.path().filename().string(), {std::istreambuf_iterator<char>(in), {}}});
    }
    std::sort(found.begin(), found.end(),
              [](const Fixture& a, const Fixture& b) { return a.name < b.name; });
    return found;
  }();
  return all;
}

}  // namespace t7
