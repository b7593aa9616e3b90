// Bodies of torch objects: the class name, its layout, and one op after the other.
#include <cctype>
#include <cstdlib>
#include <limits>

#include "bounds.h"
#include "parser.h"
#include "view.h"

namespace t7 {

namespace {

// "V 1", "V 1.0": a version in Lua's number notation. Anything else is a class name.
bool parse_version(const uint8_t* bytes, size_t length, double& version) {
  if (length < 3 || bytes[0] != 'V' || bytes[1] != ' ') return false;
  const std::string text(reinterpret_cast<const char*>(bytes) + 2, length - 2);
  char* end = nullptr;
  version = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return false;
  while (*end != 0 && std::isspace(static_cast<unsigned char>(*end)) != 0) ++end;
  return end == text.c_str() + text.size() && version == version;
}

constexpr uint32_t kTorch5 = 0x80000000u;

bool printable(const uint8_t* bytes, size_t length) {
  for (size_t i = 0; i < length; ++i) {
    if (bytes[i] < 0x21 || bytes[i] > 0x7e) return false;
  }
  return length != 0;
}

// Is this the memory image of a torch.Generator whose `long` has so many bytes? Checks the small
// fields (docs/format.md § Generator), in either byte order of the host.
bool plausible_generator(const uint8_t* p, size_t length, size_t long_bytes, bool big) {
  const auto small = [&](size_t at) { return load<uint32_t>(p + at, big); };
  const size_t state = long_bytes == 8 ? 24 : 16;
  const size_t valid = state + 624 * long_bytes + 24;
  if (length < valid + 4) return false;
  const size_t next = long_bytes == 8 ? (big ? 20 : 16) : 12;
  const uint32_t left = small(long_bytes);
  return left >= 1 && left <= 624 && small(long_bytes + 4) <= 1 && small(next) <= 624 &&
         small(valid) <= 1;
}

}  // namespace

// --- The class -----------------------------------------------------------------------------

bool Parser::read_class(uint32_t& class_id, uint32_t& version_text) {
  const uint8_t* bytes;
  version_text = kNone;
  double version = std::numeric_limits<double>::quiet_NaN();
  for (int turn = 0; turn < 2; ++turn) {
    const uint64_t at = scan_.position();
    int32_t length;
    if (!scan_.i32(length)) return short_of("the length of a class name");
    if (length < 1 || static_cast<size_t>(length) > kMaxClassName) {
      return fail(ErrorCode::bad_class_name, at,
                  "a class name of " + number_text(length) + " bytes", "1 to 1,024");
    }
    const auto n = static_cast<uint32_t>(length);
    if (!scan_.bytes(n, bytes)) return short_of("a class name");
    if (turn == 0 && parse_version(bytes, n, version)) {
      version_text = graph_.intern(bytes, n);
      continue;
    }
    if (!printable(bytes, n)) {
      return fail(ErrorCode::bad_class_name, at, quoted(bytes, n), "a printable class name");
    }
    class_id = graph_.intern_class(graph_.intern(bytes, n), version, version_text);
    if (graph_.classes.size() <= kMaxClasses) return true;
    return fail(ErrorCode::too_many_values, at, "more than 65,536 classes", "fewer");
  }
  return false;
}

bool Parser::torch_object(uint64_t at) {
  int32_t number;
  uint32_t known;
  if (!index(at, 4, number, known)) return false;
  if (known != kNone) return back_reference(at, known);
  uint32_t class_id;
  uint32_t version_text;
  if (!read_class(class_id, version_text)) return false;
  bool found = false;
  bool guessed = false;
  if (!resolve_layout(class_id, version_text, found, guessed)) return false;
  Kind kind = Kind::object;
  if (found && !guessed) {
    const std::string& ops = graph_.layouts[graph_.classes[class_id].layout].ops;
    if (ops == "p") kind = Kind::hash;
    if (ops == "v") kind = Kind::vec;
    if (ops == "T" || ops == "t") kind = Kind::tensor;
    if (ops == "S" || ops == "Z") kind = Kind::storage;
  }
  const uint32_t id = add_object(kind, at, number, class_id);
  if (id == kNone) return false;
  if (guessed) graph_.objects[id].set(Object::kGuessed);
  open_frame(id, Mode::layout, 0);
  if (found) return true;
  unknown_class_ = class_id;
  return fail(ErrorCode::unknown_layout, scan_.position(),
              "an object of class " + std::string(graph_.class_name(class_id)) +
                  " that is not followed by a table",
              "one table with its fields");
}

// Finds how the body of a class is read. `found` stays false where nothing is known and the body
// is no table.
bool Parser::resolve_layout(uint32_t& class_id, uint32_t version_text, bool& found, bool& guessed) {
  Class& cls = graph_.classes[class_id];
  const std::string name(graph_.class_name(class_id));
  found = true;
  for (const auto& assumed : assumptions_.layouts) {
    if (assumed.class_name != name) continue;
    guessed = assumed.guessed;
    if (cls.layout == kNone) cls.layout = add_layout(assumed.spec);
    return true;
  }
  if (cls.layout != kNone && fixed_layout_[class_id] != 0) return true;
  for (const auto& custom : assumptions_.custom_classes) {
    if (custom == name) return fix_layout(class_id, "X");
  }
  const ArrayClass array = array_class(name);
  cls.dtype = array.dtype;
  if (array.complex) return fix_layout(class_id, "Z");
  if (array.tensor) return fix_layout(class_id, array.torch5 ? "t" : "T");
  if (array.storage) return fix_layout(class_id, "S");
  if (writes_nothing(name)) return fix_layout(class_id, "");
  return resolve_by_rules(class_id, version_text, name, found);
}

bool Parser::resolve_by_rules(uint32_t& class_id, uint32_t version_text, const std::string& name,
                              bool& found) {
  bool suspect = !layout_is_known(name);
  const char* torch5 = nullptr;
  for (const Rule& rule : rules_for(name)) {
    if (rule.form == Form::always) return fix_layout(class_id, rule.spec);
    if (rule.form == Form::since_version_2 && graph_.classes[class_id].version >= 2) {
      return fix_layout(class_id, rule.spec);
    }
    if (rule.form == Form::fields_first) torch5 = rule.spec;
    if (rule.form == Form::trial) suspect = true;
  }
  const uint64_t mark = scan_.mark();
  int32_t code;
  if (!scan_.i32(code)) return short_of("the body of an object");
  scan_.reset(mark);
  if (suspect) note_unknown(class_id);
  if (code == 3) {
    set_layout(class_id, "O *");
  } else if (torch5 != nullptr) {
    // A class entry of its own, since the modern form of the class may occur as well.
    const double version = graph_.classes[class_id].version;
    class_id = graph_.intern_class(graph_.classes[class_id].name, version, version_text ^ kTorch5);
    set_layout(class_id, torch5);
  } else {
    found = false;
    note_unknown(class_id);
  }
  return true;
}

// The layout of every object of the class.
bool Parser::fix_layout(uint32_t class_id, const char* spec) {
  set_layout(class_id, spec);
  fixed_layout_[class_id] = 1;
  return true;
}

void Parser::set_layout(uint32_t class_id, const char* spec) {
  fixed_layout_.resize(graph_.classes.size());
  graph_.classes[class_id].layout = add_layout(spec);
}

// Keeps the classes in the order in which they were met last.
void Parser::note_unknown(uint32_t class_id) {
  std::erase(unknown_classes_, class_id);
  constexpr size_t kRemembered = 64;
  if (unknown_classes_.size() == kRemembered) unknown_classes_.erase(unknown_classes_.begin());
  unknown_classes_.push_back(class_id);
}

// Compiles a spec (classes.h) into ops and names; equal specs share one layout.
uint32_t Parser::add_layout(std::string_view spec) {
  const auto [entry, added] =
      layout_ids_.try_emplace(std::string(spec), static_cast<uint32_t>(graph_.layouts.size()));
  if (!added) return entry->second;
  Layout layout;
  char letter = 'O';
  bool named = false;
  for (size_t i = 0; i < spec.size();) {
    const size_t end = std::min(spec.find(' ', i), spec.size());
    const std::string_view word = spec.substr(i, end - i);
    i = end + 1;
    const bool name = word.size() > 1 || word == "*" || word == "#" || std::islower(word[0]) != 0;
    if (!name || (word.size() == 1 && std::string_view("lpvtnd?").find(word[0]) != word.npos)) {
      letter = word[0];
      if (std::string_view("TtSZGpvX").find(letter) != std::string_view::npos) {
        layout.ops += letter;
        named = true;
      }
      continue;
    }
    const bool repeated = word.back() == '+';
    layout.ops += !repeated ? letter : letter == 'D' ? 'e' : 'r';
    layout.names += layout.names.empty() ? "" : " ";
    layout.names += word.starts_with('.') ? word.substr(1) : word;
  }
  if (named && layout.names.empty()) layout.names = layout.ops == "G" ? "bytes" : "parts+";
  graph_.layouts.push_back(std::move(layout));
  return entry->second;
}

// --- Ops -----------------------------------------------------------------------------------

bool Parser::next_op() {
  Frame& frame = top();
  if (frame.mode == Mode::text_storage) return text_storage(frame);
  if (frame.object != kNone && frame.pc != kClosing) {
    const Object& object = graph_.objects[frame.object];
    const Node& node = graph_.nodes[object.node];
    if (node.kind() >= Kind::object && node.kind() != Kind::function) {
      const std::string& ops = graph_.layouts[graph_.classes[object.class_id()].layout].ops;
      if (frame.pc < ops.size()) return run_op(frame, ops[frame.pc]);
    }
  }
  close_frame();
  return true;
}

bool Parser::run_op(Frame& frame, char op) {
  switch (op) {
    case 'T':
    case 't': return tensor(frame, op == 't');
    case 'S':
    case 'Z': return storage(frame, op == 'Z');
    case 'G': return generator(frame);
    case 'p': return counted(frame, 2);
    case 'v': return counted(frame, 1);
    case 'X': return hand_over();
    case 'O':
    case 'M':
    case 'N':
      ++frame.pc;
      frame.remaining = 1;
      return true;
    case 'r':
      ++frame.pc;
      frame.remaining = repetitions(frame);
      return true;
    case 'e':
      if (frame.counter == 0) return ++frame.pc, true;
      ++frame.remaining;
      if (!read_raw('D')) return --frame.remaining, false;
      --frame.counter;
      return true;
    default: return primitive(frame, op);
  }
}

// A raw field; `n`, `d` and `?` also count what follows.
bool Parser::primitive(Frame& frame, char op) {
  const char raw = op == 'n' ? 'I' : op == 'd' ? 'D' : op == '?' ? 'B' : op;
  ++frame.remaining;
  if (!read_raw(raw)) return --frame.remaining, false;
  ++frame.pc;
  const Node& node = graph_.nodes[last_delivered()];
  if (op == '?') frame.counter = static_cast<uint32_t>(node.payload);
  if (op == 'n' || op == 'd') {
    const double count = bit_cast<double>(node.payload);
    if (!(count >= 0 && count < 0x7fffffff)) {
      return fail(ErrorCode::bad_count, step_start_, "a negative or huge count", "0 or more");
    }
    frame.counter = static_cast<uint32_t>(count);
  }
  return true;
}

// How many values a `name+` takes: what the op before has read says so.
uint32_t Parser::repetitions(const Frame& frame) const {
  const Node& last = graph_.nodes[last_delivered()];
  if (last.kind() == Kind::table) return graph_.object_of(last).count / 2;
  if (last.kind() == Kind::boolean) return frame.counter;
  if (last.kind() != Kind::number) return 0;
  if (frame.counter != 0) return frame.counter;
  const double pairs = bit_cast<double>(last.payload);
  return pairs > 0 && pairs < 0x7fffffff ? static_cast<uint32_t>(pairs) * 2 : 0;
}

// tds containers: a long says how many pairs or values follow.
bool Parser::counted(Frame& frame, uint64_t values_per_count) {
  const uint64_t at = scan_.position();
  int64_t count;
  if (!long_value(count)) return false;
  if (count < 0) {
    return fail(ErrorCode::bad_count, at, number_text(count) + " elements", "0 or more");
  }
  const uint64_t values = static_cast<uint64_t>(count) > kNone / 2
                              ? uint64_t{kNone}
                              : static_cast<uint64_t>(count) * values_per_count;
  frame.remaining = static_cast<uint32_t>(values);
  if (values_per_count == 2) frame.mode = Mode::pairs;
  frame.pc = kClosing;
  return true;
}

bool Parser::generator(Frame& frame) {
  const uint64_t at = scan_.position();
  const auto available = static_cast<size_t>(std::min<uint64_t>(scan_.remaining(), 5048 + 4));
  const uint8_t* p;
  if (!scan_.peek(available, p)) return short_of("a torch.Generator");
  size_t length = 0;
  for (const bool big : {false, true}) {
    if (length == 0 && plausible_generator(p, available, 8, big)) length = 5048;
    if (length == 0 && plausible_generator(p, available, 4, big)) length = 2544;
  }
  if (length == 2544) {
    // i386 Linux does not pad the structure: the value that follows decides.
    const Dialect& dialect = scan_.dialect();
    const auto may_end_at = [&](size_t end) {
      if (dialect.ascii) return available == end || (available > end && p[end] == '\n');
      if (available < end + 4) return available >= end;
      return load<uint32_t>(p + end, dialect.big_endian) <= 8;
    };
    if (!may_end_at(2544) && may_end_at(2540)) length = 2540;
  }
  if (length == 0) {
    return fail(ErrorCode::bad_size, at, "bytes that are no state of torch.Generator",
                "its memory image of 5,048, 2,544 or 2,540 bytes");
  }
  if (!scan_.skip(length)) return short_of("a torch.Generator");
  graph_.longs.push(static_cast<int64_t>(at));
  graph_.longs.push(static_cast<int64_t>(length));
  ++frame.pc;
  ++frame.remaining;
  return deliver(graph_.add_node(Kind::bytes, at, graph_.longs.size() - 2));
}

// --- Tensors and storages ------------------------------------------------------------------

bool Parser::tensor(Frame& frame, bool torch5) {
  const uint64_t at = scan_.position();
  Object& object = graph_.objects[frame.object];
  const Class& cls = graph_.classes[object.class_id()];
  const bool versionless = cls.version != cls.version;
  int32_t ndim;
  if (!scan_.i32(ndim)) return short_of("the number of dimensions of a tensor");
  if (ndim < 0 || ndim > kMaxDimensions) {
    return fail(ErrorCode::bad_dimensions, at, number_text(ndim) + " dimensions", "0 to 64");
  }
  int64_t words[2 * kMaxDimensions + 1];
  const int count = 2 * ndim + 1;
  for (int i = 0; i < count; ++i) {
    const uint64_t word_at = scan_.position();
    int32_t word = 0;
    if (versionless ? !scan_.i32(word) : !long_value(words[i])) {
      return versionless ? short_of("the shape of a tensor") : false;
    }
    if (versionless) words[i] = word;
    if (i < ndim && words[i] < 0) {
      return fail(ErrorCode::bad_size, word_at, "a dimension of " + number_text(words[i]),
                  "0 or more");
    }
  }
  if (!own_storage(torch5 || versionless, ndim)) return false;
  object.first = static_cast<uint32_t>(graph_.longs.size());
  object.count = static_cast<uint32_t>(ndim);
  // From 0; the one value that would overflow becomes an offset that is out of any storage.
  graph_.longs.push(static_cast<int64_t>(static_cast<uint64_t>(words[count - 1]) - 1));
  for (int i = 0; i < count - 1; ++i) graph_.longs.push(words[i]);
  ++frame.pc;
  frame.remaining = 1;
  return true;
}

// Torch5 wrote one more int before the storage (docs/format.md § Torch5): skips it.
bool Parser::own_storage(bool torch5, int32_t ndim) {
  const uint64_t mark = scan_.mark();
  int32_t first;
  int32_t second = 0;
  if (!scan_.i32(first)) return short_of("the storage of a tensor");
  if (torch5) return true;
  const auto undecided = [&] { return scan_.status() == Scan::Status::need_bytes; };
  bool old = false;
  if (first == 1 || (first == 0 && ndim > 0)) {
    if (scan_.i32(second)) {
      old = second == 4;
    } else if (undecided()) {
      return short_of("the storage of a tensor");
    }
  }
  if (old && first == 0) {
    int32_t number;
    uint32_t class_id;
    uint32_t version_text;
    old = scan_.i32(number);
    if (!old && undecided()) return short_of("the storage of a tensor");
    const State before = state_;
    if (old && !read_class(class_id, version_text)) {
      if (state_ == State::need_bytes) return false;
      state_ = before;
      error_ = {};
      old = false;
    }
    old = old && array_class(graph_.class_name(class_id)).storage;
  }
  scan_.reset(mark);
  return !old || scan_.i32(first);
}

// Does the view stay inside its storage? If not the tensor is unusable, the file is not.
void Parser::check_tensor(uint32_t id) {
  const Object& tensor = graph_.objects[id];
  const uint64_t at = graph_.nodes[tensor.node].offset();
  int64_t words[2 * kMaxDimensions + 1];
  for (uint32_t i = 0; i < 2 * tensor.count + 1; ++i) words[i] = graph_.longs[tensor.first + i];
  const auto invalid = [&](ErrorCode code, std::string found, std::string expected) {
    graph_.objects[id].set(Object::kInvalid);
    graph_.issues.push_back({code, at, id, kNone, std::move(found), std::move(expected)});
  };
  const Node& storage = graph_.nodes[last_delivered()];
  const int64_t size = view_size(words + 1, tensor.count);
  if (storage.kind() == Kind::nil) {
    if (size != 0) {
      invalid(ErrorCode::view_out_of_range, "no storage for " + number_text(size) + " elements",
              "a storage");
    }
    return;
  }
  const std::string expected = storage_class_for(graph_.class_name(tensor.class_id()));
  const bool is_storage = storage.kind() == Kind::storage;
  const std::string found =
      is_storage ? std::string(graph_.class_name(graph_.object_of(storage).class_id()))
                 : "something that is no storage";
  if (!is_storage || found != expected) return invalid(ErrorCode::wrong_storage, found, expected);
  if (size == 0) return;
  const int64_t count = graph_.longs[graph_.object_of(storage).first + 1];
  const ViewSpan span = view_span(words + 1, words + 1 + tensor.count, tensor.count, words[0]);
  if (size > 0 && !span.overflow && span.low >= 0 && span.high < count) return;
  invalid(ErrorCode::view_out_of_range,
          span.overflow || size < 0
              ? "a view whose extent overflows"
              : "a view of the elements " + number_text(span.low) + " to " + number_text(span.high),
          "elements within the storage of " + number_text(count));
}

bool Parser::storage(Frame& frame, bool complex) {
  const uint64_t at = scan_.position();
  Object& object = graph_.objects[frame.object];
  const Class& cls = graph_.classes[object.class_id()];
  int64_t count;
  if (cls.version != cls.version) {
    int32_t word;
    if (!scan_.i32(word)) return short_of("the size of a storage");
    count = word;
  } else if (!long_value(count)) {
    return false;
  }
  if (count < 0) {
    return fail(ErrorCode::bad_size, at, "a storage of " + number_text(count) + " elements",
                "0 or more");
  }
  const bool text = scan_.dialect().ascii && dtype_bytes(cls.dtype) > 1;
  int64_t width = static_cast<int64_t>(dtype_bytes(cls.dtype));
  if (cls.dtype == Dtype::int64) width = scan_.dialect().long_size;
  if (complex && __builtin_mul_overflow(count, int64_t{2}, &count)) count = INT64_MAX;
  int64_t bytes;
  // In ASCII a number takes at least a digit and a blank, the last one just the digit.
  if (__builtin_mul_overflow(count, text ? int64_t{2} : width, &bytes)) bytes = INT64_MAX;
  if (text && bytes > 0) --bytes;
  const uint64_t data_at = scan_.position();
  object.first = static_cast<uint32_t>(graph_.longs.size());
  for (const int64_t word : {static_cast<int64_t>(data_at), count, bytes}) graph_.longs.push(word);
  if (static_cast<uint64_t>(bytes) > scan_.remaining()) {
    return fail(
        ErrorCode::truncated, data_at,
        number_text(static_cast<int64_t>(scan_.remaining())) + " bytes to the end of the file",
        (text ? "at least " : "") + number_text(bytes) + " bytes for " + number_text(count) +
            " elements");
  }
  ++frame.pc;
  if (text && count > 0) {
    frame.mode = Mode::text_storage;
    text_left_ = static_cast<uint64_t>(count);
    return true;
  }
  const uint8_t* ignored;
  if (scan_.dialect().carriage_returns) {
    if (scan_.bytes(static_cast<size_t>(bytes), ignored)) return true;
    --frame.pc;
    short_of("the elements of a storage");
    if (state_ == State::need_bytes) graph_.longs.truncate(object.first);
    return false;
  }
  return scan_.skip(static_cast<uint64_t>(bytes)) || short_of("the elements of a storage");
}

// Walks over the numbers that are here; remembers where every 65,536th one starts.
bool Parser::text_storage(Frame& frame) {
  const uint32_t first = graph_.objects[frame.object].first;
  const auto count = static_cast<uint64_t>(graph_.longs[first + 1]);
  while (text_left_ != 0) {
    const uint64_t done = count - text_left_;
    if (done != 0 && done % kTextIndexStep == 0 &&
        graph_.longs.size() == first + 2 + done / kTextIndexStep) {
      graph_.longs.push(static_cast<int64_t>(scan_.position()));
    }
    const uint64_t piece = std::min(text_left_, kTextIndexStep - done % kTextIndexStep);
    uint64_t left = piece;
    const bool walked = scan_.walk_numbers(left);
    text_left_ -= piece - left;
    step_start_ = scan_.mark();
    if (!walked) return short_of("the numbers of a storage");
  }
  graph_.longs[first + 2] = static_cast<int64_t>(scan_.position()) - graph_.longs[first];
  frame.mode = Mode::layout;
  return true;
}

// --- Read by the caller --------------------------------------------------------------------

// The caller's reading starts behind the line end that belongs to the bytes before.
bool Parser::hand_over() {
  bool end;
  if (!scan_.at_end(end, true)) return short_of("a value");
  state_ = State::custom;
  return false;
}

void Parser::read_object() {
  if (top().mode == Mode::roots) {
    object_wanted_ = true;
  } else {
    ++top().remaining;
  }
  state_ = State::paused;
}

void Parser::resume_at(uint64_t position, bool read_long) {
  saw_long_ = saw_long_ || read_long;
  if (position >= window_.begin() && position <= window_.end()) return scan_.reset(position);
  window_.restart(position);
  scan_.attach(position);
}

void Parser::fail_custom() {
  fail(ErrorCode::reader_failed, scan_.position(), "a body that its reader cannot read",
       "what the reader reads");
  close_all_frames();
}

bool Parser::read_primitive(char op) {
  step_start_ = scan_.mark();
  ++top().remaining;
  if (read_raw(op)) return state_ = State::custom, true;
  --top().remaining;
  if (state_ == State::need_bytes) scan_.reset(step_start_);
  if (state_ == State::failed) close_all_frames();
  return false;
}

void Parser::end_custom() {
  ++top().pc;
  state_ = State::paused;
}

}  // namespace t7
