// Every construct of the format below torch objects: scalars, tables, references, functions,
// several values in a file.
#include <gtest/gtest.h>

#include "base/bounds.h"
#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

// The same content in every dialect; `make` gets the empty file to write.
template <typename Make>
void expect_in_every_dialect(Make make, const std::string& text) {
  for (const Dialect dialect : kDialects) {
    Bytes file(dialect);
    make(file);
    EXPECT_EQ(read_text(file, told(dialect)), text) << (dialect.ascii        ? "ASCII"
                                                        : dialect.big_endian ? "big"
                                                                             : "little")
                                                    << int{dialect.long_size};
  }
}

TEST(Values, Scalars) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.num(-0.5).num(1e308).num(-HUGE_VAL).num(NAN).str("").str("hi").boolean(1).boolean(0);
      },
      "-0.5; 1e+308; -inf; nan; \"\"; hi; true; false");
}

TEST(Values, NumbersKeepEveryBit) {
  for (const uint64_t bits : {uint64_t{1} << 63, uint64_t{0x7ff8000000000123},
                              uint64_t{0xfff0000000000001}, uint64_t{1}}) {
    const std::string file = Bytes().num(bit_cast<double>(bits));
    EXPECT_EQ(read_file(file).graph()->nodes[0].payload, bits);
  }
}

TEST(Values, OddBooleansAreFalseAndWarnedOf) {
  EXPECT_EQ(read_text(Bytes().table(1, 2).num(1).boolean(2).num(2).boolean(-1)),
            "{1: false, 2: false} | odd_boolean@28 odd_boolean@48");
}

TEST(Values, StringsHoldAnyBytesInAnyDialect) {
  const std::string bytes("a\n\0\xff\r\n 2", 8);
  for (const Dialect dialect : kDialects) {
    const Reading reading = read_file(Bytes(dialect).str(bytes).num(1), told(dialect));
    ASSERT_EQ(reading.state, State::done);
    EXPECT_EQ(reading.graph()->text(0), bytes);
    EXPECT_EQ(reading.graph()->roots.size(), 2u);
  }
}

TEST(Values, EqualStringsAreOne) {
  const Reading reading = read_file(Bytes().table(1, 2).str("k").str("v").str("v").str("k"));
  EXPECT_EQ(reading.graph()->strings.size(), 2u);
}

TEST(Values, LongStringsStayInTheFileUnlessTheyAreKeys) {
  const std::string longer(kMaxInlineString + 1, 'x');
  const std::string shorter(kMaxInlineString, 'x');
  for (const Dialect dialect : {kLe64, kAscii}) {
    const Bytes value = Bytes(dialect).table(1, 1).str("k").str(longer);
    EXPECT_EQ(read_text(value), "{k: <string of 4097>}");
    EXPECT_EQ(read_file(value).graph()->strings[1].bits & String::kLocated, String::kLocated);
    const Reading key = read_file(Bytes(dialect).table(1, 1).str(longer).str(shorter));
    for (const uint32_t id : {0u, 1u}) {
      EXPECT_EQ(key.graph()->strings[id].bits & String::kLocated, 0u);
    }
  }
  const Bytes file = Bytes().str(longer).nil();
  EXPECT_EQ(read_file(file).graph()->strings[0].at, 8u);
}

TEST(Values, TextIsJudgedAsUtf8) {
  const auto flags = [](std::string_view text) {
    return read_file(Bytes().str(text)).graph()->strings[0].bits & 7;
  };
  EXPECT_EQ(flags("plain"), String::kUtf8 | String::kAscii);
  for (const char* good : {"\xc3\xa9", "\xed\x9f\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(flags(good), String::kUtf8) << good;
  }
  for (const char* bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x9f\x92", "\xc3("}) {
    EXPECT_EQ(flags(bad), 0u) << quoted(reinterpret_cast<const uint8_t*>(bad), std::strlen(bad));
  }
}

TEST(Tables, KeysOfEveryKind) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 6).num(1).str("one").str("1").num(2).boolean(1).num(3).num(-0.5).num(4);
        f.table(2, 0).num(5).function(8, 3).table(4, 0).num(6);
      },
      "{1: one, \"1\": 2, true: 3, -0.5: 4, {}: 5, function8[14]({}): 6}");
}

TEST(Tables, ListsAndRecords) {
  const auto flags = [](const Bytes& file) {
    const Object table = read_file(file).graph()->objects[0];
    return std::string(table.has(Object::kList) ? "list" : "") +
           (table.has(Object::kRecord) ? "record" : "");
  };
  EXPECT_EQ(flags(Bytes().table(1, 0)), "list");
  EXPECT_EQ(flags(Bytes().table(1, 2).num(1).nil().num(2).nil()), "list");  // nothing is left
  EXPECT_EQ(flags(Bytes().table(1, 2).num(2).num(0).num(1).num(0)), "list");
  EXPECT_EQ(flags(Bytes().table(1, 2).num(0).num(0).num(3).num(0)), "");  // sums to 3, is no list
  EXPECT_EQ(flags(Bytes().table(1, 2).num(1).num(0).num(3).num(0)), "");
  EXPECT_EQ(flags(Bytes().table(1, 1).num(1.5).num(0)), "");
  EXPECT_EQ(flags(Bytes().table(1, 2).num(1).num(0).boolean(1).num(0)), "");
  EXPECT_EQ(flags(Bytes().table(1, 2).str("a").num(0).str("").num(0)), "record");
  EXPECT_EQ(flags(Bytes().table(1, 2).str("a").num(0).num(1).num(0)), "");
  EXPECT_EQ(flags(Bytes().table(1, 1).str("\xff").num(0)), "");
  // Of two equal keys one is left, and then it is a list.
  EXPECT_EQ(flags(Bytes().table(1, 3).num(1).num(0).num(2).num(0).num(1).num(0)), "list");
}

TEST(Tables, NilValuesAreDropped) {
  EXPECT_EQ(read_text(Bytes().table(1, 3).str("a").nil().str("b").num(1).str("c").nil()),
            "{b: 1} | nil_value@21 nil_value@55");
}

TEST(Tables, OfEqualKeysTheLastWins) {
  EXPECT_EQ(read_text(Bytes().table(1, 3).str("a").num(1).str("b").num(2).str("a").num(3)),
            "{a: 3, b: 2} | duplicate_key@54");
  EXPECT_EQ(read_text(Bytes().table(1, 2).num(0).num(1).num(-0.0).num(2)),
            "{0: 2} | duplicate_key@36");
  EXPECT_EQ(read_text(Bytes().table(1, 2).num(1).num(1).boolean(1).num(2)), "{1: 1, true: 2}");
  EXPECT_EQ(read_text(Bytes().table(1, 2).table(2, 0).num(1).ref(3, 2).num(2)),
            "{#1 {}: 2} | duplicate_key@36");
  // More than a few pairs take another way to the same end.
  Bytes many;
  many.table(1, 42);
  for (int i = 0; i < 40; ++i) many.num(i).num(100 + i);
  many.num(7).num(-7).num(7).num(-8);
  const std::string text = read_text(many);
  EXPECT_NE(text.find("6: 106, 7: -8, 8: 108"), std::string::npos) << text;
  EXPECT_NE(text.find("39: 139} | duplicate_key@972 duplicate_key@996"), std::string::npos);
}

TEST(References, SharedAndCyclic) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 3).str("me").ref(3, 1).str("a").table(2, 1).str("up").ref(3, 1);
        f.str("b").ref(3, 2);
      },
      "#0 {me: #0, a: #1 {up: #0}, b: #1}");
  expect_in_every_dialect([](Bytes& f) { f.table(1, 1).ref(3, 1).ref(3, 1); }, "#0 {#0: #0}");
}

TEST(References, UnreferencedFilesAreTrees) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 2).num(1).table(2, 1).num(1).num(5).num(2).table(3, 1).num(1).num(5);
      },
      "{1: {1: 5}, 2: {1: 5}}");
}

TEST(References, IndicesMayHaveGapsAndComeInAnyOrder) {
  Bytes file;
  file.table(9, 4).num(1).table(20, 0).num(2).table(3, 0).num(3).ref(3, 20).num(4).ref(3, 3);
  EXPECT_EQ(read_text(file),
            "{1: #1 {}, 2: #2 {}, 3: #1, 4: #2} | index_gap@0 index_gap@24 index_gap@48");
}

TEST(Functions, EveryType) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 3).num(1).function(6, 0).table(2, 1).num(1).num(7);
        f.num(2).function(7, 3).table(4, 1).num(1).num(8);
        f.num(3).function(8, 5).table(6, 1).num(1).table(7, 2);
        f.str("name").str("up").str("value").ref(8, 5);
      },
      "{1: function6[14]({1: 7}), 2: function7[14]({1: 8}), "
      "3: #5 function8[14]({1: {name: up, value: #5}})}");
}

// The variant that lived for two days of 2014, told by where the dump begins.
TEST(Functions, Type6WithIndex) {
  const std::string dump = "\x1bLJ\x01 dump dump";
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.table(1, 2).num(1).i32(6).i32(2).counted(dump).table(3, 0).num(2).ref(6, 2);
    EXPECT_EQ(read_text(f, told(dialect)), "{1: #1 function6[14]({}), 2: #1}");
  }
  // An index of 27 looks like the first byte of a dump, were it not for the size before it.
  Bytes odd;
  odd.table(26, 1).num(1).i32(6).i32(27).counted(dump).table(28, 0);
  EXPECT_EQ(read_text(odd), "{1: function6[14]({})} | index_gap@0");
}

// Two days of 2011 wrote no upvalues; what follows tells.
TEST(Functions, Type6WithoutUpvalues) {
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.table(1, 2).num(1).function(6, 0).num(2).function(6, 0);
    EXPECT_EQ(read_text(f, told(dialect)), "{1: function6[14](), 2: function6[14]()}");
    EXPECT_EQ(read_text(Bytes(dialect).function(6, 0), told(dialect)), "function6[14]()");
  }
}

TEST(Functions, Type6TakesNoIndex) {
  Bytes f;
  f.function(6, 0).table(1, 0).function(6, 0).table(2, 0);
  const Reading reading = read_file(f);
  EXPECT_EQ(reading.text(), "function6[14]({}); function6[14]({})");
  EXPECT_TRUE(reading.graph()->objects[0].has(Object::kNoIndex));
  EXPECT_FALSE(reading.graph()->objects[2].has(Object::kSession));
}

TEST(Functions, WithoutAnyIndexNoSessionBegins) {
  const Reading reading = read_file(Bytes().function(6, 0).function(6, 0));
  EXPECT_EQ(reading.text(), "function6[14](); function6[14]()");
  EXPECT_FALSE(reading.graph()->objects[1].has(Object::kSession));
}

TEST(Functions, UpvaluesMayBeAReference) {
  EXPECT_EQ(read_text(Bytes().table(1, 1).num(1).function(7, 2).ref(3, 1)),
            "#0 {1: function7[14](#0)}");
}

TEST(Streams, IndicesGoOn) {
  expect_in_every_dialect(
      [](Bytes& f) { f.table(1, 1).num(1).num(1).table(2, 1).num(1).ref(3, 1).str("end"); },
      "#0 {1: 1}; {1: #0}; end");
}

TEST(Streams, TrailingBytes) {
  const Bytes table = Bytes().table(1, 1).num(1).num(1);
  const auto followed_by = [&](std::string_view rest) {
    return read_text(Bytes().raw(table.text()).raw(rest));
  };
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(followed_by("\0"sv), "{1: 1}");  // torch.serialize until 2016
  EXPECT_EQ(followed_by("\x01"sv), "{1: 1} | trailing_bytes@36");
  EXPECT_EQ(followed_by("stale bytes of a longer file"), "{1: 1} | trailing_bytes@36");
  EXPECT_EQ(followed_by("\x02\0\0\0\xff\0\0\0"sv), "{1: 1} | trailing_bytes@36");
  // Half of a second object is a damaged file, not a whole one with something behind it.
  EXPECT_EQ(followed_by(Bytes().table(2, 1).num(1).i32(1).text()), "{1: 1}; {}! | truncated@64");
  // Raw values behind a value that is no object: a file written by hand.
  EXPECT_EQ(read_text(Bytes().num(1).i32(456).i32(7)), "1 | raw_values@12");
}

TEST(Streams, TrailingBlanksInText) {
  EXPECT_EQ(read_text("1\n2\n\n \n"), "2");
  EXPECT_EQ(read_text("1\n2"), "2");
  EXPECT_EQ(read_text("3\n1\n0\nrest"), "{} | trailing_bytes@6");
}

TEST(Streams, AppendedSessions) {
  const Bytes session = Bytes().table(1, 1).num(1).table(2, 0);
  Bytes file;
  file.raw(session.text()).raw(session.text());
  EXPECT_EQ(read_text(file), "{1: {}}; {1: {}} | appended_session@36");
  file.raw(session.text());
  EXPECT_EQ(read_text(file), "{1: {}}; {1: {}}; {1: {}} | appended_session@36 appended_session@72");
  // A reference to the first object at the top is what it is as long as that holds together.
  EXPECT_EQ(read_text(Bytes().table(1, 1).num(1).num(1).ref(3, 1)), "#0 {1: 1}; #0");
}

}  // namespace
}  // namespace t7
