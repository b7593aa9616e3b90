// ASCII files: what C libraries print, what Torch reads, and what transfers do to them.
#include <gtest/gtest.h>

#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

double number_in(const std::string& text) {
  const Reading reading = read_file("1\n" + text);
  if (reading.state != State::done || reading.graph()->roots.size() != 1) return -12345;
  return bit_cast<double>(reading.graph()->nodes[0].payload);
}

TEST(Ascii, NumbersAsAnyLibraryPrintsThem) {
  EXPECT_EQ(number_in("2.5\n"), 2.5);
  EXPECT_EQ(number_in("+2.5e3\n"), 2500);
  EXPECT_EQ(number_in("0x1p3\n"), 8);
  EXPECT_EQ(number_in("2,5\n"), 2.5);
  EXPECT_EQ(number_in("   0000001.5\n"), 1.5);
  EXPECT_EQ(number_in("0.10000000000000001\n"), 0.1);
  EXPECT_EQ(number_in("4.9406564584124654e-324\n"), 5e-324);
  EXPECT_EQ(number_in("1.7976931348623157e+308\n"), 1.7976931348623157e308);
  EXPECT_TRUE(std::signbit(number_in("-0\n")));
  for (const char* nan :
       {"nan", "-nan", "NaN", "nan(ind)", "-nan(ind)", "1.#QNAN", "-1.#IND", "1.#SNAN"}) {
    EXPECT_TRUE(std::isnan(number_in(std::string(nan) + "\n"))) << nan;
  }
  EXPECT_TRUE(std::signbit(number_in("-nan\n")));
  for (const char* inf : {"inf", "INF", "infinity", "1.#INF"}) {
    EXPECT_EQ(number_in(std::string(inf) + "\n"), HUGE_VAL) << inf;
    EXPECT_EQ(number_in("-" + std::string(inf) + "\n"), -HUGE_VAL) << inf;
  }
  for (const char* bad : {"", "x", "1.5.2", "--1", "0x", "1e", "na", "1;2", "\"1\""}) {
    EXPECT_EQ(number_in(std::string(bad) + "\n"), -12345) << bad;
  }
}

TEST(Ascii, IntegersAreExact) {
  const auto counter = [](const std::string& text) {
    return read_text("4\n1\n3\nV 0\n17\ntds.AtomicCounter\n" + text + "\n");
  };
  EXPECT_EQ(counter("9223372036854775807"), "tds.AtomicCounter v0(9223372036854775807L)");
  EXPECT_EQ(counter("-9223372036854775808"), "tds.AtomicCounter v0(-9223372036854775808L)");
  EXPECT_EQ(counter("+9007199254740993"), "tds.AtomicCounter v0(9007199254740993L)");
  for (const char* bad : {"9223372036854775808", "+-5", "+", "-", "1.0", "0x10", "1e3"}) {
    EXPECT_EQ(counter(bad), "tds.AtomicCounter v0()! | bad_number@31") << bad;
  }
}

// An int is one of 32 bits, as Torch's %d has it.
TEST(Ascii, IntsHave32Bits) {
  EXPECT_EQ(read_file("5\n4294967296\n").error().code, ErrorCode::bad_number);
  EXPECT_EQ(read_file("5\n2147483648\n").error().code, ErrorCode::bad_number);
  EXPECT_EQ(read_text("5\n2147483647\n"), "false | odd_boolean@2");
}

TEST(Ascii, StringsAreCounted) {
  EXPECT_EQ(read_text("2\n5\na\nb\nc\n1\n1\n"), "\"a\\x0ab\\x0ac\"; 1");
  EXPECT_EQ(read_text("2\n0\n1\n1\n"), "\"\"; 1");
  EXPECT_EQ(read_text("2\n1\n\n\n1\n1\n"), "\"\\x0a\"; 1");
  // Behind a length stands exactly one line end: anything else is part of the string.
  EXPECT_EQ(read_text("2\n2 \n1\n1\n"), "\" \\x0a\"; 1");
  EXPECT_EQ(read_text("2 2 hi"), "\" h\" | raw_values@5");
}

TEST(Ascii, TheLastLineEndMayBeMissing) {
  EXPECT_EQ(read_text("2\n2\nhi"), "hi");
  EXPECT_EQ(read_text("5\n1"), "true");
  EXPECT_EQ(read_text("0"), "nil");
  EXPECT_EQ(read_text("4\n1\n3\nV 1\n17\ntorch.LongStorage\n2\n-1 5"), "torch.LongStorage[2]");
}

TEST(Ascii, ValuesBeginAtTheirTypeCode) {
  EXPECT_EQ(read_file("3\n1\n1\n2\n1\na\n  5\n1\n").text(true), "0@{6@a: 14@true}");
}

TEST(Ascii, EmptyArrays) {
  EXPECT_EQ(read_text("4\n1\n3\nV 1\n18\ntorch.FloatStorage\n0\n1\n2\n"),
            "torch.FloatStorage[0]; 2");
  EXPECT_EQ(read_text("4\n1\n3\nV 1\n17\ntorch.ByteStorage\n0\n1\n2\n"), "torch.ByteStorage[0]; 2");
}

TEST(Ascii, RawBytesOfByteAndCharStorages) {
  for (const char* type : {"Byte", "Char"}) {
    const std::string file =
        std::string("4\n1\n3\nV 1\n17\ntorch.") + type + "Storage\n4\n\n\n1 \n1\n2\n";
    EXPECT_EQ(read_text(file), std::string("torch.") + type + "Storage[4]; 2");
  }
}

TEST(Ascii, WhereElementsAre) {
  const Reading reading = read_file("4\n1\n3\nV 1\n17\ntorch.LongStorage\n3\n-1   20\t3\n1\n1\n");
  ASSERT_EQ(reading.state, State::done);
  EXPECT_EQ(reading.graph()->longs[0], 33);
  EXPECT_EQ(reading.graph()->longs[1], 3);
  EXPECT_EQ(reading.graph()->longs[2], 9);
  EXPECT_EQ(reading.graph()->roots.size(), 2u);
}

TEST(Ascii, BadElements) {
  const std::string head = "4\n1\n3\nV 1\n17\ntorch.LongStorage\n";
  EXPECT_EQ(read_text(head + "3\n1 \x01 2\n"), "torch.LongStorage! | bad_number@35");
  EXPECT_EQ(read_text(head + "9\n1 2\n"), "torch.LongStorage! | truncated@33");
  EXPECT_EQ(read_text(head + "2\n1     \n"), "torch.LongStorage! | truncated@40");
}

// A transfer in text mode turned every \n into \r\n, also inside strings, whose lengths stand.
TEST(Ascii, CarriageReturns) {
  const auto damaged = [](const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string(1, c);
    return read_text(out);
  };
  const std::string warned = " | carriage_returns@0";
  EXPECT_EQ(damaged("2\n2\nhi\n"), "hi" + warned);
  EXPECT_EQ(damaged("2\n5\na\n\nb\n\n1\n2\n"), "\"a\\x0a\\x0ab\\x0a\"; 2" + warned);
  EXPECT_EQ(damaged("3\n1\n2\n2\n1\na\n1\n2\n2\n1\nb\n2\n0\n"), "{a: 2, b: \"\"}" + warned);
  const std::string bytes = "4\n1\n3\nV 1\n17\ntorch.ByteStorage\n3\n";
  EXPECT_EQ(damaged(bytes + "1 2\n1\n5\n"), "torch.ByteStorage[3]; 5" + warned);
  // Which bytes were there before cannot be told.
  EXPECT_EQ(damaged(bytes + "1\n2\n1\n5\n"),
            "torch.ByteStorage[3]~; 5 | carriage_returns@40" + warned);
  EXPECT_EQ(damaged("4\n1\n3\nV 1\n18\ntorch.FloatStorage\n3\n1 2 nan\n1\n5\n"),
            "torch.FloatStorage[3]; 5" + warned);
  // A lone \r is a byte like any other.
  EXPECT_EQ(read_text("2\r\n2\r\na\r"), "\"a\\x0d\"" + warned);
  EXPECT_EQ(read_text("1\r\n5\r"), "5" + warned);
  // Without \n: not an ASCII file of any Torch, but what is there is read.
  EXPECT_EQ(read_file("2\r\n2\r\nhi\r\n", {}, 1).text(), "hi" + warned);
}

}  // namespace
}  // namespace t7
