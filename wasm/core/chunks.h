// A growing array in chunks of fixed size: growth moves nothing and leaves no garbage behind,
// which matters because WebAssembly memory never shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace t7 {

// 2^kBits elements of T per chunk. T is trivially copyable. JavaScript reads the chunks through
// `directory()`: see docs/design.md § Memory.
template <typename T, unsigned kBits>
class ChunkList {
 public:
  static constexpr size_t kChunk = size_t{1} << kBits;

  ChunkList() = default;
  ChunkList(const ChunkList&) = delete;
  ChunkList& operator=(const ChunkList&) = delete;
  ~ChunkList() {
    for (T* chunk : chunks_) delete[] chunk;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return chunks_[i >> kBits][i & (kChunk - 1)]; }
  const T& operator[](size_t i) const { return chunks_[i >> kBits][i & (kChunk - 1)]; }
  T& back() { return (*this)[size_ - 1]; }

  void push(const T& value) {
    if (size_ == chunks_.size() << kBits) chunks_.push_back(new T[kChunk]);
    chunks_[size_ >> kBits][size_ & (kChunk - 1)] = value;
    ++size_;
  }

  // Forgets the elements from n on; their chunks are kept for the next ones.
  void truncate(size_t n) { size_ = n; }

  T* const* directory() const { return chunks_.data(); }

 private:
  std::vector<T*> chunks_;
  size_t size_ = 0;
};

}  // namespace t7
