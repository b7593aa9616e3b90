// The catalogue: for every code one crafted file, the exact offset, and words that say something.
#include <gtest/gtest.h>

#include <set>

#include "base/bounds.h"
#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

struct Entry {
  ErrorCode code;
  uint64_t offset;
  std::string file;
  const char* found;     // a part of it
  const char* expected;  // a part of it
  DetectOptions options = {};
};

DetectOptions with_schema(const char* ops) {
  DetectOptions options;
  options.assumptions.schema = ops;
  return options;
}

Bytes one() { return Bytes().table(1, 1).num(1); }  // 24 bytes: a list whose value is missing

std::string many_classes() {
  Bytes f;
  f.table(1, 1 << 20);
  for (int i = 0; i <= static_cast<int>(kMaxClasses); ++i) {
    f.boolean(1).fields(2 * i + 2, "c" + std::to_string(i), 0);
  }
  return f;
}

const std::vector<Entry>& structure() {
  static const std::vector<Entry> all = {
      {ErrorCode::truncated, 28, one().i32(1).raw("1234567"), "7 bytes to the end",
       "a number of 8 bytes"},
      {ErrorCode::truncated, 67, one().storage(2, "torch.IntStorage", 1000), "0 bytes to the end",
       "4,000 bytes for 1,000 elements"},
      {ErrorCode::bad_type_code, 24, one().i32(9).zeros(8), "type code 9", "0 to 8"},
      {ErrorCode::bad_type_code, 24, one().i32(-1), "type code -1", "0 to 8"},
      {ErrorCode::bad_length, 28, one().i32(2).i32(-2), "a string of -2 bytes", "0 or more"},
      {ErrorCode::bad_count, 32, one().table(2, -1), "a table of -1 entries", "0 or more"},
      {ErrorCode::bad_count, 50, one().object(2, "tds.Vec").i64(-5), "-5 elements", "0 or more"},
      {ErrorCode::bad_count, 57, one().object(2, "nn.DataSet").i32(1).i32(-1), "count",
       "0 or more"},
      {ErrorCode::bad_index, 24, one().table(0, 0), "index 0", "1 or more"},
      {ErrorCode::bad_index, 24, one().ref(8, -7), "index -7", "1 or more"},
      {ErrorCode::bad_boolean, 53, one().object(2, "nn.DataSet").i32(7).i32(0),
       "a boolean stored as 7", "0 or 1"},
      {ErrorCode::bad_number, 2, "1\n1.5.2\n", "\"1.5.2\"", "a number"},
      {ErrorCode::bad_number, 6, "3\n1\n1\n2x\n", "\"2x\"", "a type code"},
      {ErrorCode::bad_number, 2, "2\n99999999999\nhi\n", "99,999,999,999",
       "the length of a string"},
      {ErrorCode::bad_key, 28, Bytes().table(1, 2).num(1).nil().nil().nil(), "nil", "Lua allows"},
      {ErrorCode::bad_key, 12, Bytes().table(1, 1).num(NAN).num(1), "NaN", "Lua allows"},
      {ErrorCode::bad_class_name, 32, one().object(2, "", ""), "0 bytes", "1 to 1,024"},
      {ErrorCode::bad_class_name, 32, one().i32(4).i32(2).i32(1 << 30), "1,073,741,824 bytes",
       "1 to 1,024"},
      {ErrorCode::bad_class_name, 39, one().object(2, "nn\n.X"), "\"nn\\x0a.X\"", "printable"},
      {ErrorCode::bad_dimensions, 60, one().object(2, "torch.FloatTensor").i32(65).zeros(2000),
       "65 dimensions", "0 to 64"},
      {ErrorCode::bad_size, 64, one().tensor(2, "torch.FloatTensor", {-3}, {1}).nil(),
       "a dimension of -3", "0 or more"},
      {ErrorCode::bad_size, 61, one().storage(2, "torch.FloatStorage", -1),
       "a storage of -1 elements", "0 or more"},
      {ErrorCode::bad_size, 58, one().object(2, "torch.Generator").zeros(6000),
       "no state of torch.Generator", "5,048"},
      {ErrorCode::bad_function, 32, one().function(8, 2, "\x1bLJ"), "3 bytes", "12 bytes or more"},
      {ErrorCode::bad_function, 36, one().function(7, 2, "no dump of any Lua"), "\"n\"", "\\x1b"},
      {ErrorCode::bad_function, 50, one().function(8, 2).num(1), "type code 1", "upvalues"},
      {ErrorCode::wrong_kind, 24, one().ref(4, 1), "type code 4", "of the same kind"},
      {ErrorCode::wrong_kind, 62,
       Bytes().table(1, 2).num(1).function(7, 2).table(3, 0).ref(8, 2).nil(), "type code 8",
       "of the same kind"},
      {ErrorCode::unknown_layout, 49, one().object(2, "my.Own").raw("\xff\xff\xff\xff\xff\xff"),
       "my.Own", "one table"},
      {ErrorCode::raw_values, 8, Bytes().boolean(0).i32(456).i32(-1), "8 bytes", "another value"},
      {ErrorCode::too_many_values, 2938045, many_classes(), "65,536 classes", "fewer"},
      {ErrorCode::not_t7, 0, "<html>", "\"<html>\"", "a type code"},
      {ErrorCode::not_t7, 0, std::string(4000, '\0'), "zero bytes", "a value"},
      {ErrorCode::empty, 0, "", "an empty file", "a .t7 file"},
      {ErrorCode::empty, 0, "   ", "no value", "at least one value", told(kAscii)},
      {ErrorCode::truncated, 4, Bytes().i32(1).i16(2), "2 bytes", "an int", with_schema("II")},
  };
  return all;
}

TEST(Errors, EachDamageAtItsOffset) {
  for (const Entry& entry : structure()) {
    const Reading reading = read_file(entry.file, entry.options);
    SCOPED_TRACE(error_name(entry.code) + std::string(": ") + entry.found + "; got " +
                 reading.text().substr(0, 200));
    ASSERT_EQ(reading.state, State::failed);
    const Issue& error = reading.error();
    EXPECT_STREQ(error_name(error.code), error_name(entry.code));
    EXPECT_EQ(error.offset, entry.offset);
    EXPECT_NE(error.found.find(entry.found), std::string::npos) << error.found;
    EXPECT_NE(error.expected.find(entry.expected), std::string::npos) << error.expected;
  }
}

// Of values and of the whole file: they do not stop the reading.
const std::vector<Entry>& warnings() {
  static const std::vector<Entry> all = {
      {ErrorCode::view_out_of_range, 0,
       Bytes().tensor(1, "torch.DoubleTensor", {3}, {1}).doubles(2, {1, 2}), "the elements 0 to 2",
       "storage of 2"},
      {ErrorCode::view_out_of_range, 0, Bytes().tensor(1, "torch.IntTensor", {3}, {1}).nil(),
       "no storage for 3 elements", "a storage"},
      {ErrorCode::wrong_storage, 0,
       Bytes().tensor(1, "torch.FloatTensor", {1}, {1}).doubles(2, {1}), "torch.DoubleStorage",
       "torch.FloatStorage"},
      {ErrorCode::index_gap, 24, one().table(5, 0), "index 5", "index 2"},
      {ErrorCode::duplicate_key, 36, Bytes().table(1, 2).num(1).num(2).num(1).num(3),
       "a key that the table has", "once"},
      {ErrorCode::nil_value, 24, one().nil(), "a nil value", "a value"},
      {ErrorCode::odd_boolean, 28, one().boolean(2), "stored as 2", "0 or 1"},
      {ErrorCode::trailing_bytes, 36, one().num(1).raw("more"), "4 bytes", "the end"},
      {ErrorCode::guessed_layout, 24, one().object(2, "my.Own").str("a").str("b"), "my.Own",
       "is known"},
      {ErrorCode::appended_session, 36, one().num(1).table(1, 1).num(2).num(2), "1 again",
       "consecutive"},
      {ErrorCode::carriage_returns, 0, "2\r\n2\r\nhi\r\n", "\\r\\n", "\\n"},
  };
  return all;
}

TEST(Errors, EachWarningAtItsOffset) {
  for (const Entry& entry : warnings()) {
    const Reading reading = read_file(entry.file, entry.options);
    SCOPED_TRACE(error_name(entry.code) + std::string("; got ") + reading.text());
    ASSERT_EQ(reading.state, State::done);
    std::vector<Issue> issues = reading.graph()->issues;
    const auto& more = reading.graph()->warnings;
    issues.insert(issues.end(), more.begin(), more.end());
    ASSERT_EQ(issues.size(), 1u);
    EXPECT_STREQ(error_name(issues[0].code), error_name(entry.code));
    EXPECT_EQ(issues[0].offset, entry.offset);
    EXPECT_NE(issues[0].found.find(entry.found), std::string::npos) << issues[0].found;
    EXPECT_NE(issues[0].expected.find(entry.expected), std::string::npos) << issues[0].expected;
  }
}

// A code that nothing here provokes is one that nobody has thought through.
TEST(Errors, NoCodeIsForgotten) {
  // The caller's doing, tested where stopping and reading by the caller are.
  std::set<ErrorCode> seen = {ErrorCode::none, ErrorCode::aborted, ErrorCode::reader_failed};
  for (const Entry& entry : structure()) seen.insert(entry.code);
  for (const Entry& entry : warnings()) seen.insert(entry.code);
  for (uint8_t i = 0; i < static_cast<uint8_t>(ErrorCode::kCount); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_TRUE(seen.contains(code)) << error_name(code);
  }
}

TEST(Errors, SayWhereInTheGraph) {
  // In the value of key "weight" of the object: its key is known before its value is.
  Bytes f;
  f.fields(1, "nn.A", 2).str("bias").num(1).str("weight").i32(77);
  const Reading reading = read_file(f);
  ASSERT_EQ(reading.error().code, ErrorCode::bad_type_code);
  EXPECT_EQ(reading.error().object, 1u);
  ASSERT_LT(reading.error().key, reading.graph()->nodes.size());
  EXPECT_EQ(reading.graph()->text(reading.graph()->nodes[reading.error().key].id()), "weight");
  // While a key is being read there is none.
  Bytes key;
  key.fields(1, "nn.A", 2).str("bias").num(1).i32(77);
  EXPECT_EQ(read_file(key).error().key, kNone);
}

TEST(Errors, ManyWarningsAreCutButTheOnesOnTheFileStay) {
  Bytes f;
  f.table(1, 201).str("own").object(2, "my.Own").str("a").str("b");
  for (int i = 0; i < 200; ++i) f.num(i).boolean(2);
  const Reading reading = read_file(f);
  ASSERT_EQ(reading.state, State::done);
  ASSERT_EQ(reading.graph()->warnings.size(), kMaxWarnings + 1);
  EXPECT_EQ(reading.graph()->warnings.back().code, ErrorCode::guessed_layout);
}

TEST(Errors, NumbersAndBytesInWords) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(-999), "-999");
  EXPECT_EQ(number_text(1234567), "1,234,567");
  EXPECT_EQ(number_text(INT64_MIN), "-9,223,372,036,854,775,808");
  const auto quote = [](std::string_view text) {
    return quoted(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  EXPECT_EQ(quote("a\"\\\n\xff"), "\"a\\x22\\x5c\\x0a\\xff\"");
  EXPECT_EQ(quote(std::string(41, 'x')), "\"" + std::string(40, 'x') + "...\"");
}

}  // namespace
}  // namespace t7
