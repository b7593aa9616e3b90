// What can go wrong while reading, as values: a code, an address, what was found and expected.
#pragma once

#include <cstdint>
#include <string>

namespace t7 {

inline constexpr uint32_t kNone = 0xffffffffu;

// Documented in docs/format.md § Errors; the names below are the public codes.
enum class ErrorCode : uint8_t {
  none,
  // The structure is damaged: reading stops here.
  truncated,
  bad_type_code,
  bad_length,
  bad_count,
  bad_index,
  bad_boolean,
  bad_number,
  bad_key,
  bad_class_name,
  bad_dimensions,
  bad_size,
  bad_function,
  wrong_kind,
  unknown_layout,
  reader_failed,
  raw_values,
  too_many_values,
  not_t7,
  empty,
  aborted,  // the caller stopped it
  // One value is unusable; the rest of the file is not.
  view_out_of_range,
  wrong_storage,
  // Legal but odd: warnings.
  index_gap,
  duplicate_key,
  nil_value,
  odd_boolean,
  trailing_bytes,
  guessed_layout,
  appended_session,
  carriage_returns,
  kCount
};

// The public name of a code, such as "truncated".
const char* error_name(ErrorCode code);

// One fault of a file, and where it is. Its texts are the issue's own and short: a quoted piece of
// a file is cut after 40 bytes, so issues cost by their number, which the graph bounds.
struct Issue {
  ErrorCode code = ErrorCode::none;
  uint64_t offset = 0;      // byte in the file
  uint32_t object = kNone;  // object that was being read (id in the graph)
  uint32_t key = kNone;     // node of the key whose value was being read
  std::string found;        // printable ASCII
  std::string expected;     // printable ASCII
};

// "1,234,567", and file bytes as printable ASCII in quotes (cut after 40 bytes).
std::string number_text(int64_t value);
std::string quoted(const uint8_t* bytes, size_t length);

}  // namespace t7
