#include "read/detect.h"

#include <algorithm>
#include <cstdlib>

namespace t7 {

namespace {

// Bytes that the choice of candidates looks at.
constexpr size_t kHead = 64;

// docs/format.md § Unknown classes: what a search for a layout may cost.
constexpr uint32_t kMaxPasses = 64;
constexpr uint64_t kMaxGuessCost = 8;
constexpr uint64_t kFreeGuessBytes = uint64_t{1} << 20;  // takes no time worth saving
constexpr size_t kMaxSuspects = 6;

std::string dialect_text(const Dialect& dialect) {
  if (dialect.ascii) return "ASCII";
  return std::string(dialect.big_endian ? "big" : "little") + " endian with " +
         std::to_string(dialect.long_size) + "-byte longs";
}

bool is_blank(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A type code alone on the first line.
bool looks_ascii(const uint8_t* head, size_t length) {
  size_t i = 0;
  while (i < length && is_blank(head[i])) ++i;
  if (i == length || head[i] < '0' || head[i] > '8') return false;
  return i + 1 == length || is_blank(head[i + 1]);
}

// With a schema the file may begin with any number.
bool looks_like_number_text(const uint8_t* head, size_t length) {
  return length != 0 && std::all_of(head, head + std::min<size_t>(length, 2), [](uint8_t c) {
           return is_blank(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

}  // namespace

Detect::Detect(uint64_t file_size, DetectOptions options)
    : file_size_(file_size), options_(std::move(options)) {}

Want Detect::want() const {
  if (phase_ == Phase::sniff) {
    return {head_length_, std::min<uint64_t>(file_size_, kHead) - head_length_};
  }
  return parser_->want();
}

uint8_t* Detect::prepare(size_t n) {
  if (phase_ != Phase::sniff) return parser_->prepare(n);
  head_.resize(head_length_ + n);
  return head_.data() + head_length_;
}

void Detect::commit(size_t n) {
  if (phase_ == Phase::sniff) {
    head_length_ += n;
    return;
  }
  pass_bytes_ += n;
  if (phase_ == Phase::guesses) guess_bytes_ += n;
  parser_->commit(n);
}

State Detect::fail(ErrorCode code, std::string found, std::string expected) {
  parser_.reset();
  error_ = {code, 0, kNone, kNone, std::move(found), std::move(expected)};
  phase_ = Phase::settled;
  return state_ = State::failed;
}

State Detect::advance(uint32_t budget) {
  if (phase_ == Phase::settled) return state_;
  if (phase_ == Phase::sniff) return sniff();
  if (phase_ == Phase::guesses && !affordable()) return next_guess();
  const State state = parser_->advance(budget);
  if (state != State::done && state != State::failed) return state;
  return end_pass(state);
}

void Detect::stop() {
  if (phase_ == Phase::settled) return;
  if (phase_ == Phase::sniff) {
    fail(ErrorCode::aborted, "a request to stop", "to read to the end of the file");
    return;
  }
  parser_->stop();
  guessed_ = false;
  state_ = State::failed;
  (void)settle();
}

// --- Candidates ----------------------------------------------------------------------------

State Detect::sniff() {
  if (file_size_ == 0) return fail(ErrorCode::empty, "an empty file", "a .t7 file");
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(file_size_, kHead));
  if (head_length_ < wanted) return State::need_bytes;
  const std::string& schema = options_.assumptions.schema;
  const uint8_t* const head = head_.data();
  const bool free_start = options_.assumptions.manual || (!schema.empty() && schema[0] != 'O');
  const bool word = wanted >= 4;
  const bool little = word && head[0] <= 8 && head[1] == 0 && head[2] == 0 && head[3] == 0;
  const bool big = word && head[3] <= 8 && head[0] == 0 && head[1] == 0 && head[2] == 0;
  const bool text = free_start ? looks_like_number_text(head, wanted) : looks_ascii(head, wanted);
  const auto allowed = [&](const Dialect& d) {
    if (options_.encoding != 0 && d.ascii != (options_.encoding == 'a')) return false;
    if (d.ascii) return true;
    if (options_.byte_order != 0 && d.big_endian != (options_.byte_order == 'b')) return false;
    return options_.long_size == 0 || d.long_size == options_.long_size;
  };
  const bool told = options_.encoding != 0 || options_.byte_order != 0;
  for (const bool big_endian : {false, true}) {
    if (!(big_endian ? big : little) && !free_start && !told) continue;
    for (const uint8_t long_size : {uint8_t{8}, uint8_t{4}}) {
      const Dialect dialect{false, big_endian, long_size, false};
      if (allowed(dialect)) candidates_.push_back(dialect);
    }
  }
  const auto* line_end = std::find(head, head + wanted, '\n');
  const bool returns = line_end != head + wanted && line_end != head && line_end[-1] == '\r';
  const Dialect ascii{true, false, 8, returns};
  if ((text || options_.encoding == 'a') && allowed(ascii)) candidates_.push_back(ascii);
  if (candidates_.empty()) {
    return fail(ErrorCode::not_t7, "a file that begins with " + quoted(head, wanted),
                "a type code from 0 to 8 as 4-byte number or as text");
  }
  if (options_.assumptions.manual) candidates_.resize(1);
  phase_ = Phase::candidates;
  return next_candidate();
}

void Detect::start_pass(Dialect dialect, const Assumptions& assumptions) {
  parser_ = std::make_unique<Parser>(file_size_, dialect, assumptions);
  if (!parser_->push(head_.data(), head_length_)) std::abort();
  pass_bytes_ = head_length_;
  if (phase_ == Phase::guesses) guess_bytes_ += head_length_;
  ++passes_;
}

State Detect::next_candidate() {
  start_pass(candidates_[next_candidate_++], options_.assumptions);
  return state_ = State::paused;
}

Detect::Outcome Detect::outcome_of(State state) const {
  const Parser& parser = *parser_;
  Outcome outcome;
  outcome.dialect = parser.dialect();
  outcome.trailing = state == State::done && parser.trailing_offset() != Parser::kNoOffset;
  outcome.complete = state == State::done && !outcome.trailing;
  outcome.roots = parser.graph().roots.size();
  outcome.invalid = parser.graph().issues.size();
  outcome.sequential = parser.sequential();
  outcome.read_until = file_size_;
  if (outcome.trailing) {
    outcome.read_until = parser.trailing_failure() == Parser::kNoOffset ? parser.trailing_offset()
                                                                        : parser.trailing_failure();
  }
  if (state == State::failed) outcome.read_until = parser.error().offset;
  outcome.truncated = state == State::failed && parser.error().code == ErrorCode::truncated;
  outcome.by_reader = state == State::failed && parser.error().code == ErrorCode::reader_failed;
  outcome.saw_long = parser.saw_long();
  outcome.reused_root = parser.reused_root();
  const auto& unknown = parser.unknown_classes();
  for (auto id = unknown.rbegin(); id != unknown.rend(); ++id) {
    if (outcome.suspects.size() == kMaxSuspects) break;
    std::string name(parser.graph().class_name(*id));
    if (std::find(outcome.suspects.begin(), outcome.suspects.end(), name) ==
        outcome.suspects.end()) {
      outcome.suspects.push_back(std::move(name));
    }
  }
  if (parser.unknown_class() != kNone) {
    outcome.unknown = parser.graph().class_name(parser.unknown_class());
  }
  return outcome;
}

// docs/format.md § Detection: the order of several readings of one file.
bool Detect::better(const Outcome& a, const Outcome& b) {
  if (a.complete != b.complete) return a.complete;
  if (!a.complete && a.read_until != b.read_until) return a.read_until > b.read_until;
  if (a.trailing != b.trailing) return a.trailing;
  if (a.invalid != b.invalid) return a.invalid < b.invalid;
  return a.roots < b.roots;
}

State Detect::end_pass(State state) {
  state_ = state;
  if (phase_ == Phase::final_pass) return settle();
  const Outcome outcome = outcome_of(state);
  if (phase_ == Phase::guesses) {
    const Assumptions& assumptions = guesses_[next_guess_ - 1];
    const bool holds = outcome.complete && outcome.sequential && outcome.invalid <= plain_.invalid;
    // Where both hold, an empty table in a session of its own could as well be a reference and a
    // nil.
    const size_t fewer = assumptions.sessions_everywhere && best_.complete ? 2 : 1;
    if (holds && (!best_.complete || outcome.roots + fewer <= best_.roots)) {
      best_ = outcome;
      best_assumptions_ = assumptions;
      guessed_ = true;
      if (outcome.roots == 1) return settle();
    } else if (assumptions.sessions_everywhere && assumptions.layouts.empty() && !best_.complete &&
               outcome.read_until > best_.read_until) {
      // The end is damaged or missing; up to there it is sessions.
      best_ = outcome;
      best_assumptions_ = assumptions;
      guessed_ = true;
    } else if (!outcome.complete && !outcome.truncated && !outcome.by_reader &&
               outcome.read_until > base_.read_until) {
      partial_guesses_.push_back({outcome, assumptions});
    }
    return next_guess();
  }
  outcomes_.push_back(outcome);
  first_bytes_ = std::max(first_bytes_, pass_bytes_);
  const bool first = outcomes_.size() == 1;
  if (first || better(outcome, best_)) best_ = outcome;
  const bool certain = outcome.complete && outcome.roots == 1 && outcome.invalid == 0;
  if (first && certain) return settle();
  // Both widths read a file without longs alike.
  if (next_candidate_ < candidates_.size() && !outcome.saw_long && !outcome.dialect.ascii &&
      candidates_[next_candidate_].big_endian == outcome.dialect.big_endian) {
    ++next_candidate_;
  }
  if (next_candidate_ < candidates_.size()) return next_candidate();
  plain_ = base_ = best_;
  base_assumptions_ = best_assumptions_ = options_.assumptions;
  if (worth_guessing()) {
    phase_ = Phase::guesses;
    plan_guesses();
    return next_guess();
  }
  if (best_.dialect == parser_->dialect()) return settle();
  phase_ = Phase::final_pass;
  start_pass(best_.dialect, options_.assumptions);
  return state_ = State::paused;
}

// --- Guesses -------------------------------------------------------------------------------

// Never for a file whose end is missing: with other layouts its remains could seem whole.
bool Detect::worth_guessing() const {
  if (!options_.assumptions.schema.empty() || options_.assumptions.manual) return false;
  if (best_.complete && best_.roots == 1) return false;
  if (best_.by_reader || (best_.truncated && best_.reused_root == Parser::kNoOffset)) return false;
  return best_.reused_root != Parser::kNoOffset || !best_.suspects.empty();
}

void Detect::plan_guesses() {
  guesses_.clear();
  next_guess_ = 0;
  const auto add = [&](const std::string& class_name, const char* spec) {
    const auto& present = base_assumptions_.layouts;
    if (std::any_of(present.begin(), present.end(),
                    [&](const auto& layout) { return layout.class_name == class_name; })) {
      return;
    }
    Assumptions guess = base_assumptions_;
    guess.layouts.push_back({class_name, spec, true});
    guesses_.push_back(std::move(guess));
  };
  if (plain_.reused_root != Parser::kNoOffset && !base_assumptions_.sessions_everywhere &&
      base_assumptions_.sessions.empty()) {
    Assumptions guess = base_assumptions_;
    guess.sessions_everywhere = true;
    guesses_.push_back(std::move(guess));
  }
  if (base_.reused_root != Parser::kNoOffset && !base_.complete) {
    Assumptions guess = base_assumptions_;
    guess.sessions.push_back(base_.reused_root);
    guesses_.push_back(std::move(guess));
  }
  for (const std::string& suspect : base_.suspects) {
    bool first_form = true;  // of the year 2011 and before; that one was taken already
    for (const Rule& rule : rules_for(suspect)) {
      const bool old = rule.form == Form::fields_first;
      if (rule.form == Form::trial || (old && !first_form)) add(suspect, rule.spec);
      if (old) first_form = false;
    }
    const bool no_table = suspect == base_.unknown;
    if (no_table) {
      for (const char* spec : {"", "O part"}) add(suspect, spec);
    }
    for (const char* spec : {"O part part", "O part part part", "O part part part part"}) {
      add(suspect, spec);
    }
    if (no_table) {
      for (const char* spec : {"v", "p"}) add(suspect, spec);
      break;  // nothing else can be the reason
    }
  }
}

// One pass is kept for reading the file as it was found to be.
bool Detect::affordable() const {
  return passes_ < kMaxPasses &&
         guess_bytes_ <= std::max(kMaxGuessCost * first_bytes_, kFreeGuessBytes);
}

State Detect::next_guess() {
  const bool another = passes_ + 1 < kMaxPasses && affordable();
  if (another && (next_guess_ < guesses_.size() || follow_lead())) {
    start_pass(plain_.dialect, guesses_[next_guess_++]);
    return state_ = State::paused;
  }
  // If nothing holds to the end of the file, the reading without assumptions stands.
  phase_ = Phase::final_pass;
  start_pass(guessed_ ? best_.dialect : plain_.dialect, best_assumptions_);
  return state_ = State::paused;
}

// Goes on from the guess that got farthest. False if there is none.
bool Detect::follow_lead() {
  while (!partial_guesses_.empty()) {
    const auto farthest = std::max_element(partial_guesses_.begin(), partial_guesses_.end(),
                                           [](const PartialGuess& a, const PartialGuess& b) {
                                             return a.outcome.read_until < b.outcome.read_until;
                                           });
    base_ = std::move(farthest->outcome);
    base_assumptions_ = std::move(farthest->assumptions);
    partial_guesses_.erase(farthest);
    plan_guesses();
    if (!guesses_.empty()) return true;
  }
  return false;
}

// --- The result ----------------------------------------------------------------------------

State Detect::settle() {
  phase_ = Phase::settled;
  describe();
  add_warnings();
  return state_;
}

// What is to be known of the whole file, however many warnings there are of its values.
void Detect::add_warnings() {
  Graph& graph = parser_->graph();
  if (parser_->dialect().carriage_returns) {
    graph.warnings.push_back({ErrorCode::carriage_returns, 0, kNone, kNone,
                              "lines that end in \\r\\n", "lines that end in \\n"});
  }
  if (!guessed_) return;
  for (const auto& assumed : best_assumptions_.layouts) {
    if (!assumed.guessed) continue;
    Issue issue{ErrorCode::guessed_layout,
                0,
                kNone,
                kNone,
                "objects of class " + assumed.class_name + ", which writes its own layout",
                "a class whose layout is known"};
    for (uint32_t id = 0; id < graph.objects.size() && issue.object == kNone; ++id) {
      const Object& object = graph.objects[id];
      if (!object.has(Object::kGuessed)) continue;
      if (graph.class_name(object.class_id()) != assumed.class_name) continue;
      issue.object = id;
      issue.offset = graph.nodes[object.node].offset();
    }
    graph.warnings.push_back(std::move(issue));
  }
}

bool Detect::long_size_known() const {
  return options_.long_size != 0 || (parser_ && parser_->saw_long());
}

void Detect::describe() {
  const auto add = [&](std::string line) { evidence_ += (evidence_.empty() ? "" : "\n") + line; };
  const Dialect& dialect = parser_->dialect();
  if (dialect.ascii) {
    add("the file begins with a type code as text");
  } else {
    add(std::string("the first four bytes are a type code in ") +
        (dialect.big_endian ? "big" : "little") + "-endian order");
    if (!parser_->saw_long()) add("no long occurs in the file, so their width cannot be told");
  }
  if (state_ == State::done) {
    add("read as " + dialect_text(dialect) + ", every check holds" +
        (parser_->trailing_offset() == Parser::kNoOffset ? " to the end of the file"
                                                         : " up to the bytes behind the values"));
  }
  for (const Outcome& outcome : outcomes_) {
    if (outcome.dialect == dialect || !outcome.saw_long) continue;
    add("read as " + dialect_text(outcome.dialect) + ", " +
        (outcome.complete ? "it would be " + std::to_string(outcome.roots) + " values in a row"
                          : "it makes no sense from byte " +
                                number_text(static_cast<int64_t>(outcome.read_until)) + " on"));
  }
}

}  // namespace t7
