// One value: its type code and header. Torch objects are in parser_bodies.cpp.
#include <cstdlib>

#include "base/bounds.h"
#include "read/parser.h"

namespace t7 {

bool Parser::value() {
  if (scan_.dialect().ascii) {
    const bool found = scan_.skip_blanks();
    step_start_ = scan_.mark();  // white space is not looked at twice
    if (!found) return short_of("a type code");
  }
  const uint64_t at = scan_.position();
  if (graph_.nodes.size() >= kMaxNodes) {
    return fail(ErrorCode::too_many_values, at, "more than 4 billion values", "fewer");
  }
  int32_t code;
  if (!scan_.i32(code)) return short_of("a type code");
  switch (code) {
    case 0: return deliver(graph_.add_node(Kind::nil, at, 0));
    case 1: {
      double number;
      if (!scan_.f64(number)) return short_of("a number");
      return deliver(graph_.add_node(Kind::number, at, bit_cast<uint64_t>(number)));
    }
    case 2: return read_raw('s');
    case 3: return table(at);
    case 4: return torch_object(at);
    case 5: return read_raw('B');
    case 6: return old_function(at);
    case 7:
    case 8: return function(at, code);
    default: return fail(ErrorCode::bad_type_code, at, "type code " + number_text(code), "0 to 8");
  }
}

// The value's node starts where its type code does: at the start of the step.
bool Parser::read_raw(char op) {
  const uint64_t at = step_start_;
  switch (op) {
    case 'B':
    case '?': {  // behind a type code or in a schema, and as a field without one
      int32_t word;
      const uint64_t word_at = scan_.position();
      if (!scan_.i32(word)) return short_of("a boolean");
      if (word != 0 && word != 1 && op == '?') {
        return fail(ErrorCode::bad_boolean, word_at, "a boolean stored as " + number_text(word),
                    "0 or 1");
      }
      if (word != 0 && word != 1) {
        graph_.warn({ErrorCode::odd_boolean, word_at, top().object, kNone,
                     "a boolean stored as " + number_text(word), "0 or 1"});
      }
      return deliver(graph_.add_node(Kind::boolean, at, word == 1));
    }
    case 'I': {
      int32_t word;
      if (!scan_.i32(word)) return short_of("an int");
      const auto bits = bit_cast<uint64_t>(static_cast<double>(word));
      return deliver(graph_.add_node(Kind::number, at, bits));
    }
    case 'h': {
      int16_t word;
      if (!scan_.i16(word)) return short_of("a short");
      const auto bits = bit_cast<uint64_t>(static_cast<double>(word));
      return deliver(graph_.add_node(Kind::number, at, bits));
    }
    case 'b':
    case 'c': {
      const uint8_t* byte;
      if (!scan_.bytes(1, byte)) return short_of("a byte");
      const double number = op == 'b' ? *byte : static_cast<int8_t>(*byte);
      return deliver(graph_.add_node(Kind::number, at, bit_cast<uint64_t>(number)));
    }
    case 'L':
    case 'l': {
      int64_t word;
      if (!long_value(word)) return false;
      const bool exact = op == 'L';
      const auto bits =
          exact ? static_cast<uint64_t>(word) : bit_cast<uint64_t>(static_cast<double>(word));
      return deliver(graph_.add_node(exact ? Kind::integer : Kind::number, at, bits));
    }
    case 'F': {
      float number;
      if (!scan_.f32(number)) return short_of("a float");
      const auto bits = bit_cast<uint64_t>(static_cast<double>(number));
      return deliver(graph_.add_node(Kind::number, at, bits));
    }
    case 'D': {
      double number;
      if (!scan_.f64(number)) return short_of("a double");
      return deliver(graph_.add_node(Kind::number, at, bit_cast<uint64_t>(number)));
    }
    default: return string(at);
  }
}

bool Parser::long_value(int64_t& value) {
  saw_long_ = true;
  return scan_.i64(value) || short_of("a long");
}

bool Parser::string(uint64_t at) {
  int32_t length;
  const uint64_t length_at = scan_.position();
  if (!scan_.i32(length)) return short_of("the length of a string");
  if (length < 0) {
    return fail(ErrorCode::bad_length, length_at, "a string of " + number_text(length) + " bytes",
                "0 or more");
  }
  const auto n = static_cast<uint32_t>(length);
  if (n > kMaxInlineString && !expects_key() && !scan_.dialect().carriage_returns) {
    const uint64_t bytes_at = scan_.position();
    if (!scan_.skip(n)) return short_of("the bytes of a string");
    return deliver(graph_.add_node(Kind::string, at, graph_.locate(bytes_at, n)));
  }
  const uint8_t* bytes;
  if (!scan_.bytes(n, bytes)) return short_of("the bytes of a string");
  return deliver(graph_.add_node(Kind::string, at, pooled(bytes, n)));
}

bool Parser::back_reference(uint64_t at, uint32_t object) {
  const Kind kind = graph_.nodes[graph_.objects[object].node].kind();
  return deliver(graph_.add_node(kind, at, object, Node::kBackReference));
}

bool Parser::table(uint64_t at) {
  int32_t number;
  uint32_t known;
  if (!index(at, 3, number, known)) return false;
  if (known != kNone) return back_reference(at, known);
  const uint64_t count_at = scan_.position();
  int32_t pairs;
  if (!scan_.i32(pairs)) return short_of("the number of entries of a table");
  if (pairs < 0) {
    return fail(ErrorCode::bad_count, count_at, "a table of " + number_text(pairs) + " entries",
                "0 or more");
  }
  const uint32_t id = add_object(Kind::table, at, number, 0);
  if (id == kNone) return false;
  open_frame(id, Mode::pairs, 2 * static_cast<uint64_t>(pairs));
  return true;
}

// Types 7 and 8, and type 6 in the one form that has an index.
bool Parser::function(uint64_t at, int32_t type) {
  int32_t number;
  uint32_t known;
  if (!index(at, type, number, known)) return false;
  if (known != kNone) return back_reference(at, known);
  return dump(at, type, number);
}

// Type 6 has no index. The first byte of the dump tells the size from an index in the variant
// that lived for two days of 2014 (docs/format.md § Functions).
bool Parser::old_function(uint64_t at) {
  const uint64_t mark = scan_.mark();
  int32_t size;
  if (!scan_.i32(size)) return short_of("the size of a function dump");
  const uint8_t* byte;
  const bool present = scan_.peek(1, byte);
  if (!present && scan_.status() == Scan::Status::need_bytes) return short_of("a function dump");
  const bool plain = present && *byte == 0x1b && size >= kMinDump;
  scan_.reset(mark);
  return plain ? dump(at, 6, 0) : function(at, 6);
}

bool Parser::dump(uint64_t at, int32_t type, int32_t number) {
  const uint64_t size_at = scan_.position();
  int32_t size;
  if (!scan_.i32(size)) return short_of("the size of a function dump");
  if (size < kMinDump) {
    return fail(ErrorCode::bad_function, size_at,
                "a function dump of " + number_text(size) + " bytes", "12 bytes or more");
  }
  const uint64_t dump_at = scan_.position();
  const uint8_t* byte;
  if (!scan_.peek(1, byte)) return short_of("a function dump");
  if (*byte != 0x1b) {
    return fail(ErrorCode::bad_function, dump_at,
                "a function dump that begins with " + quoted(byte, 1), "\"\\x1b\"");
  }
  const auto n = static_cast<size_t>(size);
  if (!(scan_.dialect().carriage_returns ? scan_.bytes(n, byte) : scan_.skip(n))) {
    return short_of("a function dump");
  }
  const uint32_t id = add_object(Kind::function, at, number, 0);
  if (id == kNone) return false;
  if (scan_.dialect().carriage_returns) check_line_ends(id, dump_at, n);
  graph_.objects[id].first = static_cast<uint32_t>(graph_.longs.size());
  graph_.longs.push(static_cast<int64_t>(dump_at));
  graph_.longs.push(size);
  graph_.longs.push(type);
  open_frame(id, Mode::function, 1);
  return true;
}

// The upvalues of a function are a table; only a type 6 of two days in 2011 has none.
bool Parser::upvalues(Frame& frame) {
  const uint64_t at = scan_.mark();
  int32_t code;
  const bool present = scan_.i32(code);
  if (!present && scan_.status() == Scan::Status::need_bytes) return short_of("upvalues");
  scan_.reset(at);
  if (present && code == 3) return value();
  if (graph_.longs[graph_.objects[frame.object].first + 2] == 6) {
    frame.remaining = 0;
    return true;
  }
  if (!present) return short_of("the upvalues of a function");
  return fail(ErrorCode::bad_function, at, "type code " + number_text(code),
              "3, the table of the function's upvalues");
}

}  // namespace t7
