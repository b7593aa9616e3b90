// A growing array in chunks of fixed size: growth moves nothing and leaves no garbage behind,
// which matters because WebAssembly memory never shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <vector>

namespace t7 {

// A list that grows without moving what it holds: 2^kBits elements of T per chunk, and a directory
// of the chunks, all its own. At most 2^32 − 1 elements. JavaScript reads the chunks through
// `directory()`: see docs/design.md § Memory.
template <typename T, unsigned kBits>
class ChunkList {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr size_t kChunk = size_t{1} << kBits;

  ChunkList() = default;
  ChunkList(const ChunkList&) = delete;
  ChunkList& operator=(const ChunkList&) = delete;
  ~ChunkList() {
    for (T* chunk : chunks_) ::operator delete(chunk);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return chunks_[i >> kBits][i & (kChunk - 1)]; }
  const T& operator[](size_t i) const { return chunks_[i >> kBits][i & (kChunk - 1)]; }
  T& back() { return last_[(size_ - 1) & (kChunk - 1)]; }
  const T& back() const { return last_[(size_ - 1) & (kChunk - 1)]; }

  // By value, since an element of this list may be given. Each push pays for one comparison; the
  // rest is out of the way, so that the compiler keeps this in the parser's loop.
  void push(T value) {
    const size_t at = size_ & (kChunk - 1);
    if (at == 0) last_ = next_chunk();
    last_[at] = value;
    ++size_;
  }

  // Forgets the elements from n on; their chunks are kept for the next ones.
  void truncate(size_t n) {
    size_ = n;
    if (n != 0) last_ = chunks_[(n - 1) >> kBits];
  }

  T* const* directory() const { return chunks_.data(); }

 private:
  [[gnu::noinline]] T* next_chunk() {
    const size_t chunk = size_ >> kBits;
    // Not `new T[]`, which would fill the chunk with initial values that nobody reads.
    if (chunk == chunks_.size()) {
      chunks_.push_back(static_cast<T*>(::operator new(kChunk * sizeof(T))));
    }
    return chunks_[chunk];
  }

  std::vector<T*> chunks_;
  T* last_ = nullptr;  // the chunk that holds element size_ - 1
  size_t size_ = 0;
};

}  // namespace t7
