// In whatever pieces a file comes, and however rarely the parser pauses, the graph is the same.
#include <gtest/gtest.h>

#include <random>

#include "bytes_builder.h"
#include "invariants.h"
#include "reading.h"
#include "vectors.h"

namespace t7 {
namespace {

void expect_same_in_pieces(const std::string& name, const std::string& bytes) {
  const std::string whole = read_file(bytes).text(true);
  for (const size_t piece : {1, 2, 7, 4096}) {
    if (piece == 1 && bytes.size() > 50000) continue;  // sanitizers are slow
    EXPECT_EQ(read_file(bytes, {}, piece).text(true), whole) << name << " by " << piece;
  }
  for (const uint32_t budget : {1, 3}) {
    EXPECT_EQ(read_file(bytes, {}, 100, budget).text(true), whole) << name << " paused";
  }
}

TEST(Pieces, EveryFixture) {
  ASSERT_GT(fixtures().size(), 300u);
  for (const Fixture& fixture : fixtures()) expect_same_in_pieces(fixture.name, fixture.bytes);
}

TEST(Pieces, EveryVector) {
  for (const Vector& vector : kVectors) expect_same_in_pieces(vector.name, from_hex(vector.hex));
}

// What the fixtures have not: guessed classes, sessions, trailing bytes, damaged line ends.
TEST(Pieces, OddFiles) {
  Bytes guessed;
  guessed.table(1, 2).num(1).object(2, "my.Own").i64(5);
  for (int i = 0; i < 5; ++i) guessed.num(i);
  expect_same_in_pieces("guessed", guessed.num(2).str("end"));
  Bytes sessions;
  for (int i = 0; i < 3; ++i) sessions.table(1, 1).num(1).table(2, 0);
  expect_same_in_pieces("sessions", sessions);
  expect_same_in_pieces("trailing", sessions.raw("something else"));
  expect_same_in_pieces("hand-written", Bytes().boolean(1).i32(456));
  const std::string text =
      "4\n1\n3\nV 1\n16\ntorch.ByteTensor\n1\n3\n1\n1\n4\n2\n3\nV 1\n17\n"
      "torch.ByteStorage\n3\nA\nB\n2\n5\na\n\nb\n\n";
  expect_same_in_pieces("ascii", text);
  std::string damaged;
  for (const char c : text) damaged += c == '\n' ? "\r\n" : std::string(1, c);
  expect_same_in_pieces("carriage returns", damaged);
  Bytes numbers(kAscii);
  numbers.tensor(1, "torch.IntTensor", {70000}, {1}).storage(2, "torch.IntStorage", 70000);
  for (int i = 0; i < 70000; ++i) numbers.raw(i % 7 == 0 ? "-1   " : "12 ");
  expect_same_in_pieces("long line", numbers.raw("\n"));
}

// Tensors that are here as a whole are read in one step. Whatever could be wrong with one, and
// whatever is special, must come out as it does step by step.
TEST(Pieces, TensorsAmongTensors) {
  for (const Dialect dialect : kDialects) {
    const auto numbers = [](Bytes& f, int n) {
      for (int i = 0; i < n; ++i) f.f32(static_cast<float>(i));
    };
    using Write = void (*)(Bytes&, int);
    const std::pair<const char*, Write> middles[] = {
        {"the same", [](Bytes& f, int i) { f.tensor(i, "torch.FloatTensor", {3}, {1}); }},
        {"a scalar's shape", [](Bytes& f, int i) { f.tensor(i, "torch.FloatTensor", {}, {}); }},
        {"a part",
         [](Bytes& f, int i) {
           f.tensor(i, "torch.FloatTensor", {1, 2}, {2, 1}, 2);
         }},
        {"empty",
         [](Bytes& f, int i) {
           f.tensor(i, "torch.FloatTensor", {0, 3}, {3, 1});
         }},
        {"outside", [](Bytes& f, int i) { f.tensor(i, "torch.FloatTensor", {4}, {1}); }},
        {"before", [](Bytes& f, int i) { f.tensor(i, "torch.FloatTensor", {2}, {1}, 0); }},
        {"backward", [](Bytes& f, int i) { f.tensor(i, "torch.FloatTensor", {2}, {-1}, 2); }},
        {"a size below 0", [](Bytes& f, int i) { f.tensor(i, "torch.FloatTensor", {-1}, {1}); }},
        {"huge",
         [](Bytes& f, int i) {
           f.tensor(i, "torch.FloatTensor", {1 << 30, 1 << 30, 1 << 30}, {1, 1, 1});
         }},
        {"nine dimensions",
         [](Bytes& f, int i) {
           f.tensor(i, "torch.FloatTensor", {1, 1, 1, 1, 1, 1, 1, 1, 3},
                    {1, 1, 1, 1, 1, 1, 1, 1, 1});
         }},
        {"another class", [](Bytes& f, int i) { f.tensor(i, "torch.IntTensor", {3}, {1}); }},
        {"another index", [](Bytes& f, int i) { f.tensor(i + 1, "torch.FloatTensor", {3}, {1}); }},
    };
    for (const auto& [name, middle] : middles) {
      Bytes f(dialect);
      f.table(1, 3);
      for (int i = 0; i < 3; ++i) {
        const int index = 2 + 2 * i;
        f.num(i + 1);
        if (i == 1) middle(f, index);
        if (i != 1) f.tensor(index, "torch.FloatTensor", {3}, {1});
        f.storage(index + 1, "torch.FloatStorage", 3);
        numbers(f, 3);
      }
      expect_same_in_pieces(name, f);
      // The end of the file anywhere in the last tensor.
      if (std::string(name) != "the same") continue;
      for (size_t n = f.size() - 60; n < f.size(); ++n) {
        expect_same_in_pieces("cut", f.text().substr(0, n));
      }
    }
    Bytes shared(dialect);
    shared.table(1, 3).num(1).tensor(2, "torch.FloatTensor", {3}, {1});
    numbers(shared.storage(3, "torch.FloatStorage", 3), 3);
    shared.num(2).tensor(4, "torch.FloatTensor", {2}, {1}).ref(4, 3);
    shared.num(3).tensor(5, "torch.FloatTensor", {0}, {1}).nil();
    expect_same_in_pieces("shared", shared);
    EXPECT_EQ(read_file(shared).state, State::done);
  }
}

TEST(Pieces, TextStoragesRememberEvery65536thNumber) {
  Bytes f(kAscii);
  f.storage(1, "torch.IntStorage", 140000);
  const size_t start = f.size();
  for (int i = 0; i < 140000; ++i) f.raw("5 ");
  for (const size_t piece : {size_t{1000}, kWhole}) {
    const Reading reading = read_file(f, {}, piece);
    const auto& longs = reading.graph()->longs;
    ASSERT_EQ(longs.size(), 5u);
    EXPECT_EQ(longs[0], static_cast<int64_t>(start));
    EXPECT_EQ(longs[2], 2 * 140000 - 1);
    EXPECT_EQ(longs[3], static_cast<int64_t>(start + 2 * 65536 - 1));
    EXPECT_EQ(longs[4], static_cast<int64_t>(start + 4 * 65536 - 1));
  }
}

// Payload is never asked for: a file costs the reading of its graph.
TEST(Pieces, PayloadIsNotRead) {
  Bytes f;
  f.table(1, 2).num(1).tensor(2, "torch.DoubleTensor", {100000}, {1});
  f.storage(3, "torch.DoubleStorage", 100000).zeros(800000).num(2).str(std::string(100000, 'x'));
  const Reading reading = read_file(f, {}, 64);
  EXPECT_EQ(reading.state, State::done);
  EXPECT_LT(reading.given, 1000u);
}

// Pieces of random sizes over random mixtures of small values.
TEST(Pieces, RandomFiles) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const Dialect dialect = kDialects[random() % 5];
    Bytes f(dialect);
    int64_t index = 1;
    const int pairs = static_cast<int>(random() % 20);
    f.table(index++, pairs);
    for (int i = 0; i < pairs; ++i) {
      f.num(i + 1);
      switch (random() % 6) {
        case 0: f.str(std::string(random() % 40, '\n')); break;
        case 1: f.table(index++, 1).boolean(1).ref(3, 1); break;
        case 2:
          f.tensor(index++, "torch.DoubleTensor", {1, 2}, {2, 1}).doubles(index, {1, 2}), ++index;
          break;
        case 3: f.object(index++, "tds.Vec", "V 0").i64(1).nil(); break;
        case 4: f.function(6, 0).table(index++, 0); break;
        default: f.num(0.1 * i); break;
      }
    }
    const Reading whole = read_file(f, told(dialect));
    ASSERT_EQ(whole.state, State::done) << round;
    ASSERT_EQ(broken_invariant(*whole.detect, whole.state, f.size()), "");
    EXPECT_EQ(read_file(f, told(dialect), 1 + random() % 9).text(true), whole.text(true)) << round;
  }
}

}  // namespace
}  // namespace t7
