// The loop, the stack of open values, and what happens when a value ends or the file does.
#include "read/parser.h"

#include <algorithm>

#include "base/bounds.h"

namespace t7 {

Parser::Parser(uint64_t file_size, Dialect dialect, const Assumptions& assumptions)
    : scan_(window_, dialect, file_size), assumptions_(assumptions), tables_(graph_) {
  open_frame(kNone, Mode::roots, 0);
}

State Parser::advance(uint32_t budget) {
  if (state_ == State::done || state_ == State::failed) return state_;
  // Less came than was asked for: no need to look, whatever the size of the pieces.
  if (state_ == State::need_bytes && window_.end() < scan_.wanted_end()) return state_;
  state_ = State::paused;
  for (; budget != 0; --budget) {
    step_start_ = scan_.mark();
    if (step()) continue;
    if (state_ == State::need_bytes) scan_.reset(step_start_);
    if (state_ == State::failed && (!roll_back_root())) close_all_frames();
    return state_;
  }
  return state_;
}

void Parser::stop() {
  if (state_ == State::done || state_ == State::failed) return;
  fail(ErrorCode::aborted, scan_.position(), "a request to stop", "to read to the end of the file");
  close_all_frames();
}

Want Parser::want() const { return {window_.end(), scan_.wanted_end() - window_.end()}; }

uint8_t* Parser::prepare(size_t n) {
  const uint64_t position = scan_.position();
  window_.drop_before(position);
  uint8_t* room = window_.prepare(n);
  scan_.attach(position);
  return room;
}

void Parser::commit(size_t n) {
  const uint64_t position = scan_.position();
  window_.commit(n);
  scan_.attach(position);
}

bool Parser::push(const uint8_t* bytes, size_t n) {
  uint8_t* room = prepare(n);
  if (room == nullptr) return false;
  if (n != 0) std::memcpy(room, bytes, n);
  commit(n);
  return true;
}

// Numbers, short strings and tensors of which every byte is here: most values of most binary files.
// False without a trace for all others, and for everything that could fail.
bool Parser::quick_value(Frame& frame) {
  constexpr size_t kHeader = 8;
  constexpr size_t kNumber = 12;
  const uint8_t* p = scan_.binary(kNumber);
  if (p == nullptr || frame.mode == Mode::function || graph_.nodes.size() >= kMaxNodes) {
    return false;
  }
  const bool big = scan_.dialect().big_endian;
  const auto code = load<uint32_t>(p, big);
  uint32_t node;
  if (code == 1) {
    const auto bits = load<uint64_t>(p + 4, big);
    const double number = bit_cast<double>(bits);
    if (number != number) return false;
    node = graph_.add_node(Kind::number, step_start_, bits);
    scan_.consume(kNumber);
  } else if (code == 2) {
    const auto length = load<uint32_t>(p + 4, big);
    if (length > kMaxInlineString || scan_.binary(kHeader + length) == nullptr) return false;
    node = graph_.add_node(Kind::string, step_start_, pooled(p + kHeader, length));
    scan_.consume(kHeader + length);
  } else {
    return code == 4 && quick_tensor(frame, p);
  }
  scratch_.push(node);
  --frame.remaining;
  return true;
}

bool Parser::step() {
  Frame& frame = top();
  if (frame.mode == Mode::roots) return root();
  if (frame.remaining == 0) return next_op();
  if (quick_value(frame)) return true;
  return frame.mode == Mode::function ? upvalues(top()) : value();
}

// --- Errors --------------------------------------------------------------------------------

bool Parser::fail(ErrorCode code, uint64_t offset, std::string found, std::string expected) {
  state_ = State::failed;
  error_ = {code, offset, top().object, kNone, std::move(found), std::move(expected)};
  const bool in_pairs = top().mode == Mode::pairs;
  if (in_pairs && scratch_in(top()) % 2 == 1) error_.key = scratch_[scratch_.size() - 1];
  return false;
}

// A token could not be read: for lack of bytes here, in the file, or because of its text.
bool Parser::short_of(const char* what) {
  switch (scan_.status()) {
    case Scan::Status::need_bytes: state_ = State::need_bytes; return false;
    case Scan::Status::truncated:
      return fail(
          ErrorCode::truncated, scan_.position(),
          number_text(static_cast<int64_t>(scan_.remaining())) + " bytes to the end of the file",
          std::string(what) + " of " + scan_.complaint());
    default: return fail(ErrorCode::bad_number, scan_.position(), scan_.complaint(), what);
  }
}

// --- Frames --------------------------------------------------------------------------------

void Parser::open_frame(uint32_t object, Mode mode, uint64_t count) {
  Frame frame;
  frame.object = object;
  frame.mode = mode;
  frame.remaining = count < kNone ? static_cast<uint32_t>(count) : kNone;
  frame.base = static_cast<uint32_t>(scratch_.size());
  frames_.push(frame);
}

bool Parser::deliver_root(uint32_t node) {
  const bool nil = graph_.nodes[node].kind() == Kind::nil;
  if (nil && leading_nils_ == graph_.roots.size()) ++leading_nils_;
  graph_.roots.push_back(node);
  return true;
}

bool Parser::bad_key(const Node& key) {
  const bool nil = key.kind() == Kind::nil;
  return fail(ErrorCode::bad_key, key.offset(), nil ? "a key that is nil" : "a key that is NaN",
              "a key that Lua allows");
}

uint32_t Parser::last_delivered() const {
  if (top().mode == Mode::roots) return graph_.roots.empty() ? kNone : graph_.roots.back();
  return scratch_in(top()) == 0 ? kNone : scratch_[scratch_.size() - 1];
}

void Parser::commit_children(const Frame& frame) {
  if (frame.object == kNone) return;
  Object& object = graph_.objects[frame.object];
  const Kind kind = graph_.nodes[object.node].kind();
  if (kind == Kind::tensor || kind == Kind::storage || kind == Kind::function) return;
  const size_t count = scratch_in(frame);
  if (frame.mode == Mode::pairs) {
    auto& pairs = tables_.pairs();
    pairs.resize(count / 2 * 2);
    for (size_t i = 0; i < pairs.size(); ++i) pairs[i] = scratch_[frame.base + i];
    tables_.write(frame.object);
    return;
  }
  object.first = static_cast<uint32_t>(graph_.children.size());
  object.count = static_cast<uint32_t>(count);
  for (size_t i = 0; i < count; ++i) graph_.children.push(scratch_[frame.base + i]);
}

void Parser::close_frame() {
  const Frame frame = top();
  if (graph_.nodes[graph_.objects[frame.object].node].kind() == Kind::tensor) {
    check_tensor(frame.object);
  }
  commit_children(frame);
  graph_.objects[frame.object].bits &= ~static_cast<uint32_t>(Object::kOpen);
  scratch_.truncate(frame.base);
  frames_.truncate(frames_.size() - 1);
}

// After an error: what was read of the open values becomes visible.
void Parser::close_all_frames() {
  while (frames_.size() > 1) {
    const Frame frame = top();
    graph_.objects[frame.object].bits &= ~static_cast<uint32_t>(Object::kOpen);
    graph_.objects[frame.object].set(Object::kIncomplete);
    commit_children(frame);
    scratch_.truncate(frame.base);
    frames_.truncate(frames_.size() - 1);
  }
}

// --- The top level -------------------------------------------------------------------------

bool Parser::root() {
  const bool planned = !assumptions_.schema.empty();
  const uint64_t at = scan_.position();
  if (assumptions_.manual) {
    if (!object_wanted_) return hand_over();
    if (!value()) return false;
    object_wanted_ = false;
    return true;
  }
  bool end = false;
  const bool bytes_next =
      planned && schema_next_ < assumptions_.schema.size() &&
      (assumptions_.schema[schema_next_] == 'b' || assumptions_.schema[schema_next_] == 'c');
  const bool known = scan_.at_end(end, bytes_next);
  step_start_ = scan_.mark();  // white space is not looked at twice
  if (!known) return short_of("a value");
  if (end && graph_.roots.empty() && !planned) {
    return fail(ErrorCode::empty, at, "no value", "at least one value");
  }
  // A file of zeros would be nil after nil: a disk image, a failed download, never a .t7.
  if (!planned && leading_nils_ > kMaxLeadingNils) {
    return fail(ErrorCode::not_t7, 0, "nothing but zero bytes", "a value");
  }
  if (planned && schema_next_ == assumptions_.schema.size()) {
    if (!assumptions_.schema_repeats_last) return finish_root(end);
    --schema_next_;
    if (end) return finish_root(end);
  }
  if (!planned && (end || trailing_is_harmless())) return finish_root(true);
  if (state_ == State::need_bytes) return false;
  bool skipped = false;
  if (!planned && !skip_padding(skipped)) return false;
  if (skipped) return true;
  root_mark_ = graph_.mark();
  root_start_ = scan_.position();
  root_last_index_ = last_index_;
  bool session = false;
  if (!starts_session(session)) return false;
  if (session) {
    last_index_ = 0;
    session_base_ = static_cast<uint32_t>(graph_.objects.size());
    ascending_ = true;
    by_index_.clear();
    graph_.warn({ErrorCode::appended_session, root_start_, kNone, kNone,
                 "an object numbered 1 again", "consecutive numbers"});
    return true;
  }
  if (!planned) return value();
  const char op = assumptions_.schema[schema_next_];
  if (!(op == 'O' ? value() : read_raw(op))) return false;
  ++schema_next_;
  return true;
}

// False on need_bytes.
bool Parser::starts_session(bool& starts) {
  const auto& sessions = assumptions_.sessions;
  starts = false;
  if (last_index_ == 0) return true;
  if (!assumptions_.sessions_everywhere) {
    starts = std::find(sessions.begin(), sessions.end(), root_start_) != sessions.end();
    return true;
  }
  // The type code of an object, and the number 1.
  int32_t code = 0;
  int32_t number = 0;
  bool read = scan_.i32(code);
  const bool is_object = read && code >= 3 && code <= 8 && code != 5;
  if (is_object) read = scan_.i32(number);
  if (!read && scan_.status() == Scan::Status::need_bytes) return short_of("a value");
  scan_.reset(root_start_);
  starts = read && is_object && number == 1;
  return true;
}

// Zeros behind a value are what a block was filled up with, not nils: to the end of the file, or
// for as long as no writer writes nils. False on need_bytes.
bool Parser::skip_padding(bool& skipped) {
  constexpr size_t kRun = 64;
  constexpr size_t kShortest = 8;  // to the end of the file; one nil there may be meant
  if (scan_.dialect().ascii || leading_nils_ == graph_.roots.size()) return true;
  const uint64_t at = scan_.position();
  const bool inside = padding_start_ != kNoOffset && padding_start_ + padding_ == at;
  const auto n = static_cast<size_t>(std::min<uint64_t>(scan_.remaining(), kRun));
  if (n < kShortest && !inside) return true;
  const uint8_t* p = nullptr;
  if (!scan_.peek(n, p)) return scan_.status() != Scan::Status::need_bytes || short_of("a value");
  size_t zeros = 0;
  while (zeros < n && p[zeros] == 0) ++zeros;
  if (zeros < n) zeros = inside ? zeros / 4 * 4 : 0;
  if (zeros == 0) return true;
  if (!inside) {
    padding_start_ = at;
    padding_ = 0;
  }
  padding_ += zeros;
  skipped = true;
  return scan_.skip(zeros);
}

bool Parser::finish_root(bool end) {
  state_ = State::done;
  if (padding_ != 0) {
    graph_.warn({ErrorCode::trailing_bytes, padding_start_, kNone, kNone,
                 number_text(static_cast<int64_t>(padding_)) + " zero bytes behind the value",
                 "the end of the file"});
  }
  if (end) return false;
  trailing_offset_ = scan_.position();
  graph_.warn({ErrorCode::trailing_bytes, trailing_offset_, kNone, kNone,
               number_text(static_cast<int64_t>(scan_.remaining())) + " more bytes",
               "the end of the file"});
  return false;
}

// Until 2016 torch.serialize left one NUL byte behind the object.
bool Parser::trailing_is_harmless() {
  if (graph_.roots.empty() || scan_.dialect().ascii || scan_.remaining() != 1) return false;
  const uint8_t* byte;
  if (!scan_.peek(1, byte)) return short_of("a value");
  return *byte == 0;
}

// A later top-level value failed. If it does not even begin like one, it is none: the values
// before it stand, and the rest is opaque bytes. False if the failure stays one.
bool Parser::roll_back_root() {
  if (root_mark_.roots == 0 || !assumptions_.schema.empty() || assumptions_.manual) return false;
  if (error_.code == ErrorCode::not_t7) return false;
  // More is left unread than was read: nobody calls that bytes behind a value.
  const bool mostly_unread = scan_.file_size() - root_start_ > root_start_;
  if (graph_.roots.size() > root_mark_.roots) {
    const Node& root = graph_.nodes[graph_.roots.back()];
    const bool next_in_line =
        has_object(root.kind()) &&
        graph_.object_of(root).index == static_cast<uint32_t>(root_last_index_) + 1;
    if (next_in_line || mostly_unread) return false;
  }
  const uint64_t failure = error_.offset;
  const bool first_is_scalar = !has_object(graph_.nodes[graph_.roots[0]].kind());
  const std::string rest = number_text(static_cast<int64_t>(scan_.file_size() - root_start_)) +
                           " bytes that are no value";
  frames_.truncate(1);
  scratch_.truncate(0);
  if (first_is_scalar) {
    graph_.truncate(root_mark_);
    fail(ErrorCode::raw_values, root_start_, rest, "another value, or the end of the file");
    return false;
  }
  graph_.truncate(root_mark_);
  graph_.warn({ErrorCode::trailing_bytes, root_start_, kNone, kNone, rest, "the end of the file"});
  trailing_offset_ = root_start_;
  trailing_failure_ = failure;
  error_ = {};
  state_ = State::done;
  return true;
}

// --- Indices -------------------------------------------------------------------------------

// Reads an object's index; `known` is the object that has it already, or kNone.
bool Parser::index(uint64_t at, int32_t code, int32_t& index, uint32_t& known) {
  if (!scan_.i32(index)) return short_of("the index of an object");
  if (index < 1) {
    return fail(ErrorCode::bad_index, at, "index " + number_text(index), "1 or more");
  }
  known = find_index(index);
  if (known == kNone) return true;
  const bool at_top = top().mode == Mode::roots;
  if (at_top && index == 1 && reused_root_ == kNoOffset) reused_root_ = at;
  const Kind kind = graph_.nodes[graph_.objects[known].node].kind();
  bool same = code == 4;
  if (kind == Kind::table) same = code == 3;
  if (kind == Kind::function) same = code == graph_.longs[graph_.objects[known].first + 2];
  if (same) return true;
  return fail(ErrorCode::wrong_kind, at,
              "type code " + number_text(code) + " with the index of another kind of object, " +
                  number_text(index),
              "a reference of the same kind, or a new index");
}

uint32_t Parser::find_index(int32_t index) const {
  if (!ascending_) {
    const auto entry = by_index_.find(index);
    return entry == by_index_.end() ? kNone : entry->second;
  }
  if (index > last_index_) return kNone;
  uint32_t low = session_base_;
  auto high = static_cast<uint32_t>(graph_.objects.size());
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (graph_.objects[middle].index < static_cast<uint32_t>(index)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool found = low < graph_.objects.size() &&
                     graph_.objects[low].index == static_cast<uint32_t>(index) &&
                     !graph_.objects[low].has(Object::kNoIndex);
  return found ? low : kNone;
}

// Files by Torch count up; only others need the map.
void Parser::note_index(int32_t index, uint32_t object) {
  if (ascending_ && index <= last_index_) {
    ascending_ = false;
    for (uint32_t id = session_base_; id < object; ++id) {
      if (graph_.objects[id].has(Object::kNoIndex)) continue;
      by_index_.emplace(static_cast<int32_t>(graph_.objects[id].index), id);
    }
  }
  if (!ascending_) by_index_.emplace(index, object);
  const int64_t next = int64_t{last_index_} + 1;
  if (index != next) {
    sequential_ = false;
    graph_.warn({ErrorCode::index_gap, graph_.nodes[graph_.objects[object].node].offset(), object,
                 kNone, "index " + number_text(index), "index " + number_text(next)});
  }
  last_index_ = std::max(last_index_, index);
}

// Adds node and object and hands the node to the frame on top. kNone after a failure.
uint32_t Parser::add_object(Kind kind, uint64_t at, int32_t index, uint32_t class_id) {
  const auto id = static_cast<uint32_t>(graph_.objects.size());
  Object object;
  object.parent = top().object;
  object.index = static_cast<uint32_t>(index == 0 ? last_index_ : index);
  object.bits = class_id << 8 | Object::kOpen | (index == 0 ? Object::kNoIndex : 0u);
  if (id == session_base_ && id != 0) object.bits |= Object::kSession;
  object.node = graph_.add_node(kind, at, id);
  graph_.objects.push(object);
  if (index != 0) note_index(index, id);
  return deliver(object.node) ? id : kNone;
}

}  // namespace t7
