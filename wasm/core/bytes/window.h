// The bytes of the file that are here now: one contiguous piece, filled by whoever does the I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace t7 {

// Holds file bytes [begin(), end()). The reader drops what it has consumed; the caller appends,
// or, after the reader jumped over a payload, starts anew at another offset. Owns its memory, which
// is as large as the largest piece that had to be here at once; the caller bounds that.
class Window {
 public:
  Window() = default;
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window() { std::free(buffer_); }

  uint64_t begin() const { return base_; }
  uint64_t end() const { return base_ + length_; }
  const uint8_t* data() const { return buffer_ + start_; }
  size_t length() const { return length_; }

  // Room for n more bytes behind the present ones, or nullptr if there is no memory.
  uint8_t* prepare(size_t n) {
    if (start_ + length_ + n > capacity_) {
      if (length_ + n > capacity_ || start_ < capacity_ / 2) {
        if (!grow(length_ + n)) return nullptr;
      } else {
        std::memmove(buffer_, buffer_ + start_, length_);
        start_ = 0;
      }
    }
    return buffer_ + start_ + length_;
  }

  // n bytes were written behind the present ones.
  void commit(size_t n) { length_ += n; }

  // Forgets everything before `offset`; an offset behind the end empties the window and moves it
  // there.
  void drop_before(uint64_t offset) {
    if (offset >= end()) {
      start_ = length_ = 0;
    } else {
      const size_t n = static_cast<size_t>(offset - base_);
      start_ += n;
      length_ -= n;
    }
    base_ = offset;
  }

  // Forgets everything: the next bytes are those at `offset`.
  void restart(uint64_t offset) {
    start_ = length_ = 0;
    base_ = offset;
  }

 private:
  // At least doubles while small, so that bytes pushed one at a time cost linear time.
  bool grow(size_t needed) {
    constexpr size_t kStep = size_t{1} << 20;
    const size_t roomy = capacity_ + (capacity_ < kStep ? capacity_ + 256 : kStep);
    if (needed < roomy) needed = roomy;
    auto* larger = static_cast<uint8_t*>(std::malloc(needed));
    if (larger == nullptr) return false;
    if (length_ != 0) std::memcpy(larger, buffer_ + start_, length_);
    std::free(buffer_);
    buffer_ = larger;
    capacity_ = needed;
    start_ = 0;
    return true;
  }

  uint8_t* buffer_ = nullptr;
  size_t capacity_ = 0;
  size_t start_ = 0;
  size_t length_ = 0;
  uint64_t base_ = 0;
};

}  // namespace t7
