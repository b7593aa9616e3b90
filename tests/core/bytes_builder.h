// Crafted files that read like a sentence: Bytes().table(1, 2).num(1).str("a").num(2).str("b").
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/scan.h"

namespace t7 {

inline constexpr Dialect kLe64{false, false, 8, false};
inline constexpr Dialect kLe32{false, false, 4, false};
inline constexpr Dialect kBe64{false, true, 8, false};
inline constexpr Dialect kBe32{false, true, 4, false};
inline constexpr Dialect kAscii{true, false, 8, false};
inline constexpr Dialect kDialects[] = {kLe64, kLe32, kBe64, kBe32, kAscii};

// Writes the primitives of one dialect as Torch does, and values made of them. Nothing is checked:
// wrong counts, indices and bytes are what it is for.
class Bytes {
 public:
  explicit Bytes(Dialect dialect = kLe64) : dialect_(dialect) {}

  operator const std::string&() const { return bytes_; }
  const std::string& text() const { return bytes_; }
  size_t size() const { return bytes_.size(); }

  // --- Primitives ---
  Bytes& raw(std::string_view bytes) { return bytes_ += bytes, *this; }
  Bytes& zeros(size_t n) { return bytes_.append(n, '\0'), *this; }
  Bytes& i32(int64_t v) { return number(v, 4, "%.0f"); }
  Bytes& i16(int64_t v) { return number(v, 2, "%.0f"); }
  Bytes& i64(int64_t v) {
    if (dialect_.ascii) return raw(std::to_string(v) + "\n");
    return unsigned_number(static_cast<uint64_t>(v), dialect_.long_size);
  }
  Bytes& f64(double v) {
    if (dialect_.ascii) return line("%.17g", v);
    return unsigned_number(bit_cast<uint64_t>(v), 8);
  }
  Bytes& f32(float v) {
    if (dialect_.ascii) return line("%.9g", static_cast<double>(v));
    return unsigned_number(bit_cast<uint32_t>(v), 4);
  }
  // An array of bytes: nothing between, nothing at all if there are none.
  Bytes& chars(std::string_view bytes) {
    raw(bytes);
    return dialect_.ascii && !bytes.empty() ? raw("\n") : *this;
  }
  // An array of longs, in ASCII one line.
  Bytes& longs(std::initializer_list<int64_t> values) {
    if (!dialect_.ascii) {
      for (const int64_t v : values) i64(v);
      return *this;
    }
    bool first = true;
    for (const int64_t v : values) raw((first ? "" : " ") + std::to_string(v)), first = false;
    return values.size() != 0 ? raw("\n") : *this;
  }
  Bytes& counted(std::string_view text) {
    return i32(static_cast<int64_t>(text.size())).chars(text);
  }

  // --- Values ---
  Bytes& nil() { return i32(0); }
  Bytes& num(double v) { return i32(1).f64(v); }
  Bytes& str(std::string_view text) { return i32(2).counted(text); }
  Bytes& boolean(int64_t v) { return i32(5).i32(v); }
  Bytes& table(int64_t index, int64_t pairs) { return i32(3).i32(index).i32(pairs); }
  // A reference to an object that occurred before; the code is that of its kind.
  Bytes& ref(int64_t code, int64_t index) { return i32(code).i32(index); }
  // A torch object up to its body. Without a version it is a file from before versioning.
  Bytes& object(int64_t index, std::string_view class_name, std::string_view version = "V 1") {
    i32(4).i32(index);
    if (!version.empty()) counted(version);
    return counted(class_name);
  }
  // The same with the table of fields that most classes have.
  Bytes& fields(int64_t index, std::string_view class_name, int64_t pairs) {
    return object(index, class_name).table(index + 1, pairs);
  }
  // A tensor up to its storage; the offset counts from 1 as in the file.
  Bytes& tensor(int64_t index, std::string_view class_name, std::initializer_list<int64_t> shape,
                std::initializer_list<int64_t> strides, int64_t offset = 1) {
    object(index, class_name).i32(static_cast<int64_t>(shape.size()));
    return longs(shape).longs(strides).longs({offset});
  }
  Bytes& storage(int64_t index, std::string_view class_name, int64_t count) {
    return object(index, class_name).i64(count);
  }
  Bytes& doubles(int64_t index, std::initializer_list<double> values) {
    storage(index, "torch.DoubleStorage", static_cast<int64_t>(values.size()));
    if (!dialect_.ascii) {
      for (const double v : values) f64(v);
      return *this;
    }
    std::string text;
    for (const double v : values) text += (text.empty() ? "" : " ") + number_line("%.17g", v);
    return values.size() != 0 ? raw(text + "\n") : *this;
  }
  // A function up to its upvalues; type 6 has no index.
  Bytes& function(int64_t type, int64_t index, std::string_view dump = "\x1bLJ\x02 dump dump") {
    i32(type);
    if (type != 6) i32(index);
    return counted(dump);
  }

 private:
  Bytes& number(int64_t v, size_t width, const char* format) {
    if (dialect_.ascii) return line(format, static_cast<double>(v));
    return unsigned_number(static_cast<uint64_t>(v), width);
  }
  Bytes& unsigned_number(uint64_t v, size_t width) {
    for (size_t i = 0; i < width; ++i) {
      const size_t shift = 8 * (dialect_.big_endian ? width - 1 - i : i);
      bytes_ += static_cast<char>(v >> shift);
    }
    return *this;
  }
  static std::string number_line(const char* format, double v) {
    char text[64];
    std::snprintf(text, sizeof text, format, v);
    return text;
  }
  Bytes& line(const char* format, double v) { return raw(number_line(format, v) + "\n"); }

  Dialect dialect_;
  std::string bytes_;
};

// "0400 0000": bytes from hexadecimal digits; blanks do not count.
inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  int high = -1;
  for (const char c : hex) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return bytes;
}

}  // namespace t7
