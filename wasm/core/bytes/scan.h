// Tokens: the primitives of the format in both encodings, over the bytes that are here.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "bytes/window.h"

namespace t7 {

// How the primitives of one file are laid out (docs/format.md § Dialects).
struct Dialect {
  bool ascii = false;
  bool big_endian = false;
  uint8_t long_size = 8;          // bytes, 4 or 8; meaningless for ASCII
  bool carriage_returns = false;  // ASCII damaged by a text-mode transfer: \r\n stands for \n
  bool operator==(const Dialect&) const = default;
};

// Reads tokens from a window, which belongs to the caller and outlives it. Every reader returns
// false when it could not: `status()` says why. A token is consumed whole or not at all only
// through `mark` and `reset`; the caller marks.
class Scan {
 public:
  enum class Status : uint8_t { ok, need_bytes, truncated, malformed };

  Scan(Window& window, Dialect dialect, uint64_t file_size)
      : window_(window), dialect_(dialect), file_size_(file_size) {
    attach(window.begin());
  }

  const Dialect& dialect() const { return dialect_; }
  uint64_t file_size() const { return file_size_; }
  Status status() const { return status_; }
  // After need_bytes: the window must reach at least this far.
  uint64_t wanted_end() const { return wanted_end_; }
  // After malformed or truncated: what was being read, in words.
  const std::string& complaint() const { return complaint_; }

  uint64_t position() const {
    return window_.begin() + static_cast<uint64_t>(cursor_ - window_.data());
  }
  uint64_t remaining() const { return file_size_ - position(); }

  // Call after the window changed, with the position from before. What was short before is not any
  // more.
  void attach(uint64_t position) {
    status_ = Status::ok;
    cursor_ = window_.data() + (position - window_.begin());
    limit_ = window_.data() + window_.length();
  }

  uint64_t mark() const { return position(); }
  void reset(uint64_t mark) { cursor_ = window_.data() + (mark - window_.begin()); }

  bool i32(int32_t& value) {
    if (dialect_.ascii) return text_i32(value);
    const uint8_t* p = nullptr;
    if (!take(4, p)) return false;
    value = static_cast<int32_t>(load<uint32_t>(p, dialect_.big_endian));
    return true;
  }

  bool f64(double& value) {
    if (dialect_.ascii) return text_f64(value);
    const uint8_t* p = nullptr;
    if (!take(8, p)) return false;
    value = bit_cast<double>(load<uint64_t>(p, dialect_.big_endian));
    return true;
  }

  // The next n bytes of a binary file if they are here, else nullptr; `consume` steps over them.
  const uint8_t* binary(size_t n) const {
    return !dialect_.ascii && available() >= n ? cursor_ : nullptr;
  }
  void consume(size_t n) { cursor_ += n; }
  // So many bytes are here.
  size_t available() const { return static_cast<size_t>(limit_ - cursor_); }

  // A C long of the file's width.
  bool i64(int64_t& value);
  bool i16(int16_t& value);
  bool f32(float& value);
  // Exactly n raw bytes, which must all be in the window. In a file with carriage returns the
  // bytes are restored into an internal buffer that lives until the next call.
  bool bytes(size_t n, const uint8_t*& p);
  // Steps over the line end of the raw bytes before, where raw bytes follow upon raw bytes without
  // `bytes` being called. False on need_bytes.
  bool begin_bytes() { return !dialect_.ascii || position() != newline_due_ || skip_newline(); }
  // Steps over n raw bytes, whether they are here or not.
  bool skip(uint64_t n);
  // The next n bytes without consuming them; false also at the end of the file.
  bool peek(size_t n, const uint8_t*& p);
  // Steps over white space, which in ASCII may stand before any value. False on need_bytes; what
  // was stepped over stays so.
  bool skip_blanks();
  // True at the end of the file; in ASCII white space before the end counts as the end, unless
  // raw bytes come next. False on need_bytes.
  bool at_end(bool& end, bool before_bytes = false);
  // Walks over number tokens of an ASCII array while they are here; `left` counts down.
  // Returns false on need_bytes, truncated or malformed; what was walked stays walked.
  bool walk_numbers(uint64_t& left);

 private:
  bool take(size_t n, const uint8_t*& p) {
    if (available() < n) return shortage(n);
    p = cursor_;
    cursor_ += n;
    return true;
  }
  bool shortage(uint64_t n);
  bool malformed(std::string complaint);
  void end_bytes() {
    if (dialect_.ascii) newline_due_ = position();
  }
  bool token(const uint8_t*& begin, const uint8_t*& end);
  bool skip_space();
  bool skip_newline();
  bool text_i32(int32_t& value);
  bool text_i64(int64_t& value);
  bool text_f64(double& value);
  bool restored_bytes(size_t n, const uint8_t*& p);

  Window& window_;
  Dialect dialect_;
  uint64_t file_size_;
  const uint8_t* cursor_ = nullptr;
  const uint8_t* limit_ = nullptr;
  Status status_ = Status::ok;
  uint64_t wanted_end_ = 0;
  // Where raw bytes ended: one line end belongs to them. Numbers skip any white space before
  // them, so it is only looked for where raw bytes follow upon raw bytes.
  uint64_t newline_due_ = ~uint64_t{0};
  std::string complaint_;
  std::string restored_;
};

}  // namespace t7
