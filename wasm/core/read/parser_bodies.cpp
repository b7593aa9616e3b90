// Bodies of torch objects: the class name, its layout, and one op after the other.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/bounds.h"
#include "read/parser.h"

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
  if (recent_class(class_id, version_text)) return true;
  const uint64_t start = scan_.position();
  const uint8_t* const header = scan_.binary(0);
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
    const uint32_t name = graph_.intern(bytes, n);
    class_id = graph_.intern_class(name, version, version_text);
    if (header != nullptr) {
      remember_class(header, scan_.position() - start, class_id, version_text);
    }
    if (graph_.classes.size() <= kMaxClasses) return true;
    return fail(ErrorCode::too_many_values, at, "more than 65,536 classes", "fewer");
  }
  return false;
}

// Is the class that comes next one of those that were read last? Then it is stepped over.
bool Parser::recent_class(uint32_t& class_id, uint32_t& version_text) {
  for (const RecentClass& recent : recent_classes_) {
    const uint8_t* header = scan_.binary(recent.length);
    if (recent.length == 0 || header == nullptr) continue;
    if (!same_bytes(header, recent.header, recent.length)) continue;
    scan_.consume(recent.length);
    class_id = recent.class_id;
    version_text = recent.version_text;
    return true;
  }
  return false;
}

void Parser::remember_class(const uint8_t* header, size_t length, uint32_t class_id,
                            uint32_t version_text) {
  if (length > RecentClass::kMaxHeader) return;
  recent_turn_ ^= 1;
  RecentClass& recent = recent_classes_[recent_turn_];
  std::memcpy(recent.header, header, length);
  recent.length = static_cast<uint32_t>(length);
  recent.class_id = class_id;
  recent.version_text = version_text;
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
    const char op = ops.size() == 1 ? ops[0] : '\0';
    if (op == 'p') kind = Kind::hash;
    if (op == 'v') kind = Kind::vec;
    if (op == 'T' || op == 't') kind = Kind::tensor;
    if (op == 'S' || op == 'Z') kind = Kind::storage;
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
  found = true;
  const bool fixed = cls.layout != kNone && fixed_layout_[class_id] != 0;
  if (fixed && assumptions_.layouts.empty()) return true;
  const std::string name(graph_.class_name(class_id));
  for (const auto& assumed : assumptions_.layouts) {
    if (assumed.class_name != name) continue;
    guessed = assumed.guessed;
    if (cls.layout == kNone) set_layout(class_id, assumed.spec.c_str());
    return true;
  }
  if (fixed) return true;
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
  const char* fixed = nullptr;
  const char* torch5 = nullptr;
  for (const Rule& rule : rules_for(name)) {
    if (rule.form == Form::always) return fix_layout(class_id, rule.spec);
    const bool since_2 = rule.form == Form::since_version_2;
    if (since_2 && graph_.classes[class_id].version >= 2) fixed = rule.spec;
    const bool variant = rule.form == Form::fields_first && torch5 != nullptr;
    if (variant || rule.form == Form::trial) suspect = true;
    if (rule.form == Form::fields_first && !variant) torch5 = rule.spec;
  }
  if (fixed != nullptr) {
    if (suspect) note_unknown(class_id);
    return fix_layout(class_id, fixed);
  }
  const uint64_t mark = scan_.mark();
  int32_t code;
  if (!scan_.i32(code)) {
    if (scan_.status() == Scan::Status::need_bytes) return short_of("the body of an object");
    code = 3;  // the file ends here: the object is shown, and reading its body will fail
  }
  scan_.reset(mark);
  if (suspect) note_unknown(class_id);
  // Classes that only inherit have no rule: they wrote what their parent wrote.
  if (torch5 == nullptr && old_bodies_ && name.starts_with("nn.")) {
    torch5 = name.ends_with("Criterion") ? "O gradInput D output" : "O gradInput output";
  }
  // In an old file a body may begin with a table that is not of fields: gradInput of several
  // inputs.
  bool fields = code == 3;
  if (fields && old_bodies_ && torch5 != nullptr && !begins_with_fields(fields)) return false;
  if (fields) {
    set_layout(class_id, "O *");
  } else if (torch5 != nullptr) {
    old_bodies_ = old_bodies_ || name.starts_with("nn.");
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

// Whether what follows is a new table whose first key is a string. False if more bytes are needed.
bool Parser::begins_with_fields(bool& fields) {
  const uint64_t mark = scan_.mark();
  int32_t head[4] = {};  // type code, index, number of pairs, type code of the first key
  fields = true;
  for (int at = 0; fields && at < 4; ++at) {
    fields = scan_.i32(head[at]);
    if (!fields && scan_.status() == Scan::Status::need_bytes) {
      return short_of("the body of an object");
    }
    if (at == 1) fields = fields && find_index(head[at]) == kNone;
    if (at == 2) fields = fields && head[at] > 0;
  }
  fields = fields && head[3] == 2;
  scan_.reset(mark);
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

// Compiles a spec (body_layouts.h) into ops and names; equal specs share one layout.
uint32_t Parser::add_layout(std::string_view spec) {
  const auto known = std::find(layout_specs_.begin(), layout_specs_.end(), spec);
  const auto id = static_cast<uint32_t>(known - layout_specs_.begin());
  if (known != layout_specs_.end()) return id;
  layout_specs_.emplace_back(spec);
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
    if (repeated && letter == 'K') layout.ops += 'k';
    layout.ops += !repeated ? letter : letter == 'D' ? 'e' : letter == 'K' ? 'i' : 'r';
    layout.names += layout.names.empty() ? "" : " ";
    layout.names += word.starts_with('.') ? word.substr(1) : word;
  }
  if (named && layout.names.empty()) layout.names = layout.ops == "G" ? "bytes" : "parts+";
  graph_.layouts.push_back(std::move(layout));
  return id;
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
    case 'r': ++frame.pc; return repeat(frame);
    case 'e':
    case 'i':
      if (frame.counter == 0) return ++frame.pc, true;
      ++frame.remaining;
      if (!read_raw(op == 'e' ? 'D' : 'I')) return --frame.remaining, false;
      --frame.counter;
      return true;
    case 'k': {  // four pads, if the third value of the body (a kernel) is a table of two
      const Node& kernel = graph_.nodes[scratch_[frame.base + 2]];
      frame.counter = kernel.kind() == Kind::table ? 4 : 0;
      return ++frame.pc, true;
    }
    default: return primitive(frame, op);
  }
}

// A raw field; `n`, `d` and `?` also count what follows. Torch writes no other booleans than 0 and
// 1, so that another one shows that the layout is wrong.
bool Parser::primitive(Frame& frame, char op) {
  const char raw = op == 'n' ? 'I' : op == 'd' ? 'D' : op == 'B' ? '?' : op;
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
bool Parser::repeat(Frame& frame) {
  const Node& last = graph_.nodes[last_delivered()];
  frame.remaining = frame.counter;
  if (last.kind() == Kind::table) frame.remaining = graph_.object_of(last).count / 2;
  if (last.kind() != Kind::number || frame.counter != 0) return true;
  const double pairs = bit_cast<double>(last.payload);
  if (!(pairs >= 0 && pairs < 0x7fffffff)) {
    return fail(ErrorCode::bad_count, last.offset(), "a negative or huge count", "0 or more");
  }
  frame.remaining = static_cast<uint32_t>(pairs) * 2;
  return true;
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
  if (!scan_.begin_bytes()) return short_of("a torch.Generator");
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
    // i386 Linux does not pad the structure: where padding would be, the next value begins.
    const Dialect& dialect = scan_.dialect();
    bool padded = available >= 2544;
    if (padded && dialect.ascii) padded = p[2540] != '\n';
    if (padded && !dialect.ascii) {
      const auto word = load<uint32_t>(p + 2540, dialect.big_endian);
      padded = word == 0 || word > 8;
    }
    if (!padded) length = 2540;
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

void Parser::end_custom() {
  ++top().pc;
  state_ = State::paused;
}

}  // namespace t7
