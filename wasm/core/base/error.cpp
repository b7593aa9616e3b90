#include "base/error.h"

#include <array>

namespace t7 {

namespace {

constexpr std::array<const char*, static_cast<size_t>(ErrorCode::kCount)> kNames = {
    "none",           "truncated",         "bad_type_code",    "bad_length",
    "bad_count",      "bad_index",         "bad_boolean",      "bad_number",
    "bad_key",        "bad_class_name",    "bad_dimensions",   "bad_size",
    "bad_function",   "wrong_kind",        "unknown_layout",   "reader_failed",
    "raw_values",     "too_many_values",   "not_t7",           "empty",
    "aborted",        "view_out_of_range", "wrong_storage",    "index_gap",
    "duplicate_key",  "nil_value",         "odd_boolean",      "trailing_bytes",
    "guessed_layout", "appended_session",  "carriage_returns",
};
static_assert(kNames.back() != nullptr, "every code has a name");

}  // namespace

const char* error_name(ErrorCode code) { return kNames[static_cast<size_t>(code)]; }

std::string number_text(int64_t value) {
  const bool negative = value < 0;
  uint64_t rest = negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string text;
  int digits = 0;
  do {
    if (digits > 0 && digits % 3 == 0) text.insert(text.begin(), ',');
    text.insert(text.begin(), static_cast<char>('0' + rest % 10));
    rest /= 10;
    ++digits;
  } while (rest != 0);
  if (negative) text.insert(text.begin(), '-');
  return text;
}

std::string quoted(const uint8_t* bytes, size_t length) {
  constexpr size_t kShown = 40;
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\"";
  for (size_t i = 0; i < length && i < kShown; ++i) {
    const uint8_t byte = bytes[i];
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      text += static_cast<char>(byte);
    } else {
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
    }
  }
  text += length > kShown ? "...\"" : "\"";
  return text;
}

}  // namespace t7
