#include "bytes/scan.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "bytes/numbers.h"

namespace t7 {

namespace {

// Longer tokens are not numbers: %.17g needs 24 characters, old MSVC's NaN spellings fewer.
constexpr size_t kMaxToken = 64;

// White space between two numbers of one header. C libraries pad to a dozen; without a bound, a
// header that comes in pieces would be walked over again and again.
constexpr size_t kMaxBlanks = 4096;

enum CharClass : uint8_t { kOther, kSpace, kNumber };

constexpr std::array<uint8_t, 256> make_char_classes() {
  std::array<uint8_t, 256> table{};
  for (const char c : {' ', '\t', '\n', '\v', '\f', '\r'}) table[static_cast<uint8_t>(c)] = kSpace;
  // Digits, signs, exponents, hex floats, nan(ind), inf, 1.#QNAN, a decimal comma.
  for (const char* c = "0123456789+-.,#()_"; *c != 0; ++c)
    table[static_cast<uint8_t>(*c)] = kNumber;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<uint8_t>(c)] = kNumber;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<uint8_t>(c)] = kNumber;
  return table;
}

constexpr std::array<uint8_t, 256> kCharClass = make_char_classes();

bool is_space(uint8_t c) { return kCharClass[c] == kSpace; }

}  // namespace

bool Scan::shortage(uint64_t n) {
  if (n > remaining()) {
    status_ = Status::truncated;
    complaint_ = number_text(static_cast<int64_t>(n)) + " bytes or more";
  } else {
    status_ = Status::need_bytes;
    wanted_end_ = position() + n;
  }
  return false;
}

bool Scan::malformed(std::string complaint) {
  status_ = Status::malformed;
  complaint_ = std::move(complaint);
  return false;
}

bool Scan::i64(int64_t& value) {
  if (dialect_.ascii) return text_i64(value);
  const uint8_t* p;
  if (dialect_.long_size == 4) {
    if (!take(4, p)) return false;
    value = static_cast<int32_t>(load<uint32_t>(p, dialect_.big_endian));
    return true;
  }
  if (!take(8, p)) return false;
  value = static_cast<int64_t>(load<uint64_t>(p, dialect_.big_endian));
  return true;
}

bool Scan::i16(int16_t& value) {
  if (dialect_.ascii) {
    int32_t wide;
    if (!text_i32(wide)) return false;
    value = static_cast<int16_t>(wide);
    return true;
  }
  const uint8_t* p;
  if (!take(2, p)) return false;
  value = static_cast<int16_t>(load<uint16_t>(p, dialect_.big_endian));
  return true;
}

bool Scan::f32(float& value) {
  if (dialect_.ascii) {
    double wide;
    if (!text_f64(wide)) return false;
    value = static_cast<float>(wide);
    return true;
  }
  const uint8_t* p;
  if (!take(4, p)) return false;
  value = bit_cast<float>(load<uint32_t>(p, dialect_.big_endian));
  return true;
}

bool Scan::bytes(size_t n, const uint8_t*& p) {
  if (n != 0 && !begin_bytes()) return false;
  if (!(dialect_.carriage_returns ? restored_bytes(n, p) : take(n, p))) return false;
  if (n != 0) end_bytes();
  return true;
}

// Each \n of the original occupies two bytes here; a lone \r stays what it is. Asks for as many
// bytes as there must be at least, so that few calls are needed.
bool Scan::restored_bytes(size_t n, const uint8_t*& p) {
  restored_.clear();
  const uint8_t* from = cursor_;
  if (static_cast<size_t>(limit_ - cursor_) < n) return shortage(n);
  while (restored_.size() < n) {
    if (from == limit_) {
      return shortage(static_cast<uint64_t>(from - cursor_) + (n - restored_.size()));
    }
    if (*from == '\r') {
      if (from + 1 == limit_ && static_cast<uint64_t>(from + 1 - cursor_) < remaining()) {
        return shortage(static_cast<uint64_t>(from - cursor_) + 2);
      }
      if (from + 1 != limit_ && from[1] == '\n') ++from;
    }
    restored_ += static_cast<char>(*from++);
  }
  cursor_ = from;
  p = reinterpret_cast<const uint8_t*>(restored_.data());
  return true;
}

bool Scan::skip(uint64_t n) {
  const auto here = static_cast<uint64_t>(limit_ - cursor_);
  if (n > remaining()) return shortage(n);
  if (n <= here) {
    cursor_ += n;
  } else {
    window_.drop_before(position() + n);
    cursor_ = limit_ = window_.data();
  }
  if (n != 0) end_bytes();
  return true;
}

bool Scan::peek(size_t n, const uint8_t*& p) {
  if (static_cast<size_t>(limit_ - cursor_) < n) return shortage(n);
  p = cursor_;
  return true;
}

bool Scan::skip_blanks() {
  while (cursor_ != limit_ && is_space(*cursor_)) ++cursor_;
  return cursor_ != limit_ || position() >= file_size_ || shortage(1);
}

bool Scan::at_end(bool& end, bool before_bytes) {
  if (dialect_.ascii && !(before_bytes ? begin_bytes() : skip_blanks())) return false;
  end = position() >= file_size_;
  if (!end && cursor_ == limit_) return shortage(1);
  return true;
}

// --- ASCII ---------------------------------------------------------------------------------

bool Scan::skip_space() {
  const uint8_t* const start = cursor_;
  while (cursor_ != limit_ && is_space(*cursor_)) ++cursor_;
  if (static_cast<size_t>(cursor_ - start) > kMaxBlanks) return malformed("nothing but blanks");
  return cursor_ != limit_ || shortage(1);
}

// A token is known to be whole when a byte follows it or the file ends there.
bool Scan::token(const uint8_t*& begin, const uint8_t*& end) {
  if (!skip_space()) return false;
  begin = end = cursor_;
  while (end != limit_ && !is_space(*end)) ++end;
  const auto length = static_cast<size_t>(end - begin);
  if (length > kMaxToken) return malformed(quoted(begin, length));
  if (end == limit_ && length < remaining()) return shortage(length + 1);
  return true;
}

// Exactly one line end may follow a number; the bytes of a string start behind it.
bool Scan::skip_newline() {
  if (position() >= file_size_) return true;
  if (cursor_ == limit_) return shortage(1);
  if (dialect_.carriage_returns && *cursor_ == '\r') {
    if (remaining() == 1) return true;
    if (limit_ - cursor_ < 2) return shortage(2);
    if (cursor_[1] == '\n') cursor_ += 2;
    return true;
  }
  if (*cursor_ == '\n') ++cursor_;
  return true;
}

bool Scan::text_i64(int64_t& value) {
  const uint8_t* begin;
  const uint8_t* end;
  if (!token(begin, end)) return false;
  const char* first = reinterpret_cast<const char*>(begin);
  const char* last = reinterpret_cast<const char*>(end);
  if (last - first > 1 && first[0] == '+' && first[1] != '-') ++first;
  const auto parsed = std::from_chars(first, last, value);
  if (parsed.ec != std::errc() || parsed.ptr != last) {
    return malformed(quoted(begin, static_cast<size_t>(end - begin)));
  }
  cursor_ = end;
  return skip_newline();
}

bool Scan::text_i32(int32_t& value) {
  const uint8_t* const start = cursor_;
  int64_t wide;
  if (!text_i64(wide)) return false;
  if (wide < std::numeric_limits<int32_t>::min() || wide > std::numeric_limits<int32_t>::max()) {
    cursor_ = start;
    return malformed(number_text(wide));
  }
  value = static_cast<int32_t>(wide);
  return true;
}

bool Scan::text_f64(double& value) {
  const uint8_t* begin;
  const uint8_t* end;
  if (!token(begin, end)) return false;
  const char* const last = reinterpret_cast<const char*>(end);
  if (parse_double(reinterpret_cast<const char*>(begin), last, &value) != last) {
    return malformed(quoted(begin, static_cast<size_t>(end - begin)));
  }
  cursor_ = end;
  return skip_newline();
}

bool Scan::walk_numbers(uint64_t& left) {
  while (left != 0) {
    while (cursor_ != limit_ && is_space(*cursor_)) ++cursor_;
    if (cursor_ == limit_) return shortage(1);
    const uint8_t* end = cursor_;
    while (end != limit_ && kCharClass[*end] == kNumber) ++end;
    const auto length = static_cast<size_t>(end - cursor_);
    if (end == limit_) {
      if (length < remaining())
        return length > kMaxToken ? malformed("a long word") : shortage(length + 1);
    } else if (kCharClass[*end] == kOther || length > kMaxToken) {
      return malformed(quoted(cursor_, length + 1));
    }
    cursor_ = end;
    --left;
  }
  return true;
}

}  // namespace t7
