// Stopping a pass: at any place the graph is what a file damaged there would give, with `aborted`.
#include <gtest/gtest.h>

#include "bytes_builder.h"
#include "reading.h"

namespace t7 {
namespace {

// Reads one value at a time and stops after `steps` calls of advance.
Reading stop_after(const std::string& bytes, int steps) {
  Reading reading;
  reading.detect = std::make_unique<Detect>(bytes.size(), DetectOptions{});
  Detect& detect = *reading.detect;
  for (; steps != 0; --steps) {
    const State state = detect.advance(1);
    if (state == State::done || state == State::failed) break;
    if (state != State::need_bytes) continue;
    const Want want = detect.want();
    const auto n = static_cast<size_t>(want.length);
    std::memcpy(detect.prepare(n), bytes.data() + want.offset, n);
    detect.commit(n);
  }
  detect.stop();
  reading.state = detect.advance(1);
  return reading;
}

TEST(Stop, BeforeAnythingWasReadThereIsNoGraph) {
  const Reading reading = stop_after(Bytes().num(1), 0);
  EXPECT_EQ(reading.state, State::failed);
  EXPECT_EQ(reading.graph(), nullptr);
  EXPECT_EQ(reading.error().code, ErrorCode::aborted);
}

TEST(Stop, ShowsOpenValuesAsFarAsTheyWereRead) {
  const std::string file = Bytes().table(1, 3).num(1).table(2, 2).num(1).str("in").num(2).nil();
  for (int steps = 0; steps < 100; ++steps) {
    const Reading reading = stop_after(file, steps);
    if (reading.graph() == nullptr || reading.graph()->objects.size() < 2) continue;
    ASSERT_EQ(reading.error().code, ErrorCode::aborted);
    for (const uint32_t object : {0u, 1u}) {
      EXPECT_TRUE(reading.graph()->objects[object].has(Object::kIncomplete));
    }
    EXPECT_EQ(reading.graph()->objects[0].count, 2u);
    return;
  }
  FAIL() << "the inner table was never read";
}

TEST(Stop, IsHarmlessAtEveryStepOfEveryFixture) {
  for (const Fixture& fixture : fixtures()) {
    if (fixture.bytes.size() > 4096) continue;
    int steps = 0;
    for (bool over = false; !over && steps < 400; ++steps) {
      const Reading reading = stop_after(fixture.bytes, steps);
      over = reading.state == State::done || reading.error().code != ErrorCode::aborted;
      if (over || reading.graph() == nullptr) continue;
      EXPECT_LE(reading.error().offset, fixture.bytes.size()) << fixture.name;
    }
    EXPECT_GT(steps, 1) << fixture.name;
  }
}

TEST(Stop, ComesTooLateForAFileThatWasRead) {
  const Reading reading = stop_after(Bytes().num(1), 1000);
  EXPECT_EQ(reading.state, State::done);
}

}  // namespace
}  // namespace t7
