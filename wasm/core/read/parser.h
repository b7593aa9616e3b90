// One pass over a file in one dialect: bytes in, graph out. Resumable, without recursion.
//
// The parser never reads. It says which bytes it wants, is given them, and goes on. A value's
// header is consumed whole or not at all: when bytes run out it goes back to the last mark, so
// one byte at a time and all at once are the same code.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bytes/scan.h"
#include "graph/body_layouts.h"
#include "graph/graph.h"
#include "graph/table_writer.h"

namespace t7 {

// What a pass takes for granted beyond the format's rules; `detect` varies it.
struct Assumptions {
  struct ClassLayout {
    std::string class_name;
    std::string spec;      // as in body_layouts.h
    bool guessed = false;  // mark the objects
  };
  std::vector<ClassLayout> layouts;
  // The object indices start anew at these offsets, or wherever a top-level object has number 1.
  std::vector<uint64_t> sessions;
  bool sessions_everywhere = false;
  std::vector<std::string> custom_classes;  // read by the caller, see State::custom
  // Top-level values as the caller describes them, one op each as in Layout::ops; empty: objects
  // to the end. A file read by hand (`manual`) has no top level of its own.
  std::string schema;
  bool schema_repeats_last = false;
  bool manual = false;
};

enum class State : uint8_t {
  done,
  need_bytes,
  paused,
  failed,
  custom,  // the caller reads the body of `custom_object()` through the primitives
};

struct Want {
  uint64_t offset = 0;
  uint64_t length = 0;
};

class Parser {
 public:
  Parser(uint64_t file_size, Dialect dialect, const Assumptions& assumptions);
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Reads at most `budget` values.
  [[nodiscard]] State advance(uint32_t budget);
  // Ends the pass where it is, as damage there would: the graph holds what was read before.
  void stop();
  // Valid after need_bytes; more is welcome.
  Want want() const;
  // Room for the next n bytes at want().offset, or nullptr if there is no memory …
  uint8_t* prepare(size_t n);
  // … of which n are there now.
  void commit(size_t n);
  // Both in one, for bytes that are somewhere else already. False if there is no memory.
  [[nodiscard]] bool push(const uint8_t* bytes, size_t n);

  Graph& graph() { return graph_; }
  const Graph& graph() const { return graph_; }
  // Valid after failed; the graph holds what was read before.
  const Issue& error() const { return error_; }
  const Dialect& dialect() const { return scan_.dialect(); }
  uint64_t position() const { return scan_.position(); }

  // --- What the pass learned, for detection ---
  bool saw_long() const { return saw_long_; }
  // Bytes behind the last root that are no value, or kNoOffset.
  static constexpr uint64_t kNoOffset = ~uint64_t{0};
  uint64_t trailing_offset() const { return trailing_offset_; }
  // Where the attempt to read the trailing bytes as a value failed.
  uint64_t trailing_failure() const { return trailing_failure_; }
  // Top-level value that was taken for a reference to the first object, or kNoOffset.
  uint64_t reused_root() const { return reused_root_; }
  // Did the indices of new objects count up by one?
  bool sequential() const { return sequential_; }
  // The class that ended the reading, being unknown and without a table, or kNone.
  uint32_t unknown_class() const { return unknown_class_; }
  // Classes without a rule, in the order in which they were last met (class ids).
  const std::vector<uint32_t>& unknown_classes() const { return unknown_classes_; }

  // --- In State::custom and for files read by hand: the caller reads raw values by itself ---
  State state() const { return state_; }
  // The object whose body it is, or kNone at the top level of a file read by hand.
  uint32_t custom_object() const { return frames_[frames_.size() - 1].object; }
  // Goes on at another place, up to which the caller has read. `read_long` if a long was among
  // that, whose width matters then.
  void resume_at(uint64_t position, bool read_long);
  // The next value is read by `advance`, which comes back with State::custom.
  void read_object();
  // The body is complete …
  void end_custom();
  // … or the caller could not read it: the pass has failed.
  void fail_custom();
  // Last node that was delivered to the frame on top, or kNone.
  uint32_t last_delivered() const;

 private:
  enum class Mode : uint8_t { roots, pairs, values, layout, function, text_storage };
  struct Frame {
    uint32_t object = kNone;
    uint32_t remaining = 0;  // values still to be read before the next op, saturated
    uint32_t base = 0;       // first entry of this frame in scratch_
    uint32_t counter = 0;    // what a counting op has read
    uint16_t pc = 0;         // next op of the layout, or kClosing
    Mode mode = Mode::values;
  };

  static constexpr uint16_t kClosing = 0xffff;

  bool step();
  bool value();
  bool quick_value(Frame& frame);
  // A tensor and its storage, read ahead. Places count from the tensor's first byte.
  struct WholeTensor {
    static constexpr uint32_t kDimensions = 8;
    uint32_t ndim;
    int64_t words[2 * kDimensions + 1];  // shape, strides, storage offset from 1
    int64_t offset;                      // storage offset from 0
    int64_t elements;                    // of the storage
    size_t storage_at;
    size_t data_at;
    size_t data_bytes;
  };
  bool quick_tensor(Frame& frame, const uint8_t* p);
  bool peek_tensor(const uint8_t* p, WholeTensor& whole) const;
  bool read_raw(char op);
  bool table(uint64_t at);
  bool torch_object(uint64_t at);
  bool function(uint64_t at, int32_t type);
  bool old_function(uint64_t at);
  bool dump(uint64_t at, int32_t type, int32_t number);
  bool upvalues(Frame& frame);
  bool string(uint64_t at);
  // Id of a string that stands where the next value is delivered.
  uint32_t pooled(const uint8_t* bytes, uint32_t length) {
    if (!expects_key()) return graph_.pool_value(bytes, length);
    return graph_.intern(bytes, length, likely_keys_[scratch_in(top()) / 2 % kLikelyKeys]);
  }
  bool back_reference(uint64_t at, uint32_t object);
  bool root();
  bool finish_root(bool end);
  bool starts_session(bool& starts);
  bool skip_padding(bool& skipped);
  bool trailing_is_harmless();
  bool roll_back_root();

  bool index(uint64_t at, int32_t code, int32_t& index, uint32_t& known);
  uint32_t find_index(int32_t index) const;
  void note_index(int32_t index, uint32_t object);
  uint32_t add_object(Kind kind, uint64_t at, int32_t index, uint32_t class_id);
  // Hands a value to the frame on top.
  bool deliver(uint32_t node) {
    Frame& frame = top();
    if (frame.mode == Mode::roots) return deliver_root(node);
    if (expects_key() && !check_key(graph_.nodes[node])) return false;
    scratch_.push(node);
    --frame.remaining;
    return true;
  }
  bool deliver_root(uint32_t node);
  bool expects_key() const { return top().mode == Mode::pairs && scratch_in(top()) % 2 == 0; }
  bool check_key(const Node& key) {
    if (key.kind() == Kind::string) return true;
    const double number = bit_cast<double>(key.payload);
    const bool nan = key.kind() == Kind::number && number != number;
    return (key.kind() != Kind::nil && !nan) || bad_key(key);
  }
  bool bad_key(const Node& key);
  void open_frame(uint32_t object, Mode mode, uint64_t count);
  bool next_op();
  bool run_op(Frame& frame, char op);
  bool hand_over();
  void close_frame();
  void close_all_frames();
  void commit_children(const Frame& frame);

  bool read_class(uint32_t& class_id, uint32_t& version_text);
  bool recent_class(uint32_t& class_id, uint32_t& version_text);
  void remember_class(const uint8_t* header, size_t length, uint32_t class_id,
                      uint32_t version_text);
  bool resolve_layout(uint32_t& class_id, uint32_t version_text, bool& found, bool& guessed);
  bool resolve_by_rules(uint32_t& class_id, uint32_t version_text, const std::string& name,
                        bool& found);
  bool begins_with_fields(bool& fields);
  bool fix_layout(uint32_t class_id, const char* spec);
  void set_layout(uint32_t class_id, const char* spec);
  void note_unknown(uint32_t class_id);
  uint32_t add_layout(std::string_view spec);
  bool primitive(Frame& frame, char op);
  bool repeat(Frame& frame);
  bool tensor(Frame& frame, bool torch5);
  bool own_storage(bool torch5, int32_t ndim);
  void check_tensor(uint32_t object);
  bool storage(Frame& frame, bool complex);
  bool generator(Frame& frame);
  bool text_storage(Frame& frame);
  void check_line_ends(uint32_t object, uint64_t at, uint64_t length);
  bool counted(Frame& frame, uint64_t values_per_count);
  bool long_value(int64_t& value);
  size_t scratch_in(const Frame& frame) const { return scratch_.size() - frame.base; }
  uint64_t text_left_ = 0;  // numbers of the ASCII storage on top that are still to be walked over

  bool short_of(const char* what);
  bool fail(ErrorCode code, uint64_t offset, std::string found, std::string expected);
  Frame& top() { return frames_.back(); }
  const Frame& top() const { return frames_.back(); }

  Window window_;
  Scan scan_;
  Assumptions assumptions_;
  Graph graph_;
  TableWriter tables_;
  ChunkList<Frame, 9> frames_;
  ChunkList<uint32_t, 10> scratch_;
  // Key that last stood at the same place in a table: tables of one kind have the same keys in
  // the same order, and comparing is cheaper than hashing.
  static constexpr size_t kLikelyKeys = 32;
  uint32_t likely_keys_[kLikelyKeys] = {};

  State state_ = State::need_bytes;
  Issue error_;
  uint64_t step_start_ = 0;

  int32_t last_index_ = 0;     // highest index of the session
  uint32_t session_base_ = 0;  // first object of the session
  bool ascending_ = true;      // indices of the session came in order: a binary search finds them
  std::map<int32_t, uint32_t> by_index_;  // a tree, since hashing could be attacked

  Graph::Mark root_mark_{};
  uint64_t root_start_ = 0;
  int32_t root_last_index_ = 0;
  size_t leading_nils_ = 0;             // top-level values before the first that is not nil
  uint64_t padding_ = 0;                // zero bytes between and behind values
  uint64_t padding_start_ = kNoOffset;  // of the last run of them
  size_t schema_next_ = 0;
  bool object_wanted_ = false;  // the caller asked for the next object
  bool saw_long_ = false;
  bool old_bodies_ = false;  // a class of nn was read field by field, as until September 2011
  bool sequential_ = true;
  uint64_t trailing_offset_ = kNoOffset;
  uint64_t trailing_failure_ = kNoOffset;
  uint64_t reused_root_ = kNoOffset;
  std::vector<uint32_t> unknown_classes_;
  uint32_t unknown_class_ = kNone;
  // The classes that were read last, as they stand in a binary file, version and all: tensors and
  // their storages take turns.
  struct RecentClass {
    static constexpr size_t kMaxHeader = 64;
    uint8_t header[kMaxHeader];
    uint32_t length = 0;  // bytes, 0 for none
    uint32_t class_id = kNone;
    uint32_t version_text = kNone;
  };
  RecentClass recent_classes_[2];
  uint32_t recent_turn_ = 0;
  // The last pair of tensor and storage class that was found to fit (class ids).
  uint32_t fitting_tensor_ = kNone;
  uint32_t fitting_storage_ = kNone;
  bool fitting_is_quick_ = false;          // their bodies are those of a 64-bit binary file
  std::vector<uint8_t> fixed_layout_;      // by class: the layout does not depend on the object
  std::vector<std::string> layout_specs_;  // by layout
};

}  // namespace t7
