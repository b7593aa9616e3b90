// Files made to hurt: deep, wide, colliding, claiming. Each within seconds and a small multiple of
// its size.
#include <gtest/gtest.h>

#include <chrono>

#include "base/bounds.h"
#include "bytes_builder.h"
#include "invariants.h"
#include "memory.h"
#include "reading.h"

namespace t7 {
namespace {

// A tenth under the sanitizers, which make everything ten times slower.
const int kMillion = memory_is_counted() ? 100'000 : 1'000'000;
// Far beyond what a busy core under the sanitizers needs, far below quadratic time.
constexpr double kSeconds = 120;

// Reads, and checks time, memory and what JavaScript relies on.
Reading read_hostile(const std::string& file, size_t piece = kWhole) {
  const PeakMemory memory;
  const auto start = std::chrono::steady_clock::now();
  Reading reading = read_file(file, {}, piece);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  EXPECT_LT(time.count(), kSeconds);
  EXPECT_LT(memory.peak(), (size_t{1} << 20) + 24 * file.size());
  EXPECT_EQ(broken_invariant(*reading.detect, reading.state, file.size()), "");
  return reading;
}

TEST(Hostile, NestedTables) {
  for (const Dialect dialect : {kLe64, kAscii}) {
    Bytes f(dialect);
    for (int i = 1; i <= kMillion; ++i) f.table(i, 1).boolean(1);
    const Reading whole = read_hostile(Bytes(dialect).raw(f.text()).nil());
    EXPECT_EQ(whole.state, State::done);
    EXPECT_EQ(whole.graph()->objects.size(), static_cast<size_t>(kMillion));
    const Reading cut = read_hostile(f);
    EXPECT_EQ(cut.error().code, ErrorCode::truncated);
    EXPECT_TRUE(cut.graph()->objects[0].has(Object::kIncomplete));
  }
}

TEST(Hostile, NestedKeysFunctionsAndObjects) {
  Bytes keys;
  for (int i = 1; i <= kMillion; ++i) keys.table(i, 1);
  EXPECT_EQ(read_hostile(keys).error().code, ErrorCode::truncated);
  Bytes functions;
  for (int i = 0; i < kMillion / 4; ++i)
    functions.function(7, 2 * i + 1).table(2 * i + 2, 1).num(1);
  EXPECT_EQ(read_hostile(functions.nil()).state, State::done);
  Bytes objects;
  for (int i = 0; i < kMillion / 4; ++i) objects.fields(2 * i + 1, "nn.A", 1).boolean(0);
  EXPECT_EQ(read_hostile(objects.nil()).state, State::done);
  Bytes tensors;  // a tensor whose storage is a tensor …
  for (int i = 1; i <= kMillion / 4; ++i) tensors.tensor(i, "torch.IntTensor", {}, {});
  EXPECT_EQ(read_hostile(tensors.nil()).state, State::done);
}

TEST(Hostile, BackReferences) {
  Bytes f;
  f.table(1, kMillion);
  for (int i = 1; i <= kMillion; ++i) f.num(i).ref(3, 1);
  const Reading reading = read_hostile(f);
  EXPECT_EQ(reading.state, State::done);
  EXPECT_EQ(reading.graph()->objects.size(), 1u);
}

// Few bytes, 2^60 paths.
TEST(Hostile, ManyPaths) {
  Bytes f;
  for (int i = 1; i <= 60; ++i) f.table(i, 2).num(1);
  f.str("leaf");
  for (int i = 60; i >= 1; --i) {
    f.num(2);
    i == 60 ? f.str("leaf") : f.ref(3, i + 1);
  }
  const Reading reading = read_hostile(f);
  EXPECT_EQ(reading.state, State::done);
  EXPECT_LT(reading.text().size(), 2000u);
}

// What is claimed costs nothing.
TEST(Hostile, Claims) {
  const auto error_of = [](const Bytes& f) {
    const Reading reading = read_hostile(f);
    return std::string(error_name(reading.error().code));
  };
  EXPECT_EQ(error_of(Bytes().table(1, INT32_MAX).num(1).num(2)), "truncated");
  EXPECT_EQ(error_of(Bytes().str("").table(1, 1).num(1).i32(2).i32(INT32_MAX)), "truncated");
  EXPECT_EQ(error_of(Bytes().storage(1, "torch.DoubleStorage", int64_t{1} << 62)), "truncated");
  EXPECT_EQ(error_of(Bytes().storage(1, "torch.DoubleStorage", INT64_MAX)), "truncated");
  EXPECT_EQ(error_of(Bytes().storage(1, "torch.ZDoubleStorage", INT64_MAX)), "truncated");
  EXPECT_EQ(error_of(Bytes(kAscii).storage(1, "torch.ZDoubleStorage", INT64_MAX)), "truncated");
  EXPECT_EQ(error_of(Bytes(kAscii).storage(1, "torch.LongStorage", INT64_MAX)), "truncated");
  EXPECT_EQ(error_of(Bytes().object(1, "tds.Hash").i64(INT64_MAX).num(1).num(2)), "truncated");
  EXPECT_EQ(error_of(Bytes().object(1, "tds.Vec").i64(INT64_MAX).num(1)), "truncated");
  EXPECT_EQ(error_of(Bytes().table(1, 1).num(1).i32(4).i32(2).i32(1 << 30)), "bad_class_name");
  EXPECT_EQ(error_of(Bytes().i32(8).i32(1).i32(INT32_MAX).raw("\x1b")), "truncated");
  Bytes data_set;
  data_set.table(1, 1).num(1).object(2, "nn.DataSet").i32(1).i32(INT32_MAX - 1).nil();
  EXPECT_EQ(error_of(data_set), "truncated");
  Bytes multi;
  multi.table(1, 1).num(1).object(2, "torch.MultiCudaTensor").table(3, 0).num(1e300).nil();
  EXPECT_EQ(error_of(multi), "bad_count");
}

TEST(Hostile, WildViews) {
  const auto issue_of = [](std::initializer_list<int64_t> shape,
                           std::initializer_list<int64_t> strides, int64_t offset) {
    Bytes f;
    f.tensor(1, "torch.DoubleTensor", shape, strides, offset).doubles(2, {1, 2, 3, 4});
    return dump_issues(read_hostile(f).graph()->issues);
  };
  EXPECT_EQ(issue_of({2, 2}, {1, 1}, 1), "");    // overlapping
  EXPECT_EQ(issue_of({2, 2}, {-1, -1}, 4), "");  // backwards
  EXPECT_EQ(issue_of({int64_t{1} << 31, int64_t{1} << 31}, {0, 0}, 1), "");
  EXPECT_EQ(issue_of({int64_t{1} << 32, int64_t{1} << 31}, {0, 0}, 1), "view_out_of_range@0");
  EXPECT_EQ(issue_of({2}, {INT64_MIN}, 1), "view_out_of_range@0");
  EXPECT_EQ(issue_of({INT64_MAX}, {INT64_MAX}, INT64_MAX), "view_out_of_range@0");
}

TEST(Hostile, IndicesOfAnotherKind) {
  for (const int64_t code : {4, 7, 8}) {
    EXPECT_EQ(read_hostile(Bytes().table(1, 1).num(1).ref(code, 1)).error().code,
              ErrorCode::wrong_kind);
  }
  const Bytes f = Bytes().table(1, 2).num(1).fields(2, "nn.A", 0).num(2).ref(3, 2);
  EXPECT_EQ(read_hostile(f).error().code, ErrorCode::wrong_kind);
}

// Torch's indices count up; others need a map.
TEST(Hostile, IndicesInAnyOrder) {
  Bytes down;
  down.table(INT32_MAX, kMillion);
  for (int i = 1; i <= kMillion; ++i) down.num(i).table(kMillion - i + 1, 0);
  EXPECT_EQ(read_hostile(down).state, State::done);
  // Of this prime many buckets, all indices would be in one.
  const int64_t prime = memory_is_counted() ? 107897 : 1056323;
  Bytes colliding;
  colliding.table(INT32_MAX, 2 * kMillion);
  for (int i = 1; i <= kMillion; ++i) {
    const int64_t index = 1 + (i * prime) % (int64_t{INT32_MAX} - 1);
    colliding.num(i).table(index, 0).num(-i).ref(3, index);
  }
  EXPECT_EQ(read_hostile(colliding).state, State::done);
}

TEST(Hostile, DistinctStrings) {
  Bytes f;
  f.table(1, kMillion);
  for (int i = 1; i <= kMillion; ++i) f.str("key " + std::to_string(i)).boolean(1);
  const Reading reading = read_hostile(f);
  EXPECT_EQ(reading.state, State::done);
  EXPECT_EQ(reading.graph()->strings.size(), static_cast<size_t>(kMillion));
  EXPECT_TRUE(reading.graph()->objects[0].has(Object::kRecord));
}

// The mix of the string hash can be inverted, so that a file can choose what comes out: 16 bytes
// whose hash is 0, different for each n.
std::string colliding_string(uint64_t n) {
  constexpr uint64_t kMultiplier = 0xff51afd7ed558ccdu;
  uint64_t inverse = kMultiplier;
  for (int i = 0; i < 6; ++i) inverse *= 2 - kMultiplier * inverse;
  const uint64_t words[] = {n * 0x9e3779b97f4a7c15u, 0};
  uint64_t state = (16 * 0x9e3779b97f4a7c15u ^ words[0]) * kMultiplier;
  state ^= state >> 32;
  uint64_t wanted = (n << 32 | n) * inverse;  // its product folds to 0
  wanted ^= wanted >> 32;
  const uint64_t second = state ^ wanted * inverse;
  std::string text(16, '\0');
  std::memcpy(text.data(), &words[0], 8);
  std::memcpy(text.data() + 8, &second, 8);
  return text;
}

TEST(Hostile, CollidingStrings) {
  Bytes f;
  f.table(1, kMillion);
  for (int i = 1; i <= kMillion; ++i) {
    const std::string text = colliding_string(static_cast<uint64_t>(i));
    f.str(text).str(text);
  }
  const Reading reading = read_hostile(f);
  EXPECT_EQ(reading.state, State::done);
  // Proof that they do collide: the search for a present one is given up.
  EXPECT_GT(reading.graph()->strings.size(), static_cast<size_t>(kMillion) * 3 / 2);
}

TEST(Hostile, ManyClasses) {
  const int count = static_cast<int>(kMaxClasses) / (memory_is_counted() ? 8 : 1);
  Bytes f;
  f.table(1, count);
  for (int i = 0; i < count; ++i) f.num(i + 1).fields(2 * i + 2, "c" + std::to_string(i), 0);
  const Reading reading = read_hostile(f);
  EXPECT_EQ(reading.state, State::done);
  EXPECT_EQ(reading.graph()->classes.size(), static_cast<size_t>(count));
}

TEST(Hostile, ManyEqualKeys) {
  Bytes f;
  f.table(1, kMillion);
  for (int i = 0; i < kMillion; ++i) f.num(i % 7).num(i);
  const Reading reading = read_hostile(f);
  EXPECT_EQ(reading.graph()->objects[0].count, 14u);
  EXPECT_EQ(reading.graph()->warnings.size(), kMaxWarnings);
}

TEST(Hostile, ManyRootsAndManyNils) {
  Bytes f;
  for (int i = 0; i < kMillion; ++i) f.num(1).nil();
  EXPECT_EQ(read_hostile(f).graph()->roots.size(), static_cast<size_t>(2 * kMillion));
  Bytes text(kAscii);
  text.num(1);
  for (int i = 0; i < kMillion; ++i) text.nil();
  EXPECT_EQ(read_hostile(text).state, State::done);
}

// White space costs linear time in whatever pieces it comes.
TEST(Hostile, Blanks) {
  const std::string blanks(static_cast<size_t>(kMillion), ' ');
  EXPECT_EQ(read_hostile("2\n2\nhi\n" + blanks, 10).text(), "hi");
  EXPECT_EQ(read_hostile("3\n1\n1\n2\n1\nk" + blanks + "5\n1\n", 10).text(), "{k: true}");
  EXPECT_EQ(read_hostile("1\n" + blanks + "5\n", 10).error().code, ErrorCode::bad_number);
  const std::string header = "4\n1\n3\nV 1\n15\ntorch.IntTensor\n60\n";
  std::string sizes;
  for (int i = 0; i < 60; ++i) sizes += std::string(4000, ' ') + "1";
  EXPECT_EQ(read_hostile(header + sizes, 500).error().code, ErrorCode::truncated);
}

// So do strings whose line ends were changed, which take more room than they say.
TEST(Hostile, CarriageReturns) {
  const int half = kMillion / 2;
  std::string file = "3\r\n1\r\n1\r\n2\r\n" + std::to_string(half) + "\r\n";
  for (int i = 0; i < half; ++i) file += "\r\n";
  file += "\r\n5\r\n1\r\n";
  const Reading reading = read_hostile(file, 100);
  EXPECT_EQ(reading.state, State::done);
  EXPECT_EQ(reading.graph()->strings[0].length, static_cast<uint32_t>(half));
}

TEST(Hostile, LongTokens) {
  const std::string digits(static_cast<size_t>(kMillion), '1');
  EXPECT_EQ(read_hostile("1\n" + digits, 100).error().code, ErrorCode::bad_number);
  const std::string storage = "4\n1\n3\nV 1\n16\ntorch.IntStorage\n";
  EXPECT_EQ(read_hostile(storage + "2\n" + digits, 100).error().code, ErrorCode::bad_number);
}

// A key is read whole, so it has to be asked for whole: a byte at a time it costs linear time too.
TEST(Hostile, LongKeysInSmallPieces) {
  const Bytes f = Bytes().table(1, 1).str(std::string(static_cast<size_t>(kMillion), 'k')).nil();
  EXPECT_EQ(read_hostile(f, 1).state, State::done);
}

TEST(Hostile, Tensors) {
  Bytes f;
  f.table(1, kMillion / 10);
  for (int i = 0; i < kMillion / 10; ++i) {
    f.num(i + 1).tensor(i + 2, "torch.FloatTensor", {2}, {1}).ref(4, i == 0 ? 1 : i + 1);
  }
  EXPECT_EQ(read_hostile(f).state, State::failed);  // the first one's storage is a table
}

}  // namespace
}  // namespace t7
