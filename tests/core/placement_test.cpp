// Elements come to their places in memory, in whatever pieces they are read.
#include "graph/placement.h"

#include <gtest/gtest.h>

#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

// What `load` does with a binary file: the memory of all elements, and where each storage lies.
struct Placed {
  Reading reading;
  std::vector<std::string> pieces;  // "offset+length", with > if straight to its place
  std::unique_ptr<uint8_t[]> memory;
  uint8_t* base = nullptr;
  uint64_t bytes = 0;

  template <typename T>
  std::vector<T> elements(uint32_t object) const {
    const Graph& graph = *reading.graph();
    const Object& storage = graph.objects[object];
    const auto count = static_cast<size_t>(graph.longs[storage.first + 1]);
    std::vector<T> copy(count);
    const size_t at = (storage.count - size_t{1}) * Placement::kAlignment;
    if (count != 0) std::memcpy(copy.data(), base + at, count * sizeof(T));
    return copy;
  }
};

Placed place(const std::string& file, Dialect dialect = kLe64) {
  Placed placed{read_file(file, told(dialect)), {}, nullptr, nullptr, 0};
  Graph& graph = placed.reading.detect->parser()->graph();
  Placement placement(graph, placed.reading.detect->parser()->dialect());
  placed.bytes = placement.bytes();
  // No more than is needed, so that a byte too many is found.
  const auto size = static_cast<size_t>(placed.bytes) + Placement::kAlignment - 1;
  placed.memory = std::make_unique<uint8_t[]>(size);
  const auto address = reinterpret_cast<uintptr_t>(placed.memory.get());
  const uintptr_t aligned = (address + Placement::kAlignment - 1) & ~(Placement::kAlignment - 1);
  placed.base = placed.memory.get() + (aligned - address);
  placement.place(placed.base);
  for (;;) {
    const Placement::Piece piece = placement.next();
    if (piece.length == 0) return placed;
    std::vector<uint8_t> buffer(static_cast<size_t>(piece.length));
    placed.pieces.push_back((piece.to == nullptr ? "" : ">") + std::to_string(piece.offset) + "+" +
                            std::to_string(piece.length));
    uint8_t* to = piece.to == nullptr ? buffer.data() : piece.to;
    std::memcpy(to, file.data() + piece.offset, buffer.size());
    placement.finish(piece.to == nullptr ? buffer.data() : nullptr);
  }
}

TEST(Placement, EveryWidthAndByteOrder) {
  for (const Dialect dialect : {kLe64, kLe32, kBe64, kBe32}) {
    Bytes f(dialect);
    f.table(1, 4).num(1).storage(2, "torch.ShortStorage", 3).i16(-2).i16(258).i16(7);
    f.num(2).storage(3, "torch.LongStorage", 2).i64(-5).i64(1 << 20);
    f.num(3).storage(4, "torch.CharStorage", 5).chars("abcde");
    f.num(4).doubles(5, {0.5, -1e300});
    const Placed placed = place(f, dialect);
    EXPECT_EQ(placed.bytes, 4 * Placement::kAlignment);
    EXPECT_EQ(placed.elements<int16_t>(1), (std::vector<int16_t>{-2, 258, 7}));
    EXPECT_EQ(placed.elements<int64_t>(2), (std::vector<int64_t>{-5, 1 << 20}));
    EXPECT_EQ(placed.elements<char>(3), (std::vector<char>{'a', 'b', 'c', 'd', 'e'}));
    EXPECT_EQ(placed.elements<double>(4), (std::vector<double>{0.5, -1e300}));
    EXPECT_EQ(placed.pieces.size(), 1u);
  }
}

TEST(Placement, EmptyAndIncompleteStoragesHaveNoPlace) {
  Bytes f;
  f.table(1, 3).num(1).storage(2, "torch.FloatStorage", 0).num(2).doubles(3, {1}).num(3);
  f.storage(4, "torch.FloatStorage", 100).zeros(20);
  const Placed placed = place(f);
  EXPECT_EQ(placed.reading.state, State::failed);
  const auto& objects = placed.reading.graph()->objects;
  ASSERT_EQ(objects.size(), 4u);
  EXPECT_EQ(objects[1].count, 0u);
  EXPECT_EQ(objects[2].count, 1u);
  EXPECT_EQ(objects[3].count, 0u);
  EXPECT_EQ(placed.bytes, Placement::kAlignment);
}

// Large storages go straight to their place; small ones share a piece with their neighbours, which
// never exceeds the buffer.
TEST(Placement, Pieces) {
  Bytes f;
  f.table(1, 103).num(1).storage(2, "torch.ByteStorage", 70000).zeros(69999).raw("L");
  f.num(2).storage(3, "torch.ByteStorage", 3).raw("abc").num(3);
  f.storage(4, "torch.ByteStorage", 70000).zeros(70000);
  for (int i = 0; i < 100; ++i) {
    f.num(4 + i).storage(5 + i, "torch.ByteStorage", 20000).raw(std::string(20000, 'A' + i % 26));
  }
  const Placed placed = place(f);
  EXPECT_EQ(placed.reading.state, State::done);
  ASSERT_EQ(placed.pieces.size(), 5u);  // 100 × 20,000 bytes do not fit one buffer
  EXPECT_EQ(placed.pieces[0][0], '>');
  EXPECT_EQ(placed.pieces[1].substr(placed.pieces[1].find('+')), "+3");
  EXPECT_EQ(placed.pieces[2][0], '>');
  EXPECT_EQ(placed.elements<char>(1).back(), 'L');
  EXPECT_EQ(placed.elements<char>(2), (std::vector<char>{'a', 'b', 'c'}));
  for (int i = 0; i < 100; ++i) {
    const auto elements = placed.elements<char>(static_cast<uint32_t>(4 + i));
    ASSERT_EQ(elements, std::vector<char>(20000, static_cast<char>('A' + i % 26))) << i;
  }
}

}  // namespace
}  // namespace t7
