// Classes of unknown layout: what is tried, what is accepted, and what the search may cost.
#include <gtest/gtest.h>

#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

constexpr uint32_t kMostPasses = 64;

struct Body {
  const char* what;
  void (*write)(Bytes&);
  const char* text;
};

void values(Bytes& f, int count) {
  for (int i = 1; i <= count; ++i) f.num(i);
}

const Body kBodies[] = {
    {"nothing", [](Bytes&) {}, "()"},
    {"one value", [](Bytes& f) { f.str("a"); }, "(a)"},
    {"two values", [](Bytes& f) { f.str("a").num(1); }, "(a, 1)"},
    {"three values", [](Bytes& f) { f.num(1).str("a").num(2); }, "(1, a, 2)"},
    {"four values", [](Bytes& f) { f.str("a").str("b").str("c").str("d"); }, "(a, b, c, d)"},
    {"five values after a long", [](Bytes& f) { values(f.i64(5), 5); }, "(1, 2, 3, 4, 5)"},
    {"four pairs after a long", [](Bytes& f) { values(f.i64(4), 8); }, "(1, 2, 3, 4, 5, 6, 7, 8)"},
    {"a tensor", [](Bytes& f) { f.tensor(3, "torch.IntTensor", {}, {}).nil(); },
     "(torch.IntTensor[ from 0]<nil>)"},
    {"two tables", [](Bytes& f) { f.table(3, 0).table(4, 0); }, "({}, {})"},
    {"four tables", [](Bytes& f) { f.table(3, 0).table(4, 0).table(5, 0).table(6, 0); },
     "({}, {}, {}, {})"},
};

TEST(Unknown, OneTableIsRead) {
  const Reading reading =
      read_file(Bytes().table(1, 1).num(1).fields(2, "my.Class", 1).num(1).num(2));
  EXPECT_EQ(reading.text(), "{1: my.Class({1: 2})}");
  EXPECT_EQ(reading.detect->passes(), 1u);
}

// With a known value behind it and inside a table, where little fits.
TEST(Unknown, PrivateLayoutsInATable) {
  for (const Body& body : kBodies) {
    for (const Dialect dialect : kDialects) {
      SCOPED_TRACE(std::string(body.what) + (dialect.ascii ? " in ASCII" : ""));
      Bytes file(dialect);
      file.table(1, 2).num(1).object(2, "my.Class");
      body.write(file);
      file.str("end").boolean(1);
      const Reading reading = read_file(file, told(dialect));
      EXPECT_EQ(reading.text(), "{1: my.Class" + std::string(body.text) +
                                    "?, end: true} | guessed_layout@" +
                                    (dialect.ascii ? "10" : "24"));
      EXPECT_LE(reading.detect->passes(), kMostPasses);
    }
  }
}

// At the very end of a file an empty body cannot be told from a missing one.
TEST(Unknown, PrivateLayoutsAtTheEnd) {
  for (const Body& body : kBodies) {
    if (std::string(body.text) == "()") continue;
    SCOPED_TRACE(body.what);
    Bytes alone;
    alone.table(1, 1).num(1).object(2, "my.Class");
    body.write(alone);
    EXPECT_EQ(read_text(alone), "{1: my.Class" + std::string(body.text) + "?} | guessed_layout@24");
  }
}

TEST(Unknown, ManyObjectsOfTheClassBesideOthers) {
  Bytes f;
  f.table(1, 5).num(1).object(2, "torch.Timer");
  f.num(2).object(3, "my.Own").str("a").str("b").num(3).object(4, "my.Own").str("c").nil();
  f.num(4).tensor(5, "torch.ByteTensor", {}, {}).nil();
  f.num(5).object(6, "my.Own", "V 2").ref(4, 3).ref(4, 6);
  EXPECT_EQ(read_text(f),
            "{1: torch.Timer(), 2: #2 my.Own(a, b)?, 3: my.Own(c, nil)?, "
            "4: torch.ByteTensor[ from 0]<nil>, 5: #5 my.Own v2(#2, #5)?} | guessed_layout@66");
}

TEST(Unknown, SeveralClasses) {
  Bytes f;
  f.table(1, 4).num(1).object(2, "my.A").str("a").num(2).object(3, "my.B").num(7).num(8).num(9);
  f.num(3).object(4, "my.A").nil().num(4).str("end");
  const Reading reading = read_file(f);
  EXPECT_EQ(reading.text(),
            "{1: my.A(a)?, 2: my.B(7, 8, 9)?, 3: my.A(nil)?, 4: end} | "
            "guessed_layout@24 guessed_layout@68");
  EXPECT_LE(reading.detect->passes(), kMostPasses);
}

TEST(Unknown, InALaterValue) {
  Bytes f;
  f.table(1, 0).object(2, "my.Own").str("a").str("b");
  EXPECT_EQ(read_text(f), "{}; my.Own(a, b)? | guessed_layout@12");
  EXPECT_EQ(read_text(f.table(3, 0)), "{}; my.Own(a, b, {})? | guessed_layout@12");
}

// With another layout the remains of a cut file could seem whole.
TEST(Unknown, NothingIsGuessedForAFileThatEndsEarly) {
  Bytes f;
  f.table(1, 2).num(1).object(2, "my.Own").table(3, 1).num(1).table(4, 0).table(5, 0);
  f.str("end").boolean(1);
  EXPECT_EQ(read_text(f), "{1: my.Own({1: {}}, {})?, end: true} | guessed_layout@24");
  for (size_t cut = 12; cut < f.size(); ++cut) {
    const std::string text = read_text(f.text().substr(0, cut));
    EXPECT_EQ(text.find("guessed_layout"), std::string::npos) << cut << ": " << text;
  }
}

// What no layout explains: the graph so far, the class and the place of its body.
TEST(Unknown, NoLayoutFits) {
  Bytes f;
  f.table(1, 3).num(1).str("before").num(2).object(2, "my.Own").raw("\x7fprivate bytes");
  const Reading reading = read_file(f.num(3).str("after"));
  EXPECT_EQ(reading.text(), "{1: before, 2: my.Own()!}! | unknown_layout@75");
  EXPECT_LE(reading.detect->passes(), kMostPasses);
}

// A layout is accepted only if the numbers of the objects after it go on without a gap.
TEST(Unknown, GapsRefuseALayout) {
  Bytes f;
  f.table(1, 2).num(1).object(2, "my.Own").str("a").str("b").num(2).table(9, 0);
  EXPECT_EQ(read_file(f).state, State::failed);
}

// A file made to keep every pass busy to its end.
TEST(Unknown, TheSearchIsBounded) {
  constexpr int kObjects = 5000;
  Bytes f;
  f.table(1, 2 * kObjects + 1);
  for (int i = 0; i < kObjects; ++i) f.num(i).str("filler filler filler filler filler filler");
  int index = 2;
  for (int i = 0; i < kObjects; ++i, index += 2) {
    f.num(-i - 1).fields(index, "c" + std::to_string(i % 60), 0);
  }
  f.num(0.5).i32(99);
  const std::string file = f;
  for (const size_t piece : {size_t{4096}, kWhole}) {
    const Reading reading = read_file(file, {}, piece);
    EXPECT_EQ(reading.error().code, ErrorCode::bad_type_code);
    EXPECT_LE(reading.detect->passes(), kMostPasses);
    // Two dialects, the last pass, and the search itself with the piece that ends it.
    const uint64_t search = std::max<uint64_t>(8 * file.size(), 1 << 20);
    EXPECT_LE(reading.given, 3 * file.size() + search + 4096 * kMostPasses);
  }
}

}  // namespace
}  // namespace t7
