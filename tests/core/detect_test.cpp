// Which dialect a file is in, from its content alone; what cannot be told, and what is told.
#include <gtest/gtest.h>

#include <map>

#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

// "le8", "be4", "ascii", and "le?" where the file cannot tell the width.
std::string dialect_of(const Reading& reading) {
  if (reading.graph() == nullptr) return "none";
  const Dialect dialect = reading.dialect();
  if (dialect.ascii) return "ascii";
  const bool known = reading.detect->long_size_known();
  return (dialect.big_endian ? "be" : "le") + (known ? std::to_string(dialect.long_size) : "?");
}

std::string dialect_of(const std::string& bytes) { return dialect_of(read_file(bytes)); }

// "name.be32.t7" holds the content of "name.t7" in another dialect.
std::string content_of(const std::string& name, std::string& dialect) {
  const size_t dot = name.find('.');
  const size_t end = name.rfind('.');
  dialect = dot < end ? name.substr(dot + 1, end - dot - 1) : "";
  return name.substr(0, dot);
}

TEST(Detection, VariantsOfOneContentAreOneTree) {
  std::map<std::string, std::string> trees;
  for (const Fixture& fixture : fixtures()) {
    std::string variant;
    const std::string content = content_of(fixture.name, variant);
    if (variant.empty()) trees[content] = read_file(fixture.bytes).text();
  }
  const std::map<std::string, std::string> dialects = {
      {"ascii", "ascii"}, {"b32", "le4"}, {"be", "be8"}, {"be32", "be4"}};
  int compared = 0;
  for (const Fixture& fixture : fixtures()) {
    std::string variant;
    const std::string content = content_of(fixture.name, variant);
    if (variant.empty()) continue;
    SCOPED_TRACE(fixture.name);
    const Reading reading = read_file(fixture.bytes);
    // Where raw values follow, their bytes differ with the dialect.
    const std::string text = reading.text();
    const size_t end = text.find(" | raw_values");
    EXPECT_EQ(text.substr(0, end), trees.at(content).substr(0, trees.at(content).find(" | raw")));
    const std::string dialect = dialect_of(reading);
    const std::string expected = dialects.at(variant);
    EXPECT_TRUE(dialect == expected || dialect == expected.substr(0, 2) + "?") << dialect;
    ++compared;
  }
  EXPECT_GT(compared, 80);
}

// What Torch wrote in the ordinary way is never taken for anything else.
TEST(Detection, OrdinaryFixturesAreLittleEndianWithLongsOf8) {
  for (const Fixture& fixture : fixtures()) {
    std::string variant;
    content_of(fixture.name, variant);
    if (!variant.empty()) continue;
    const std::string dialect = dialect_of(fixture.bytes);
    EXPECT_TRUE(dialect == "le8" || dialect == "le?") << fixture.name << " " << dialect;
  }
}

void write_everything(Bytes& f) {
  f.table(1, 5).str("scalar").num(0.5).str("tensor");
  f.tensor(2, "torch.DoubleTensor", {2, 3}, {3, 1}).doubles(3, {1, 2, 3, 4, 5, 6});
  f.str("hash").object(4, "tds.Hash", "V 0").i64(1).str("a").ref(3, 1);
  f.str("longs").storage(5, "torch.LongStorage", 2).longs({-1, 5});
  f.str("module").fields(6, "nn.Linear", 1).str("bias").ref(4, 2);
}

TEST(Detection, EveryDialectByItself) {
  const char* const names[] = {"le8", "le4", "be8", "be4", "ascii"};
  for (size_t i = 0; i < 5; ++i) {
    Bytes f(kDialects[i]);
    write_everything(f);
    const Reading reading = read_file(f);
    EXPECT_EQ(dialect_of(reading), names[i]);
    EXPECT_EQ(reading.state, State::done);
    EXPECT_NE(reading.detect->evidence().find("every check holds to the end of the file"),
              std::string::npos)
        << reading.detect->evidence();
  }
}

TEST(Detection, WithoutALongTheWidthIsNotKnown) {
  EXPECT_EQ(dialect_of(Bytes(kLe64).table(1, 1).str("a").boolean(1)), "le?");
  EXPECT_EQ(dialect_of(Bytes(kBe32).table(1, 1).str("a").boolean(1)), "be?");
  EXPECT_EQ(dialect_of(Bytes().nil()), "le?");  // four zero bytes are nil in both orders
  const Reading reading = read_file(Bytes(kBe64).num(1));
  EXPECT_NE(reading.detect->evidence().find("no long occurs"), std::string::npos);
  EXPECT_EQ(reading.detect->passes(), 1u);
}

// docs: what is really ambiguous. The single value is preferred to a value and nils behind it.
TEST(Detection, AmbiguousFilesAreOneValue) {
  struct Case {
    const char* what;
    void (*write)(Bytes&);
  };
  const Case cases[] = {
      {"empty tensor", [](Bytes& f) { f.tensor(1, "torch.FloatTensor", {}, {}).nil(); }},
      {"empty storage", [](Bytes& f) { f.storage(1, "torch.FloatStorage", 0); }},
      {"empty hash", [](Bytes& f) { f.object(1, "tds.Hash", "V 0").i64(0); }},
      {"empty vector", [](Bytes& f) { f.object(1, "tds.Vec", "V 0").i64(0); }},
      {"counter", [](Bytes& f) { f.object(1, "tds.AtomicCounter", "V 0").i64(42); }},
  };
  for (const Case& c : cases) {
    for (const Dialect dialect : {kLe64, kLe32, kBe64, kBe32}) {
      Bytes f(dialect);
      c.write(f);
      const Reading reading = read_file(f);
      const std::string wide = dialect.big_endian ? "be" : "le";
      SCOPED_TRACE(c.what + (" " + wide) + std::to_string(dialect.long_size));
      EXPECT_EQ(reading.state, State::done);
      EXPECT_EQ(reading.graph()->roots.size(), 1u);
      EXPECT_EQ(dialect_of(reading), wide + std::to_string(dialect.long_size));
    }
  }
  // The bytes of an empty tensor with wide longs are those of narrow ones and a nil.
  const Bytes wide = Bytes(kLe64).tensor(1, "torch.FloatTensor", {}, {}).nil();
  const Bytes narrow = Bytes(kLe32).tensor(1, "torch.FloatTensor", {}, {}).nil().nil();
  EXPECT_EQ(wide.text(), narrow.text());
  // Inside a table a surplus nil would be a key, which cannot be.
  const Bytes inside =
      Bytes(kLe32).table(1, 2).num(1).storage(2, "torch.FloatStorage", 0).num(2).num(3);
  EXPECT_EQ(dialect_of(inside), "le4");
}

TEST(Detection, WhatIsToldIsTaken) {
  const Bytes wide = Bytes(kLe64).tensor(1, "torch.FloatTensor", {}, {}).nil();
  DetectOptions narrow;
  narrow.long_size = 4;
  EXPECT_EQ(read_text(wide, narrow), "torch.FloatTensor[ from 0]<nil>; nil");
  DetectOptions big;
  big.byte_order = 'b';
  EXPECT_EQ(dialect_of(read_file(Bytes().nil(), big)), "be?");
  EXPECT_EQ(read_file(wide, big).state, State::failed);
  DetectOptions binary;
  binary.encoding = 'b';
  EXPECT_EQ(read_file("2\n2\nhi\n", binary).error().code, ErrorCode::bad_type_code);
  DetectOptions ascii;
  ascii.encoding = 'a';
  EXPECT_EQ(read_text("2\n2\nhi\n", ascii), "hi");
  EXPECT_EQ(read_file(wide, ascii).state, State::failed);
  // A width that is told is known even if the file holds no long.
  EXPECT_EQ(dialect_of(read_file(Bytes().num(1), narrow)), "le4");
}

TEST(Detection, TheReadingThatGetsFarthestIsKept) {
  Bytes f(kBe32);
  write_everything(f);
  const std::string cut = f.text().substr(0, f.size() - 3);
  const Reading reading = read_file(cut);
  EXPECT_EQ(dialect_of(reading), "be4");
  EXPECT_EQ(reading.error().code, ErrorCode::truncated);
  EXPECT_NE(reading.text().find("hash: tds.Hash v0{a: #0}, longs: "), std::string::npos);
}

TEST(Detection, AViewOutsideItsStorageCountsAgainstADialect) {
  // With wide longs: one dimension of 2^32 + 1 elements over nil. With narrow ones: it fits.
  Bytes f(kLe32);
  f.tensor(1, "torch.ByteTensor", {1}, {1}).storage(2, "torch.ByteStorage", 1).raw("x");
  EXPECT_EQ(dialect_of(f), "le4");
  EXPECT_EQ(read_file(f).graph()->issues.size(), 0u);
}

TEST(Detection, OtherFilesAreNone) {
  for (const char* head : {"\x1f\x8b\x08\0", "PK\3\4", "\x89HDF\r\n", "\x93NUMPY", "{\"a\": 1}",
                           "<!DOCTYPE html>", "version https://git-lfs", "9\n1\n", "hello"}) {
    const Reading reading = read_file(std::string(head) + std::string(80, '\0'));
    EXPECT_EQ(reading.error().code, ErrorCode::not_t7) << head;
    EXPECT_EQ(reading.graph(), nullptr);
  }
  EXPECT_EQ(read_file("abc").error().code, ErrorCode::not_t7);
  EXPECT_EQ(read_file(std::string("\x03\0\0", 3)).error().code, ErrorCode::not_t7);
}

TEST(Detection, LeadingBlanksInText) {
  EXPECT_EQ(read_text(" \n\t2\n2\nhi\n"), "hi");
  EXPECT_EQ(read_text("\r\n2\r\n2\r\nhi\r\n"), "hi | carriage_returns@0");
}

TEST(Detection, ASchemaSaysHowHandWrittenFilesGoOn) {
  DetectOptions options;
  options.assumptions.schema = "BOI";  // writeBool(false) writeObject({hello=123}) writeInt(456)
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.i32(0).table(1, 1).str("hello").num(123).i32(456);
    DetectOptions both = told(dialect);
    both.assumptions = options.assumptions;
    EXPECT_EQ(read_text(f, both), "false; {hello: 123}; 456");
    EXPECT_EQ(read_text(f, options), "false; {hello: 123}; 456") << int{dialect.long_size};
  }
  // What is left over is said; what is missing is an error.
  EXPECT_EQ(read_text(Bytes().i32(1).table(1, 0).i32(2).raw("x"), options),
            "true; {}; 2 | trailing_bytes@20");
  EXPECT_EQ(read_text(Bytes().i32(1).table(1, 0), options), "true; {} | truncated@16");
}

TEST(Detection, EveryRawKind) {
  DetectOptions options;
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.chars("\xff").chars("\xff").i16(-2).i32(-3).i64(-4).f32(0.5f).f64(0.25).counted("te\nxt");
    f.chars("\n").chars("\n").i32(7);
    DetectOptions both = told(dialect);
    both.assumptions.schema = "bchILFDsbbI";
    EXPECT_EQ(read_text(f, both), "255; -1; -2; -3; -4L; 0.5; 0.25; \"te\\x0axt\"; 10; 10; 7");
  }
}

TEST(Detection, TheLastPartOfASchemaMayRepeat) {
  DetectOptions options;
  options.assumptions.schema = "BD";
  options.assumptions.schema_repeats_last = true;
  EXPECT_EQ(read_text(Bytes().i32(1).f64(1).f64(2).f64(3), options), "true; 1; 2; 3");
  EXPECT_EQ(read_text(Bytes().i32(1).f64(1).f64(2).raw("123"), options),
            "true; 1; 2 | truncated@20");
}

}  // namespace
}  // namespace t7
