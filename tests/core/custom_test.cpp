// Bodies and files that the caller reads by itself, the parser going on around them.
#include <gtest/gtest.h>

#include <functional>

#include "bytes_builder.h"
#include "invariants.h"
#include "reading.h"

namespace t7 {
namespace {

// Reads a file in pieces of 64 bytes; whenever the parser hands over, `turn` does something.
class ByHand {
 public:
  ByHand(std::string bytes, DetectOptions options)
      : bytes_(std::move(bytes)), detect_(bytes_.size(), std::move(options)) {}

  // Up to the next hand-over or the end.
  State go() {
    for (;;) {
      const State state = detect_.advance(3);
      if (state == State::paused) continue;
      if (state != State::need_bytes) return state;
      const Want want = detect_.want();
      const auto n = static_cast<size_t>(std::min<uint64_t>(64, bytes_.size() - want.offset));
      std::memcpy(detect_.prepare(n), bytes_.data() + want.offset, n);
      detect_.commit(n);
    }
  }
  State run(const std::function<void(ByHand&)>& turn) {
    State state;
    while ((state = go()) == State::custom) turn(*this);
    EXPECT_EQ(broken_invariant(detect_, state, bytes_.size()), "");
    return state;
  }

  Parser& parser() { return *detect_.parser(); }
  Detect& detect() { return detect_; }
  // The next n bytes, which are the caller's business.
  std::string take(size_t n) {
    const uint64_t at = parser().position();
    parser().resume_at(at + n, false);
    return bytes_.substr(static_cast<size_t>(at), n);
  }
  std::string text() { return dump(parser().graph()); }

 private:
  std::string bytes_;
  Detect detect_;
};

DetectOptions custom(const char* name) {
  DetectOptions options;
  options.assumptions.custom_classes.push_back(name);
  return options;
}

TEST(Custom, RawBytesAndObjectsInTurns) {
  Bytes f;
  f.table(1, 3).num(1).object(2, "my.Own").raw("abc").table(3, 1).num(1).ref(4, 2).raw("de");
  f.num(2).object(4, "my.Own").raw("fgh").num(0.5).raw("ij").num(3).ref(4, 2);
  ByHand hand(f, custom("my.Own"));
  std::string seen;
  bool inside = false;
  const State state = hand.run([&](ByHand& h) {
    EXPECT_NE(h.parser().custom_object(), kNone);
    if (!inside) {
      seen += h.take(3);
      h.parser().read_object();
    } else {
      EXPECT_NE(h.parser().last_delivered(), kNone);
      seen += h.take(2);
      h.parser().end_custom();
    }
    inside = !inside;
  });
  EXPECT_EQ(state, State::done);
  EXPECT_EQ(seen, "abcdefghij");
  EXPECT_EQ(hand.text(), "{1: #1 my.Own({1: #1}), 2: my.Own(0.5), 3: #1}");
  EXPECT_EQ(hand.detect().passes(), 1u);
}

TEST(Custom, OneInsideTheOther) {
  Bytes f;
  for (int i = 1; i <= 1000; ++i) f.object(i, "my.Own").raw("x");
  f.nil();
  ByHand hand(f, custom("my.Own"));
  std::vector<uint32_t> begun;
  const State state = hand.run([&](ByHand& h) {
    const uint32_t object = h.parser().custom_object();
    if (begun.empty() || begun.back() < object) {
      begun.push_back(object);
      EXPECT_EQ(h.take(1), "x");
      h.parser().read_object();
    } else {
      h.parser().end_custom();
    }
  });
  EXPECT_EQ(state, State::done);
  EXPECT_EQ(begun.size(), 1000u);
}

TEST(Custom, LongBodiesAreJumpedOver) {
  Bytes f;
  f.table(1, 2).num(1).object(2, "my.Own").zeros(100000).num(2).str("after");
  ByHand hand(f, custom("my.Own"));
  const State state = hand.run([](ByHand& h) {
    h.take(100000);
    h.parser().end_custom();
  });
  EXPECT_EQ(state, State::done);
  EXPECT_EQ(hand.text(), "{1: my.Own(), 2: after}");
}

TEST(Custom, InTextTheLineEndBehindTheNameIsNotPartOfTheBody) {
  Bytes f(kAscii);
  f.table(1, 2).num(1).object(2, "my.Own").raw("42\n").num(2).str("after");
  ByHand hand(f, custom("my.Own"));
  const State state = hand.run([](ByHand& h) {
    EXPECT_EQ(h.take(3), "42\n");
    h.parser().end_custom();
  });
  EXPECT_EQ(state, State::done);
  EXPECT_EQ(hand.text(), "{1: my.Own(), 2: after}");
}

TEST(Custom, AReaderThatFailsEndsTheReading) {
  Bytes f;
  f.table(1, 2).num(1).object(2, "my.Own").raw("abc").num(2).str("after");
  ByHand hand(f, custom("my.Own"));
  const State state = hand.run([](ByHand& h) {
    h.take(1);
    h.parser().fail_custom();
  });
  EXPECT_EQ(state, State::failed);
  EXPECT_EQ(hand.detect().error().code, ErrorCode::reader_failed);
  EXPECT_EQ(hand.detect().error().offset, 50u);
  EXPECT_EQ(hand.detect().error().object, 1u);
  EXPECT_EQ(hand.text(), "{1: my.Own()!}!");
}

TEST(Custom, ADamagedObjectInsideABody) {
  Bytes f;
  f.table(1, 1).num(1).object(2, "my.Own").i32(99);
  ByHand hand(f, custom("my.Own"));
  EXPECT_EQ(hand.run([](ByHand& h) { h.parser().read_object(); }), State::failed);
  EXPECT_EQ(hand.detect().error().code, ErrorCode::bad_type_code);
  EXPECT_EQ(hand.text(), "{1: my.Own()!}!");
}

TEST(Custom, AFileReadByHandHasNoTopLevel) {
  DetectOptions options;
  options.assumptions.manual = true;
  ByHand hand(Bytes().raw("ab").table(1, 1).num(1).str("x").raw("c").ref(3, 1), options);
  EXPECT_EQ(hand.go(), State::custom);
  EXPECT_EQ(hand.parser().custom_object(), kNone);
  EXPECT_EQ(hand.take(2), "ab");
  hand.parser().read_object();
  EXPECT_EQ(hand.go(), State::custom);
  EXPECT_EQ(hand.take(1), "c");
  hand.parser().read_object();
  EXPECT_EQ(hand.go(), State::custom);
  EXPECT_EQ(hand.text(), "#0 {1: x}; #0");
  hand.parser().read_object();
  EXPECT_EQ(hand.go(), State::failed);  // there is nothing more
  EXPECT_EQ(hand.detect().error().code, ErrorCode::truncated);
}

}  // namespace
}  // namespace t7
