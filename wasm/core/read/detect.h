// Finds out how a file is laid out, by trial: passes over it in each dialect that its first bytes
// allow, and, where a class of unknown layout is in the way, under layouts assumed for that class.
// To the caller it looks like one parser that sometimes asks for the first bytes again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "read/parser.h"

namespace t7 {

struct DetectOptions {
  // 0: not told.
  char encoding = 0;      // 'a' ASCII, 'b' binary
  char byte_order = 0;    // 'l', 'b'
  uint8_t long_size = 0;  // 4, 8
  Assumptions assumptions;
};

class Detect {
 public:
  Detect(uint64_t file_size, DetectOptions options);

  [[nodiscard]] State advance(uint32_t budget);
  // Fails with `aborted`; the pass that runs is the one that stands.
  void stop();
  Want want() const;
  uint8_t* prepare(size_t n);
  void commit(size_t n);

  // The pass that stands (after done or failed), or the one that runs. Null while sniffing, and
  // for a file that cannot be a .t7 at all: then `error()` says so.
  Parser* parser() { return parser_.get(); }
  const Parser* parser() const { return parser_.get(); }
  const Issue& error() const { return parser_ ? parser_->error() : error_; }
  // Counts passes: what was learned from an earlier one is void.
  uint32_t passes() const { return passes_; }
  // Is the width of a long known: a long was read, or the caller told it.
  bool long_size_known() const;
  // Why we believe in the dialect, one sentence a line.
  const std::string& evidence() const { return evidence_; }

 private:
  struct Outcome {
    Dialect dialect;
    bool complete = false;   // the whole file is values
    bool trailing = false;   // values, then something else
    bool truncated = false;  // the failure is the end of the file
    bool by_reader = false;  // the failure is one of the caller's reading
    size_t roots = 0;
    size_t invalid = 0;       // values with an issue
    bool sequential = true;   // object indices without gaps
    uint64_t read_until = 0;  // how far it made sense
    bool saw_long = false;
    uint64_t reused_root = Parser::kNoOffset;
    std::vector<std::string> suspects;  // unknown classes, most recent first
    std::string unknown;                // class whose body is no table, if that is the failure
  };

  State sniff();
  void start_pass(Dialect dialect, const Assumptions& assumptions);
  State end_pass(State state);
  State next_candidate();
  Outcome outcome_of(State state) const;
  static bool better(const Outcome& a, const Outcome& b);
  bool worth_guessing() const;
  void plan_guesses();
  bool follow_lead();
  State next_guess();
  State settle();
  bool affordable() const;
  void add_warnings();
  void describe();
  State fail(ErrorCode code, std::string found, std::string expected);

  enum class Phase : uint8_t { sniff, candidates, guesses, final_pass, settled };

  uint64_t file_size_;
  DetectOptions options_;
  Phase phase_ = Phase::sniff;
  std::vector<uint8_t> head_;  // what was given while sniffing; every pass begins with it
  size_t head_length_ = 0;
  std::unique_ptr<Parser> parser_;
  State state_ = State::need_bytes;
  Issue error_;
  uint32_t passes_ = 0;
  uint64_t pass_bytes_ = 0;   // given to the pass that runs
  uint64_t first_bytes_ = 0;  // given to the largest candidate pass
  uint64_t guess_bytes_ = 0;  // given to guesses

  std::vector<Dialect> candidates_;
  size_t next_candidate_ = 0;
  std::vector<Outcome> outcomes_;
  Outcome best_;
  Assumptions best_assumptions_;

  // A guess that did not hold to the end but got farther than what it was based on.
  struct PartialGuess {
    Outcome outcome;
    Assumptions assumptions;
  };
  std::vector<PartialGuess> partial_guesses_;
  Outcome plain_;  // what was read without any assumption
  Outcome base_;   // what the guesses at hand must be better than
  Assumptions base_assumptions_;
  std::vector<Assumptions> guesses_;
  size_t next_guess_ = 0;
  bool guessed_ = false;
  std::string evidence_;
};

}  // namespace t7
