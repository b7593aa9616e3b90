// The complete test vectors of the format's reference, and the hand-made legacy forms.
#include "vectors.h"

#include <gtest/gtest.h>

#include <map>

#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

struct Expected {
  const char* text;
  const char* dialect;  // "8 le"; "-" where the file holds no long
};

const std::map<std::string, Expected>& expected() {
  static const std::map<std::string, Expected> all = {
      {"prims.bin", {"nil; 1.5; hi; \"\"; true; false", "- le"}},
      {"table.bin", {"{1: 10, 2: 20, x: y}", "- le"}},
      {"self.bin", {"#0 {me: #0}", "- le"}},
      {"tensor.bin", {"torch.IntTensor[2x2 by 2,1 from 0]<torch.IntStorage[4]>", "8 le"}},
      {"tensor.l4", {"torch.IntTensor[2x2 by 2,1 from 0]<torch.IntStorage[4]>", "4 le"}},
      {"tensor.be", {"torch.IntTensor[2x2 by 2,1 from 0]<torch.IntStorage[4]>", "8 be"}},
      {"tensor.be4", {"torch.IntTensor[2x2 by 2,1 from 0]<torch.IntStorage[4]>", "4 be"}},
      {"shared.bin",
       {"{1: #1 torch.ShortTensor[3 by 1 from 0]<#2 torch.ShortStorage[3]>, 2: #1, "
        "3: torch.ShortTensor[2 by 1 from 1]<#2>}",
        "8 le"}},
      {"empty.bin", {"torch.FloatTensor[ from 0]<nil>", "8 le"}},
      {"empty.l4", {"torch.FloatTensor[ from 0]<nil>", "4 le"}},
      {"emptyst.bin", {"torch.FloatStorage[0]", "8 le"}},
      {"bytes.bin", {"torch.ByteTensor[3 by 1 from 0]<torch.ByteStorage[3]>", "8 le"}},
      {"chars.bin", {"torch.CharStorage[2]", "8 le"}},
      {"half.bin", {"torch.HalfTensor[2 by 1 from 0]<torch.HalfStorage[2]>", "8 le"}},
      {"long.bin", {"torch.LongTensor[2 by 1 from 0]<torch.LongStorage[2]>", "8 le"}},
      {"long.l4", {"torch.LongTensor[2 by 1 from 0]<torch.LongStorage[2]>", "4 le"}},
      {"nan.bin",
       {"torch.FloatTensor[6 by 1 from 0]<torch.FloatStorage[6]>; nan; nan; inf; 0.1", "8 le"}},
      {"unref.bin", {"{1: {1: 1}, 2: {1: 1}}", "- le"}},
      {"hash.bin", {"tds.Hash v0{a: 1}; tds.Vec v0(q, 2)", "8 le"}},
      {"atomic.bin", {"tds.AtomicCounter v0(42L)", "8 le"}},
      {"lin.bin",
       {"nn.Identity({\"gradInput\": torch.DoubleTensor[ from 0]<nil>, _type: "
        "\"torch.DoubleTensor\", output: torch.DoubleTensor[ from 0]<nil>})",
        "8 le"}},
      {"strided.bin",
       {"torch.ShortTensor[2x2 by 1,3 from 1]<torch.ShortStorage[6]>; "
        "torch.ShortTensor[4 by 0 from 0]<torch.ShortStorage[1]>",
        "8 le"}},
      {"f6.t7", {"function6[51]({1: 7})", "- le"}},
      {"f7.t7", {"function7[51]({1: 7})", "- le"}},
      {"func.bin", {"function8[50]({1: {name: up, id: 1, value: 3}})", "- le"}},
      {"recfunc.bin",
       {"#0 function8[76]({1: {name: up, id: 1, value: 3}, 2: {name: g, id: 2, value: #0}})",
        "- le"}},
      {"app.t7", {"{1: 1}; {1: 2} | appended_session@36", "- le"}},
      {"dpt3.bin", {"nn.DataParallelTable v3({1: 1, 2: 2}, {dimension: 1})", "- le"}},
      {"leg5v0.bin", {"torch.Tensor old[2x3 by 1,2 from 0]<torch.DoubleStorage old[6]>", "- le"}},
      {"leg5v1.bin", {"torch.Tensor[2x3 by 1,2 from 0]<torch.DoubleStorage[6]>", "8 le"}},
      {"pkg.bin", {"package.torchnet()", "- le"}},
  };
  return all;
}

std::string dialect_of(const Reading& reading) {
  const Dialect dialect = reading.dialect();
  const std::string width =
      reading.detect->long_size_known() ? std::to_string(dialect.long_size) : "-";
  return width + (dialect.big_endian ? " be" : " le");
}

TEST(Vectors, HoldWhatTheReferenceSays) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.name);
    ASSERT_TRUE(expected().contains(vector.name));
    const Reading reading = read_file(from_hex(vector.hex));
    EXPECT_EQ(reading.text(), expected().at(vector.name).text);
    EXPECT_EQ(dialect_of(reading), expected().at(vector.name).dialect);
  }
}

// The ASCII listings of the reference.
TEST(Vectors, AsciiListings) {
  EXPECT_EQ(read_text("0\n1\n1.5\n2\n2\nhi\n2\n0\n5\n1\n5\n0\n"),
            "nil; 1.5; hi; \"\"; true; false");
  EXPECT_EQ(read_text("3\n1\n3\n1\n1\n1\n10\n1\n2\n1\n20\n2\n1\nx\n2\n1\ny\n"),
            "{1: 10, 2: 20, x: y}");
  EXPECT_EQ(read_text("4\n1\n3\nV 1\n16\ntorch.ByteTensor\n1\n3\n1\n1\n4\n2\n3\nV 1\n17\n"
                      "torch.ByteStorage\n3\nA\nB\n"),
            "torch.ByteTensor[3 by 1 from 0]<torch.ByteStorage[3]>");
  EXPECT_EQ(read_text("4\n1\n3\nV 1\n17\ntorch.FloatTensor\n0\n1\n0\n"),
            "torch.FloatTensor[ from 0]<nil>");
  EXPECT_EQ(read_text("4\n1\n3\nV 1\n17\ntorch.FloatTensor\n1\n6\n1\n1\n4\n2\n3\nV 1\n18\n"
                      "torch.FloatStorage\n6\n-nan -nan inf -inf -0 0.100000001\n"
                      "1\n-nan\n1\nnan\n1\ninf\n1\n0.10000000000000001\n"),
            "torch.FloatTensor[6 by 1 from 0]<torch.FloatStorage[6]>; nan; nan; inf; 0.1");
}

// Where the payloads are: byte for byte as in the annotated listings.
TEST(Vectors, Offsets) {
  const auto offsets = [](const char* name) {
    for (const Vector& vector : kVectors) {
      if (std::string(vector.name) == name) return read_file(from_hex(vector.hex)).text(true);
    }
    return std::string();
  };
  EXPECT_EQ(offsets("table.bin"), "0@{12@1: 24@10, 36@2: 48@20, 60@x: 69@y}");
  EXPECT_EQ(offsets("tensor.l4"),
            "0@torch.IntTensor[2x2 by 2,1 from 0]<58@torch.IntStorage[4]in 97,4,16>");
  EXPECT_EQ(offsets("leg5v0.bin"),
            "0@torch.Tensor old[2x3 by 1,2 from 0]<52@torch.DoubleStorage old[6]in 87,6,48>");
  EXPECT_EQ(offsets("leg5v1.bin"),
            "0@torch.Tensor[2x3 by 1,2 from 0]<79@torch.DoubleStorage[6]in 125,6,48>");
  EXPECT_EQ(offsets("f6.t7"), "0@function6[51](in 8 59@{71@1: 83@7})");
}

}  // namespace
}  // namespace t7
