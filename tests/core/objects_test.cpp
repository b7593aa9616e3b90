// Torch objects: headers, tensors, storages and every class with a layout of its own.
#include <gtest/gtest.h>

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

// A Torch5 module begins with these two.
Bytes& buffers(Bytes& f, int64_t index) {
  f.tensor(index, "torch.DoubleTensor", {}, {}).nil();
  return f.tensor(index + 1, "torch.DoubleTensor", {}, {}).nil();
}
const char* const kBuffers = "torch.DoubleTensor[ from 0]<nil>, torch.DoubleTensor[ from 0]<nil>";

TEST(Headers, Versions) {
  const auto version = [](std::string_view text) {
    const Reading reading = read_file(Bytes().object(1, "nn.X", text).table(2, 0));
    return reading.state == State::done ? reading.graph()->classes[0].version : -1;
  };
  EXPECT_EQ(version("V 1"), 1);
  EXPECT_EQ(version("V 1.0"), 1);  // Lua 5.3
  EXPECT_EQ(version("V  2e0 "), 2);
  EXPECT_EQ(version("V 0x10"), 16);
  EXPECT_EQ(version("V 0"), 0);
  EXPECT_TRUE(std::isnan(version("")));
  // What is no number is a class name, and then no second string follows.
  EXPECT_EQ(read_text(Bytes().i32(4).i32(1).counted("Vee").table(2, 0)), "Vee old({})");
  EXPECT_EQ(version("V one"), -1);
}

TEST(Headers, OneClassPerNameAndVersion) {
  Bytes f;
  f.table(1, 3).num(1).fields(2, "nn.X", 0).num(2).fields(4, "nn.X", 0).num(3);
  f.object(6, "nn.X", "V 2").table(7, 0);
  const Reading reading = read_file(f);
  EXPECT_EQ(reading.text(), "{1: nn.X({}), 2: nn.X({}), 3: nn.X v2({})}");
  EXPECT_EQ(reading.graph()->classes.size(), 2u);
}

TEST(Headers, ClassesThatAreFirstMetInsideThemselves) {
  expect_in_every_dialect(
      [](Bytes& f) { f.fields(1, "nn.A", 1).str("next").fields(3, "nn.A", 1).num(1).ref(4, 1); },
      "#0 nn.A({next: nn.A({1: #0})})");
}

// --- Tensors and storages ------------------------------------------------------------------

TEST(Arrays, EveryElementType) {
  const std::pair<const char*, Dtype> types[] = {
      {"Byte", Dtype::uint8},        {"Char", Dtype::int8},      {"Short", Dtype::int16},
      {"Int", Dtype::int32},         {"Long", Dtype::int64},     {"Float", Dtype::float32},
      {"Double", Dtype::float64},    {"Half", Dtype::float16},   {"Cuda", Dtype::float32},
      {"CudaByte", Dtype::uint8},    {"CudaChar", Dtype::int8},  {"CudaShort", Dtype::int16},
      {"CudaInt", Dtype::int32},     {"CudaLong", Dtype::int64}, {"CudaDouble", Dtype::float64},
      {"CudaHalf", Dtype::float16},  {"Cl", Dtype::float32},     {"MKLFloat", Dtype::float32},
      {"MKLDouble", Dtype::float64}, {"MKLLong", Dtype::int64},
  };
  for (const auto& [name, dtype] : types) {
    const std::string tensor = "torch." + std::string(name) + "Tensor";
    const std::string storage = "torch." + std::string(name) + "Storage";
    for (const Dialect dialect : {kLe64, kBe32}) {
      const size_t width = dtype == Dtype::int64 ? dialect.long_size : dtype_bytes(dtype);
      Bytes f(dialect);
      f.table(1, 1).num(1).tensor(2, tensor, {3}, {1}).storage(3, storage, 3).zeros(3 * width);
      const Reading reading = read_file(f, told(dialect));
      EXPECT_EQ(reading.text(), "{1: " + tensor + "[3 by 1 from 0]<" + storage + "[3]>}");
      for (const Class& cls : reading.graph()->classes) EXPECT_EQ(cls.dtype, dtype) << name;
    }
  }
  // No such classes exist.
  for (const char* name : {"torch.CudaFloatTensor", "torch.Storage", "torch.ClHalfTensor",
                           "torch.CudaTensor2", "Torch.FloatTensor"}) {
    EXPECT_FALSE(array_class(name).tensor || array_class(name).storage) << name;
  }
}

TEST(Arrays, Views) {
  const auto view = [](std::initializer_list<int64_t> shape, std::initializer_list<int64_t> strides,
                       int64_t offset) {
    Bytes f;
    f.tensor(1, "torch.DoubleTensor", shape, strides, offset).doubles(2, {1, 2, 3, 4, 5, 6});
    const Reading reading = read_file(f);
    return dump_issues(reading.graph()->issues);
  };
  const char* const kOut = "view_out_of_range@0";
  EXPECT_EQ(view({2, 3}, {3, 1}, 1), "");
  EXPECT_EQ(view({3, 2}, {1, 3}, 1), "");    // transposed
  EXPECT_EQ(view({2, 2}, {1, 3}, 2), "");    // narrowed
  EXPECT_EQ(view({5, 3}, {0, 1}, 4), "");    // expanded
  EXPECT_EQ(view({4, 3}, {1, 1}, 1), "");    // overlapping
  EXPECT_EQ(view({6}, {-1}, 6), "");         // backwards, which Torch cannot make
  EXPECT_EQ(view({1, 6}, {999, 1}, 1), "");  // the stride of a dimension of 1 says nothing
  EXPECT_EQ(view({int64_t{1} << 40}, {0}, 6), "");
  EXPECT_EQ(view({0, 5}, {9, 9}, 99), "");  // no elements, nothing to be outside of
  EXPECT_EQ(view({}, {}, 77), "");
  EXPECT_EQ(view({6}, {1}, 2), kOut);
  EXPECT_EQ(view({7}, {1}, 1), kOut);
  EXPECT_EQ(view({6}, {-1}, 5), kOut);
  EXPECT_EQ(view({1}, {1}, 0), kOut);
  EXPECT_EQ(view({2}, {-1}, 1), kOut);
  EXPECT_EQ(view({2, 2}, {-3, 4}, 3), kOut);
  EXPECT_EQ(view({1}, {1}, INT64_MIN), kOut);
  EXPECT_EQ(view({1}, {1}, INT64_MAX), kOut);
  EXPECT_EQ(view({2}, {INT64_MAX}, 1), kOut);
  EXPECT_EQ(view({2, 2}, {INT64_MAX, INT64_MAX}, 1), kOut);
  EXPECT_EQ(view({3}, {INT64_MIN}, 1), kOut);
  EXPECT_EQ(view({int64_t{1} << 32, int64_t{1} << 32}, {0, 0}, 1), kOut);  // 2^64 elements
}

TEST(Arrays, StoragesAreSharedNullOrWrong) {
  Bytes f;
  f.table(1, 4).num(1).tensor(2, "torch.DoubleTensor", {2}, {1}).doubles(3, {1, 2});
  f.num(2).tensor(4, "torch.DoubleTensor", {1}, {1}, 2).ref(4, 3).num(3).ref(4, 3);
  f.num(4).tensor(5, "torch.DoubleTensor", {}, {}).nil();
  EXPECT_EQ(
      read_text(f),
      "{1: torch.DoubleTensor[2 by 1 from 0]<#2 torch.DoubleStorage[2]>, "
      "2: torch.DoubleTensor[1 by 1 from 1]<#2>, 3: #2, 4: torch.DoubleTensor[ from 0]<nil>}");
  // One value is unusable, the rest of the file is not.
  Bytes wrong;
  wrong.table(1, 4).num(1).tensor(2, "torch.FloatTensor", {1}, {1}).doubles(3, {1});
  wrong.num(2).tensor(4, "torch.FloatTensor", {1}, {1}).table(5, 0);
  wrong.num(3).tensor(6, "torch.FloatTensor", {1}, {1}).nil();
  wrong.num(4).tensor(7, "torch.FloatTensor", {1}, {1}).ref(4, 7);
  EXPECT_EQ(read_text(wrong),
            "{1: torch.FloatTensor[1 by 1 from 0]<torch.DoubleStorage[1]>~, "
            "2: torch.FloatTensor[1 by 1 from 0]<{}>~, 3: torch.FloatTensor[1 by 1 from 0]<nil>~, "
            "4: #6 torch.FloatTensor[1 by 1 from 0]<#6>~} | "
            "wrong_storage@24 wrong_storage@154 view_out_of_range@242 wrong_storage@322");
}

TEST(Arrays, EmptyTensorThatKeptItsStorage) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 1).num(1).tensor(2, "torch.DoubleTensor", {}, {}, 3).doubles(3, {1, 2});
      },
      "{1: torch.DoubleTensor[ from 2]<torch.DoubleStorage[2]>}");
}

// Elements of LongStorage have the width of a long.
TEST(Arrays, LongStorageFollowsTheWidth) {
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.table(1, 2).num(1).storage(2, "torch.LongStorage", 3).longs({-1, INT32_MAX, 0});
    f.num(2).str("after");
    EXPECT_EQ(read_text(f, told(dialect)), "{1: torch.LongStorage[3], 2: after}");
  }
}

// --- Torch5 --------------------------------------------------------------------------------

TEST(Torch5, OwnStorage) {
  for (const Dialect dialect : kDialects) {
    for (const int own : {0, 1}) {
      // Under the name of today only the next words tell.
      Bytes modern(dialect);
      modern.tensor(1, "torch.FloatTensor", {2}, {1}).i32(own);
      modern.storage(2, "torch.FloatStorage", 2);
      dialect.ascii ? modern.raw("1 2\n") : modern.zeros(8);
      EXPECT_EQ(read_text(modern, told(dialect)),
                "torch.FloatTensor[2 by 1 from 0]<torch.FloatStorage[2]>");
      // torch.Tensor is always of that time.
      Bytes old(dialect);
      old.tensor(1, "torch.Tensor", {1}, {1}).i32(own).doubles(2, {5});
      EXPECT_EQ(read_text(old, told(dialect)),
                "torch.Tensor[1 by 1 from 0]<torch.DoubleStorage[1]>");
    }
  }
}

// A null storage followed by an object is not ownStorage 0.
TEST(Torch5, NilStorageBeforeAnObject) {
  Bytes f;
  f.object(1, "tds.Vec", "V 0").i64(2).tensor(2, "torch.FloatTensor", {}, {}).nil();
  f.storage(3, "torch.FloatStorage", 0);
  EXPECT_EQ(read_text(f), "tds.Vec v0(torch.FloatTensor[ from 0]<nil>, torch.FloatStorage[0])");
  Bytes sized;  // with dimensions, but what follows is no storage
  sized.object(1, "tds.Vec", "V 0").i64(2).tensor(2, "torch.FloatTensor", {0}, {1}).nil();
  sized.fields(3, "nn.A", 0);
  EXPECT_EQ(read_text(sized), "tds.Vec v0(torch.FloatTensor[0 by 1 from 0]<nil>, nn.A({}))");
}

TEST(Torch5, VersionlessSizesAreInts) {
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.table(1, 1).num(1).object(2, "torch.FloatTensor", "");
    f.i32(1).i32(2).i32(1).i32(1).i32(0).object(3, "torch.FloatStorage", "").i32(2);
    dialect.ascii ? f.raw("1 2\n") : f.zeros(8);
    EXPECT_EQ(read_text(f, told(dialect)),
              "{1: torch.FloatTensor old[2 by 1 from 0]<torch.FloatStorage old[2]>}");
  }
}

TEST(Torch5, ModulesWriteTheirFieldsOneByOne) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.object(1, "nn.Sequential");
        buffers(f, 2).table(4, 2).num(1).object(5, "nn.Linear");
        buffers(f, 6).f64(0.5);
        for (const int index : {8, 9, 10, 11}) {
          f.tensor(index, "torch.DoubleTensor", {}, {}).nil();
        }
        f.num(2).object(12, "nn.Max");
        buffers(f, 13).i32(2).nil();
      },
      std::string("nn.Sequential(") + kBuffers + ", {1: nn.Linear(" + kBuffers + ", 0.5, " +
          kBuffers + ", " + kBuffers + "), 2: nn.Max(" + kBuffers + ", 2, nil)})");
}

TEST(Torch5, EachKindOfField) {
  expect_in_every_dialect(
      [](Bytes& f) {
        buffers(f.object(1, "nn.Select"), 2).i32(1).i64(-7);
        buffers(f.object(4, "nn.SoftMax"), 5).f64(2).i32(1);
        f.object(7, "nn.MSECriterion").tensor(8, "torch.DoubleTensor", {}, {}).nil().f64(3).i32(0);
      },
      std::string("nn.Select(") + kBuffers + ", 1, -7); nn.SoftMax(" + kBuffers +
          ", 2, true); nn.MSECriterion(torch.DoubleTensor[ from 0]<nil>, 3, false)");
}

// Some classes had several forms within that year.
TEST(Torch5, Variants) {
  const auto up_sampling = [](bool newer) {
    Bytes f;
    f.table(1, 2).num(1).object(2, "nn.SpatialUpSampling");
    buffers(f, 3).i32(2).i32(3);
    if (newer) f.i32(16);
    return read_text(f.num(2).str("end"));
  };
  const std::string both = std::string("{1: nn.SpatialUpSampling(") + kBuffers;
  EXPECT_EQ(up_sampling(false), both + ", 2, 3), 2: end}");
  EXPECT_EQ(up_sampling(true), both + ", 2, 3, 16)?, 2: end} | guessed_layout@24");
}

// A double says how many doubles follow.
TEST(Torch5, CountedDoubles) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 3).num(1).object(2, "nn.PyramidPacker");
        buffers(f, 3).f64(3).f64(1).f64(2).f64(-0.5).num(2).object(5, "nn.PyramidUnPacker");
        buffers(f, 6).f64(0).num(3).str("end");
      },
      std::string("{1: nn.PyramidPacker(") + kBuffers + ", 3, 1, 2, -0.5), 2: nn.PyramidUnPacker(" +
          kBuffers + ", 0), 3: end}");
}

TEST(Torch5, AConditionalField) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 3).num(1).object(2, "nn.SpatialColorTransform");
        buffers(f, 3).str("rgb").i32(1).str("linear").num(2).object(5, "nn.SpatialColorTransform");
        buffers(f, 6).str("rgb").i32(0).num(3).str("end");
      },
      std::string("{1: nn.SpatialColorTransform(") + kBuffers +
          ", rgb, true, linear), 2: nn.SpatialColorTransform(" + kBuffers +
          ", rgb, false), 3: end}");
}

// The class of a Torch5 file and that of today may occur in one.
TEST(Torch5, TheModernFormOfTheClassIsAnotherClass) {
  Bytes f;
  f.table(1, 2).num(1).object(2, "nn.Identity");
  buffers(f, 3).num(2).fields(5, "nn.Identity", 1).str("output").num(1);
  EXPECT_EQ(read_text(f),
            std::string("{1: nn.Identity(") + kBuffers + "), 2: nn.Identity({output: 1})}");
}

// Whether a body begins with a table of fields is looked at ahead: bytes may be missing just there.
TEST(Torch5, WhateverThePieces) {
  Bytes f;
  f.object(1, "nn.Sequential");
  buffers(f, 2).table(4, 2).num(1).object(5, "nn.Linear");
  buffers(f, 6).f64(0.5);
  for (const int index : {8, 9, 10, 11}) f.tensor(index, "torch.DoubleTensor", {}, {}).nil();
  f.num(2).object(12, "nn.CAddTable").table(13, 1).num(1).tensor(14, "torch.DoubleTensor", {}, {});
  f.nil().tensor(15, "torch.DoubleTensor", {}, {}).nil();
  const std::string whole = read_text(f);
  for (size_t piece = 1; piece < 80; ++piece) {
    EXPECT_EQ(read_file(f, {}, piece).text(), whole) << piece;
  }
}

// Two weeks of 2011: a table, and then fields. Only a search finds them.
TEST(Torch5, FieldsBehindTheTable) {
  Bytes f;
  f.table(1, 2).num(1).fields(2, "nn.Narrow", 1).str("output").num(1);
  f.i32(1).i64(2).i64(3).num(2).str("end");
  EXPECT_EQ(read_text(f), "{1: nn.Narrow({output: 1}, 1, 2, 3)?, 2: end} | guessed_layout@24");
  // The class of today is one table, and nothing is guessed.
  EXPECT_EQ(read_text(Bytes().fields(1, "nn.Narrow", 1).str("index").num(1)),
            "nn.Narrow({index: 1})");
}

// --- Classes with their own framing ---------------------------------------------------------

TEST(Layouts, Parallel) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 6);
        f.num(1).object(2, "nn.GPU").table(3, 2).num(1).str("t").num(2).num(1);
        f.table(4, 1).str("device").num(1);
        f.num(2).object(5, "nn.DataParallelTable").table(6, 1).str("dimension").num(1);
        f.num(3).object(7, "nn.DataParallelTable", "V 3").table(8, 1).num(1).num(2).table(9, 0);
        f.num(4).object(10, "nn.DataParallelTable", "V 2").table(11, 0).table(12, 0);
        f.num(5).object(13, "nn.ModelParallelTable", "V 3").table(14, 0).table(15, 0);
        f.num(6).str("end");
      },
      "{1: nn.GPU({1: t, 2: 1}, {device: 1}), 2: nn.DataParallelTable({dimension: 1}), "
      "3: nn.DataParallelTable v3({1: 2}, {}), 4: nn.DataParallelTable v2({}, {}), "
      "5: nn.ModelParallelTable v3({}, {}), 6: end}");
}

TEST(Layouts, ModelParallelTable2) {
  Bytes f;
  f.table(1, 2).num(1).object(2, "nn.ModelParallelTable", "V 2");
  f.table(3, 2).num(1).num(1).num(2).num(2).fields(4, "nn.A", 0).fields(6, "nn.B", 0);
  f.table(8, 1).str("dimension").num(1).num(2).str("end");
  EXPECT_EQ(read_text(f),
            "{1: nn.ModelParallelTable v2({1: 1, 2: 2}, nn.A({}), nn.B({}), {dimension: 1})?, "
            "2: end} | guessed_layout@24");
}

TEST(Layouts, Tds) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 5).num(1).object(2, "tds.Hash", "V 0").i64(2);
        f.str("self").ref(4, 2).num(2).boolean(1);
        f.num(2).object(3, "tds.Vec", "V 0").i64(3).nil().num(1).ref(4, 3);
        f.num(3).object(4, "tds.AtomicCounter", "V 0").i64(-42);
        f.num(4).object(5, "tds_hash", "V 0").i64(0);
        f.num(5).object(6, "tds_vec", "V 0").i64(1).str("x");
      },
      "{1: #1 tds.Hash v0{self: #1, 2: true}, 2: #2 tds.Vec v0(nil, 1, #2), "
      "3: tds.AtomicCounter v0(-42L), 4: tds_hash v0{}, 5: tds_vec v0(x)}");
}

TEST(Layouts, Ztorch) {
  for (const Dialect dialect : kDialects) {
    Bytes f(dialect);
    f.table(1, 2).num(1).object(2, "torch.ZDoubleTensor", "V 0");
    f.storage(3, "torch.LongStorage", 1).longs({2}).storage(4, "torch.LongStorage", 1).longs({1});
    f.i64(1).storage(5, "torch.ZDoubleStorage", 2);
    f.f64(1).f64(2).f64(3).f64(4).num(2).str("end");
    EXPECT_EQ(read_text(f, told(dialect)),
              "{1: torch.ZDoubleTensor v0(torch.LongStorage[1], torch.LongStorage[1], 1, "
              "torch.ZDoubleStorage[4]), 2: end}");
  }
}

TEST(Layouts, OthersWithTheirOwn) {
  expect_in_every_dialect(
      [](Bytes& f) {
        f.table(1, 5).num(1).object(2, "torch.MultiCudaTensor").table(3, 0).num(1);
        f.num(1).tensor(4, "torch.CudaTensor", {}, {}).nil();
        f.num(2).object(5, "nn.DataSet").i32(1).i32(2).str("a").num(7);
        f.num(3).object(6, "torch.Timer").num(4).object(7, "package.torchnet.utils");
        f.num(5).object(8, "package.torchnet");
      },
      "{1: torch.MultiCudaTensor({}, 1, 1, torch.CudaTensor[ from 0]<nil>), "
      "2: nn.DataSet(true, 2, a, 7), 3: torch.Timer(), 4: package.torchnet.utils(), "
      "5: package.torchnet()}");
}

// The memory image of a generator: long of 8 or 4 bytes, with or without padding at the end.
std::string generator_image(size_t long_bytes, bool big, size_t padding) {
  Bytes f(Dialect{false, big, static_cast<uint8_t>(long_bytes), false});
  f.i64(123).i32(300).i32(1).i64(325);
  for (int i = 0; i < 624; ++i) f.i64(i);
  f.f64(0).f64(0).f64(0).i32(0);
  return f.zeros(padding).text();
}

TEST(Layouts, GeneratorsOfEveryHost) {
  EXPECT_EQ(generator_image(8, false, 4).size(), 5048u);
  EXPECT_EQ(generator_image(4, false, 4).size(), 2544u);
  for (const Dialect dialect : kDialects) {
    for (const bool big : {false, true}) {
      for (const auto& [width, padding] : {std::pair{8, 4}, {4, 4}, {4, 0}}) {
        const std::string image =
            generator_image(static_cast<size_t>(width), big, static_cast<size_t>(padding));
        const std::string said = "torch.Generator(bytes[" + std::to_string(image.size()) + "])";
        SCOPED_TRACE(said + (dialect.ascii ? " ASCII" : ""));
        EXPECT_EQ(
            read_text(Bytes(dialect).object(1, "torch.Generator").chars(image), told(dialect)),
            said);
        Bytes inside(dialect);
        inside.table(1, 2).num(1).object(2, "torch.Generator").chars(image).num(2).str("end");
        EXPECT_EQ(read_text(inside, told(dialect)), "{1: " + said + ", 2: end}");
      }
    }
  }
}

}  // namespace
}  // namespace t7
