#include "invariants.h"

#include "base/bytes.h"
#include "base/view_span.h"

namespace t7 {

namespace {

class Checker {
 public:
  Checker(const Graph& graph, State state, uint64_t file_size)
      : graph_(graph), whole_(state == State::done), file_size_(file_size) {}

  std::string run() {
    for (uint32_t i = 0; i < graph_.strings.size(); ++i) string(graph_.strings[i]);
    for (uint32_t i = 0; i < graph_.nodes.size(); ++i) node(i);
    for (uint32_t i = 0; i < graph_.objects.size(); ++i) object(i);
    for (size_t i = 0; i < graph_.children.size(); ++i) {
      expect(graph_.children[i] < graph_.nodes.size(), "a child that is no node");
    }
    for (const uint32_t root : graph_.roots) expect(root < graph_.nodes.size(), "a root");
    for (const Class& cls : graph_.classes) {
      expect(cls.name < graph_.strings.size(), "a class without name");
      expect(cls.layout == kNone || cls.layout < graph_.layouts.size(), "a class's layout");
    }
    for (const auto* issues : {&graph_.issues, &graph_.warnings}) {
      for (const Issue& issue : *issues) check_issue(issue);
    }
    return broken_;
  }

  void check_issue(const Issue& issue) {
    expect(!issue.found.empty() && !issue.expected.empty(), "an issue without words");
    expect(issue.offset <= file_size_, "an issue behind the file");
    expect(issue.object == kNone || issue.object < graph_.objects.size(), "an issue's object");
    expect(issue.key == kNone || issue.key < graph_.nodes.size(), "an issue's key");
  }

  std::string broken_;

 private:
  void expect(bool good, const char* what) {
    if (!good && broken_.empty()) broken_ = what;
  }
  bool extent(int64_t offset, int64_t length) const {
    return offset >= 0 && length >= 0 && static_cast<uint64_t>(offset) <= file_size_ &&
           static_cast<uint64_t>(length) <= file_size_ - static_cast<uint64_t>(offset);
  }
  bool has_longs(uint64_t first, uint64_t count) const {
    return first <= graph_.longs.size() && count <= graph_.longs.size() - first;
  }

  void string(const String& s) {
    if ((s.bits & String::kLocated) != 0) {
      expect(extent(static_cast<int64_t>(s.at), s.length), "a string behind the file");
    } else {
      const auto* bytes = reinterpret_cast<const volatile uint8_t*>(s.at);
      for (uint32_t i = 0; i < s.length; ++i) (void)bytes[i];  // for the sanitizers
    }
  }

  void node(uint32_t id) {
    const Node& node = graph_.nodes[id];
    expect(node.kind() <= Kind::bytes, "a node of no kind");
    expect(node.offset() <= file_size_, "a node behind the file");
    expect(id == 0 || graph_.nodes[id - 1].offset() <= node.offset(), "nodes out of order");
    if (node.kind() == Kind::boolean) expect(node.payload <= 1, "a boolean");
    if (node.kind() == Kind::string) expect(node.id() < graph_.strings.size(), "a string's id");
    if (node.kind() == Kind::bytes) {
      const bool good = node.payload < graph_.longs.size() && has_longs(node.payload, 2);
      expect(good, "bytes without extent");
      if (good) {
        const int64_t offset = graph_.longs[node.payload];
        expect(extent(offset, graph_.longs[node.payload + 1]), "bytes behind the file");
      }
    }
    if (!has_object(node.kind())) return;
    if (node.id() >= graph_.objects.size()) return expect(false, "a node's object");
    const uint32_t first = graph_.objects[node.id()].node;
    expect(node.back_reference() ? first < id : first == id, "an object's first node");
    expect(graph_.nodes[first].kind() == node.kind(), "a reference of another kind");
  }

  void object(uint32_t id) {
    const Object& object = graph_.objects[id];
    if (object.node >= graph_.nodes.size()) return expect(false, "an object's node");
    const Kind kind = graph_.nodes[object.node].kind();
    expect(object.parent == kNone || object.parent < id, "an object before its parent");
    expect(!object.has(Object::kOpen), "an object left open");
    expect(!whole_ || !object.has(Object::kIncomplete), "something incomplete in a whole file");
    const bool classless = kind == Kind::table || kind == Kind::function;
    expect(classless || object.class_id() < graph_.classes.size(), "an object's class");
    if (kind == Kind::function) {
      const bool good = has_longs(object.first, 3);
      expect(good && extent(graph_.longs[object.first], graph_.longs[object.first + 1]), "a dump");
    } else if (kind == Kind::storage) {
      if (!object.has(Object::kIncomplete)) storage(object);
    } else if (kind == Kind::tensor) {
      if (!object.has(Object::kIncomplete)) tensor(object);
    } else {
      children(object, kind);
    }
  }

  void children(const Object& object, Kind kind) {
    const uint64_t size = graph_.children.size();
    const bool good = object.first <= size && object.count <= size - object.first;
    if (!good) return expect(false, "children that are not there");
    const bool pairs = kind == Kind::table || kind == Kind::hash;
    if (!pairs) return;
    expect(object.count % 2 == 0, "a key without value");
    for (uint32_t i = 0; i < object.count; i += 2) {
      const Node& key = graph_.nodes[graph_.children[object.first + i]];
      const double number = key.kind() == Kind::number ? bit_cast<double>(key.payload) : 0;
      expect(key.kind() != Kind::nil && number == number, "a key that is nil or NaN");
      if (object.has(Object::kRecord)) expect(key.kind() == Kind::string, "a record's key");
      if (!object.has(Object::kList)) continue;
      expect(number >= 1 && number <= object.count / 2, "a list's key");
    }
  }

  void storage(const Object& object) {
    if (!has_longs(object.first, 3)) return expect(false, "a storage without extent");
    const int64_t bytes = graph_.longs[object.first + 2];
    expect(extent(graph_.longs[object.first], bytes), "a storage behind the file");
    const int64_t count = graph_.longs[object.first + 1];
    expect(count >= 0 && count <= bytes, "a storage of more elements than bytes");
  }

  void tensor(const Object& object) {
    const uint32_t ndim = object.count;
    if (!has_longs(object.first, 1 + 2 * uint64_t{ndim})) return expect(false, "a tensor's shape");
    if (object.node + 1 >= graph_.nodes.size()) return expect(false, "a tensor's storage");
    if (object.has(Object::kInvalid)) return;
    std::vector<int64_t> words;
    for (uint32_t i = 0; i <= 2 * ndim; ++i) words.push_back(graph_.longs[object.first + i]);
    const int64_t size = view_size(words.data() + 1, ndim);
    const Node& storage = graph_.nodes[object.node + 1];
    expect(size >= 0 && (size == 0 || storage.kind() == Kind::storage), "a tensor's elements");
    if (size <= 0 || storage.kind() != Kind::storage) return;
    __int128 low = words[0];
    __int128 high = words[0];
    for (uint32_t i = 0; i < ndim; ++i) {
      const __int128 reach = static_cast<__int128>(words[1 + i] - 1) * words[1 + ndim + i];
      (reach < 0 ? low : high) += reach;
    }
    const int64_t count = graph_.longs[graph_.object_of(storage).first + 1];
    expect(low >= 0 && high < count, "a view out of its storage");
  }

  const Graph& graph_;
  bool whole_;
  uint64_t file_size_;
};

}  // namespace

std::string broken_invariant(const Detect& detect, State state, uint64_t file_size) {
  static const Graph kNothing;
  const Graph& graph = detect.parser() ? detect.parser()->graph() : kNothing;
  Checker checker(graph, state, file_size);
  if (state == State::failed) checker.check_issue(detect.error());
  if (state == State::failed && detect.error().code == ErrorCode::none) return "failed for nothing";
  if (state != State::failed && state != State::done) return "neither done nor failed";
  return checker.run();
}

}  // namespace t7
