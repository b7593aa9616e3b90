// Any bytes as a file: detection and all its passes, in pieces whose sizes the input chooses, and
// then a walk over the graph that checks what every user of it relies on.
#include <cstdint>
#include <cstdlib>

#include "detect.h"
#include "view.h"

namespace {

using namespace t7;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_children(const Graph& graph, const Object& object) {
  for (uint32_t i = 0; i < object.count; ++i) {
    require(graph.children[object.first + i] < graph.nodes.size());
  }
}

void check_tensor(const Graph& graph, const Object& object) {
  if (object.first == kNone || object.has(Object::kInvalid) || object.has(Object::kIncomplete))
    return;
  int64_t words[2 * 64 + 1];
  for (uint32_t i = 0; i < 2 * object.count + 1; ++i) words[i] = graph.longs[object.first + i];
  const int64_t size = view_size(words + 1, object.count);
  require(size >= 0);
  if (size == 0) return;
  const Node& storage = graph.nodes[object.node + 1];
  require(storage.kind() == Kind::storage);
  const ViewSpan span = view_span(words + 1, words + 1 + object.count, object.count, words[0]);
  const int64_t length = graph.longs[graph.object_of(storage).first + 1];
  require(!span.overflow && span.low >= 0 && span.high < length);
}

void check_storage(const Graph& graph, const Object& object, uint64_t file_size) {
  if (object.first == kNone || object.has(Object::kIncomplete)) return;
  const int64_t offset = graph.longs[object.first];
  const int64_t bytes = graph.longs[object.first + 2];
  require(offset >= 0 && bytes >= 0 && static_cast<uint64_t>(offset + bytes) <= file_size);
}

void check(const Graph& graph, uint64_t file_size) {
  for (const uint32_t root : graph.roots) require(root < graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    require(node.offset() <= file_size);
    if (has_object(node.kind())) require(node.id() < graph.objects.size());
    if (node.kind() == Kind::string) require(node.id() < graph.strings.size());
  }
  for (size_t id = 0; id < graph.objects.size(); ++id) {
    const Object& object = graph.objects[id];
    require(object.node < graph.nodes.size() && graph.nodes[object.node].id() == id);
    require(object.parent == kNone || object.parent < id);
    const Kind kind = graph.nodes[object.node].kind();
    if (kind == Kind::tensor)
      check_tensor(graph, object);
    else if (kind == Kind::storage)
      check_storage(graph, object, file_size);
    else if (kind != Kind::function && object.first != kNone)
      check_children(graph, object);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const uint8_t control = size == 0 ? 0 : data[size - 1];
  DetectOptions options;
  if (control & 0x40) options.encoding = (control & 0x20) ? 'a' : 'b';
  if (control & 0x10) options.assumptions.schema = "BObhILFDsO";
  const uint64_t steps[] = {1, 2, 7, 64, 4096, 1u << 20};
  Detect detect(size, options);
  for (uint32_t turn = 0;; ++turn) {
    const State state = detect.advance(1 + control % 13 * 100);
    if (state == State::done || state == State::failed) break;
    if (state != State::need_bytes) continue;
    const Want want = detect.want();
    require(want.length > 0 && want.offset + want.length <= size);
    const uint64_t left = size - want.offset;
    const uint64_t n = std::min<uint64_t>(left, steps[(control + turn) % 6]);
    uint8_t* room = detect.prepare(n);
    std::memcpy(room, data + want.offset, n);
    detect.commit(n);
  }
  if (detect.parser() != nullptr) check(detect.parser()->graph(), size);
  return 0;
}
