// Any bytes: a graph that can be walked, or an error that says what and where.
//
// The input is a file. If it ends in 0xf5 the byte before says how it is read: which dialect is
// told, in which pieces it comes; else it is detected, in pieces by its length.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "bytes_builder.h"
#include "graph/placement.h"
#include "invariants.h"
#include "reading.h"

namespace {

constexpr size_t kPieces[] = {1, 7, 100, 4096, t7::kWhole};

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

t7::DetectOptions options_for(unsigned choice) {
  if (choice < 5) return t7::told(t7::kDialects[choice]);
  t7::DetectOptions options;
  if (choice == 5) options.assumptions.schema = "BObhILFDsO";
  if (choice == 6) options.assumptions.schema = "hcLDs";
  options.assumptions.schema_repeats_last = choice == 6;
  return options;
}

// Brings the elements to memory as `load` does, whose sizes nobody but the core checks.
void place(t7::Detect& detect, const std::string& file) {
  if (detect.parser() == nullptr || detect.parser()->dialect().ascii) return;
  t7::Placement placement(detect.parser()->graph(), detect.parser()->dialect());
  const auto size = static_cast<size_t>(placement.bytes());
  // Longs double; small storages are rounded up.
  if (size > t7::Placement::kAlignment * file.size()) die("more memory than the file can fill");
  const std::unique_ptr<void, void (*)(void*)> memory(
      std::aligned_alloc(t7::Placement::kAlignment, size), std::free);
  placement.place(static_cast<uint8_t*>(memory.get()));
  for (;;) {
    const t7::Placement::Piece piece = placement.next();
    if (piece.length == 0) return;
    if (piece.offset + piece.length > file.size()) die("a piece outside the file");
    // A copy of just this size, so that the sanitizer sees a byte too many.
    const std::string buffer = file.substr(piece.offset, piece.length);
    if (piece.to != nullptr) std::memcpy(piece.to, buffer.data(), buffer.size());
    placement.finish(reinterpret_cast<const uint8_t*>(buffer.data()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  unsigned choice = 7;
  size_t piece = kPieces[size % 5];
  if (size >= 2 && data[size - 1] == 0xf5) {
    choice = data[size - 2] & 7;
    piece = kPieces[data[size - 2] / 8 % 5];
    size -= 2;
  }
  const std::string file(reinterpret_cast<const char*>(data), size);
  const uint32_t budget =
      size % 3 == 0 ? 1 + static_cast<uint32_t>(size % 50) : t7::kBudget;  // values between pauses
  const t7::Reading reading = t7::read_file(file, options_for(choice), piece, budget);
  const std::string broken = t7::broken_invariant(*reading.detect, reading.state, size);
  if (!broken.empty()) die(broken.c_str());
  // No pass is given more than the file, and there are never more than 64 and the last.
  if (reading.given > uint64_t{66} * size + 64) die("more bytes than 66 files");
  (void)reading.text(true);
  place(*reading.detect, file);
  return 0;
}
