// The elements of a graph's storages in memory, for `load`: where they go, which bytes of the file
// to read for them, and what is left to do with those bytes.
#pragma once

#include "bytes/scan.h"
#include "graph/graph.h"

namespace t7 {

// Places the storages of a finished graph behind each other, aligned. Their place stands in
// Object::count: in steps of kAlignment from 1 on, 0 for those that have no elements or are
// incomplete.
class Placement {
 public:
  static constexpr size_t kAlignment = 16;
  // Pieces for the buffer have at most so many bytes.
  static constexpr size_t kBuffer = size_t{1} << 20;

  // Bytes to read next: into memory at `to`, or, if that is null, into a buffer.
  struct Piece {
    uint64_t offset = 0;
    uint64_t length = 0;  // 0: all elements are there
    uint8_t* to = nullptr;
  };

  Placement(Graph& graph, const Dialect& dialect);

  // Memory that all elements take together: below 64 GiB, or they are not placed.
  uint64_t bytes() const { return bytes_; }
  // They go to `base`, which is aligned and has room for them.
  void place(uint8_t* base) { base_ = base; }
  // For binary files. Storages much smaller than the buffer come many in one piece.
  Piece next();
  // The bytes of the last piece have been read, perhaps into `buffer`: brings them to their places
  // and into JavaScript's byte order and widths.
  void finish(const uint8_t* buffer);

 private:
  bool is_placed(uint32_t object) const {
    const Object& storage = graph_.objects[object];
    return graph_.nodes[storage.node].kind() == Kind::storage && storage.count != 0;
  }
  uint8_t* address(const Object& storage) const {
    return base_ + (storage.count - size_t{1}) * kAlignment;
  }
  uint64_t file_offset(const Object& storage) const {
    return static_cast<uint64_t>(graph_.longs[storage.first]);
  }
  uint64_t file_bytes(const Object& storage) const {
    return static_cast<uint64_t>(graph_.longs[storage.first + 2]);
  }
  uint64_t memory_bytes(const Object& storage) const;
  void to_native(const Object& storage) const;

  const Graph& graph_;
  const Dialect& dialect_;
  uint64_t bytes_ = 0;
  uint8_t* base_ = nullptr;
  // The last piece: storages among these objects, and the file offset of the first.
  uint32_t first_ = 0;
  uint32_t end_ = 0;
  uint64_t start_ = 0;
  bool buffered_ = false;
};

}  // namespace t7
