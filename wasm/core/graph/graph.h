// The index of a file: every value that occurs in it, and where its payload lies.
//
// Nothing here knows how a file is read; a test can build a graph by hand. JavaScript reads the
// chunk lists directly: docs/design.md § Memory has the layout, and changes go to both.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/chunks.h"
#include "base/dtype.h"
#include "base/error.h"

namespace t7 {

// In the order of `kinds` in wasm/js/index/graph.ts.
enum class Kind : uint8_t {
  nil,
  boolean,
  number,
  integer,  // a raw int or long that some class wrote; payload is an int64
  string,
  table,
  object,  // a torch object that is none of the following
  tensor,
  storage,
  function,
  hash,   // tds.Hash
  vec,    // tds.Vec
  bytes,  // raw bytes that some class wrote
};

inline bool has_object(Kind kind) { return kind >= Kind::table && kind <= Kind::vec; }

// One occurrence of a value, in a graph's `nodes`. Ids count occurrences in file order.
struct Node {
  uint64_t head = 0;  // kind (8 bits), flags (8), file offset (48)
  uint64_t payload =
      0;  // by kind: bits of the double, int64, 0/1, string id, object id, id in longs

  static constexpr uint64_t kBackReference = 1 << 8;

  Kind kind() const { return static_cast<Kind>(head & 0xff); }
  bool back_reference() const { return (head & kBackReference) != 0; }
  uint64_t offset() const { return head >> 16; }
  uint32_t id() const { return static_cast<uint32_t>(payload); }
};
static_assert(sizeof(Node) == 16);

// A distinct table, torch object, tensor, storage, function or tds container, in a graph's
// `objects`; its parts lie in the graph's other lists.
struct Object {
  uint32_t node = kNone;  // its first occurrence
  uint32_t index = 0;  // number in the file; for an object without one, that of the object before
  uint32_t parent = kNone;  // object in which the first occurrence stands
  // Table, object, hash, vec: first child in `children`; else place in `longs`. kNone until known.
  uint32_t first = kNone;
  // Children (keys and values count each); for a tensor: dimensions; for a storage: see Placement.
  uint32_t count = 0;
  uint32_t bits = 0;  // flags (8 bits), class (24)

  enum Flag : uint32_t {
    kIncomplete = 1,  // the file ends or is damaged inside
    kGuessed = 2,     // the layout was guessed
    kList = 4,        // table: keys are exactly 1..n
    kRecord = 8,      // table: all keys are strings of valid UTF-8
    kInvalid = 16,    // an issue says why the value is unusable
    kNoIndex = 32,    // a function of type 6
    kSession = 64,    // first object of an appended session: indices start anew
    kOpen = 128,      // its body is being read
  };

  bool has(Flag flag) const { return (bits & flag) != 0; }
  void set(Flag flag) { bits |= flag; }
  uint32_t class_id() const { return bits >> 8; }
};
static_assert(sizeof(Object) == 24);

// A distinct string. Pooled ones have their bytes in memory, located ones in the file.
struct String {
  uint64_t at = 0;      // address of the bytes, or file offset
  uint32_t length = 0;  // bytes
  uint32_t bits = 0;    // flags

  static constexpr uint32_t kLocated = 1;
  static constexpr uint32_t kUtf8 = 2;
  static constexpr uint32_t kAscii = 4;
};
static_assert(sizeof(String) == 16);

// How the body of a class is read: one op a value (docs/design.md § Layouts), and how those
// values are called, separated by blanks.
struct Layout {
  std::string ops;
  std::string names;
};

// A torch class of one version, as it occurs in the file.
struct Class {
  uint32_t name = 0;        // string id
  double version = 0;       // NaN for files from before versioning
  uint32_t layout = kNone;  // in Graph::layouts, once an object of the class has been read
  Dtype dtype = Dtype::uint8;
};

// All that was found in a file, without its payload: it owns every list below and the bytes of the
// pooled strings. Ids have 32 bits, so a list has at most 2^32 − 1 elements; a list grows only by
// what has been read, never by a count that a file states.
//
// Words of `longs` that describe a storage, from Object::first on: data offset, elements, bytes in
// the file; an ASCII number storage has a file offset for each further kTextIndexStep elements.
// Tensor: storage offset (from 0), shape, strides. Function: offset and bytes of the dump, type.
// Bytes: offset, length.
class Graph {
 public:
  ChunkList<Node, 12> nodes;
  ChunkList<Object, 11> objects;
  ChunkList<uint32_t, 13> children;
  ChunkList<int64_t, 11> longs;
  ChunkList<String, 11> strings;
  std::vector<Class> classes;
  std::vector<Layout> layouts;
  std::vector<uint32_t> roots;  // nodes
  std::vector<Issue> issues;    // of single values
  std::vector<Issue> warnings;

  Graph() = default;
  ~Graph();

  // Bit k: a node of kind k has been added. Bit 31: a string that stays in the file.
  uint32_t kinds = 0;
  static constexpr uint32_t kLocatedString = uint32_t{1} << 31;

  uint32_t add_node(Kind kind, uint64_t offset, uint64_t payload, uint64_t flags = 0) {
    kinds |= uint32_t{1} << static_cast<unsigned>(kind);
    const auto id = static_cast<uint32_t>(nodes.size());
    nodes.push({static_cast<uint64_t>(kind) | flags | offset << 16, payload});
    return id;
  }
  // The one string with these bytes; they are copied into the pool if they are new.
  uint32_t intern(const uint8_t* bytes, uint32_t length);
  // The same, but compares with the string `likely` first and leaves the id there.
  uint32_t intern(const uint8_t* bytes, uint32_t length, uint32_t& likely) {
    if (is_text(likely, bytes, length)) return likely;
    return likely = intern(bytes, length);
  }
  // For values, whose ids nobody compares: bytes that occur again usually share their string, but
  // where next to none do, most strings are added without a look at the others.
  uint32_t pool_value(const uint8_t* bytes, uint32_t length);
  // A string that stays in the file.
  uint32_t locate(uint64_t offset, uint32_t length);
  uint32_t intern_class(uint32_t name, double version, uint32_t version_text);

  // Is there a pooled string of this id, and are these its bytes?
  bool is_text(uint32_t string, const uint8_t* bytes, uint32_t length) const {
    if (string >= strings.size()) return false;
    const String& s = strings[string];
    return (s.bits & String::kLocated) == 0 && has_text(s, bytes, length);
  }
  // Text of a pooled string; empty for a located one.
  std::string_view text(uint32_t string) const;
  std::string_view class_name(uint32_t class_id) const { return text(classes[class_id].name); }
  const Object& object_of(const Node& node) const { return objects[node.id()]; }

  void warn(Issue issue);

  // Everything added later than a mark can be taken back. Strings and classes stay.
  struct Mark {
    size_t nodes, objects, children, longs, roots, issues, warnings;
  };
  Mark mark() const;
  void truncate(const Mark& mark);

 private:
  static bool has_text(const String& string, const uint8_t* bytes, uint32_t length) {
    if (string.length != length) return false;
    return same_bytes(reinterpret_cast<const uint8_t*>(string.at), bytes, length);
  }
  uint8_t* pool_copy(const uint8_t* bytes, uint32_t length);
  uint32_t add_text(const uint8_t* bytes, uint32_t length);
  void grow_slots();

  // Hash (32 bits) and string id + 1 (32); open addressing by the hash's upper bits, at most 3/4
  // full.
  std::vector<uint64_t> slots_;
  unsigned slot_bits_ = 0;
  uint32_t pooled_ = 0;
  // Of `pool_value`: strings to be added unseen after each that is looked up, and how many of
  // those are left; lookups of the present sample, and those that found their string.
  uint32_t gap_ = 0;
  uint32_t gap_left_ = 0;
  uint32_t sampled_ = 0;
  uint32_t repeats_ = 0;
  std::vector<uint8_t*> pool_;
  uint8_t* pool_next_ = nullptr;
  size_t pool_left_ = 0;
  std::map<uint64_t, uint32_t> class_ids_;  // a tree, since hashing could be attacked
};

}  // namespace t7
