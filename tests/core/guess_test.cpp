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

}  // namespace
}  // namespace t7
