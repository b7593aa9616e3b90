#include "graph/placement.h"

#include <algorithm>
#include <cstring>

#include "elements/convert.h"

namespace t7 {

namespace {

// Storages up to this size are read together with their neighbours, if they are not further apart.
constexpr uint64_t kSmall = 65536;

}  // namespace

Placement::Placement(Graph& graph, const Dialect& dialect) : graph_(graph), dialect_(dialect) {
  const auto count = static_cast<uint32_t>(graph.objects.size());
  for (uint32_t id = 0; id < count; ++id) {
    Object& storage = graph.objects[id];
    if (graph.nodes[storage.node].kind() != Kind::storage) continue;
    if (storage.has(Object::kIncomplete) || graph.longs[storage.first + 1] <= 0) continue;
    storage.count = static_cast<uint32_t>(bytes_ / kAlignment + 1);
    bytes_ += memory_bytes(storage);
  }
}

// In memory and while they are converted: longs of 4 bytes are widened in place. In ASCII the
// elements are made of text that passes through a buffer.
uint64_t Placement::memory_bytes(const Object& storage) const {
  const auto count = static_cast<uint64_t>(graph_.longs[storage.first + 1]);
  const uint64_t elements = count * dtype_bytes(graph_.classes[storage.class_id()].dtype);
  const uint64_t bytes = dialect_.ascii ? elements : std::max(elements, file_bytes(storage));
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

Placement::Piece Placement::next() {
  const auto count = static_cast<uint32_t>(graph_.objects.size());
  first_ = end_;
  while (first_ < count && !is_placed(first_)) ++first_;
  end_ = first_;
  if (first_ == count) return {};
  const Object& first = graph_.objects[first_];
  start_ = file_offset(first);
  uint64_t file_end = start_ + file_bytes(first);
  ++end_;
  buffered_ = file_bytes(first) <= kSmall;
  if (!buffered_) return {start_, file_end - start_, address(first)};
  for (; end_ < count; ++end_) {
    if (!is_placed(end_)) continue;
    const Object& storage = graph_.objects[end_];
    const uint64_t offset = file_offset(storage);
    const uint64_t bytes = file_bytes(storage);
    // Behind each other, as they are made.
    if (offset < file_end || offset - file_end > kSmall || bytes > kSmall) break;
    if (offset + bytes - start_ > kBuffer) break;
    file_end = offset + bytes;
  }
  return {start_, file_end - start_, nullptr};
}

void Placement::finish(const uint8_t* buffer) {
  for (uint32_t id = first_; id < end_; ++id) {
    if (!is_placed(id)) continue;
    const Object& storage = graph_.objects[id];
    if (buffered_) {
      const uint8_t* from = buffer + (file_offset(storage) - start_);
      std::memcpy(address(storage), from, static_cast<size_t>(file_bytes(storage)));
    }
    to_native(storage);
  }
}

void Placement::to_native(const Object& storage) const {
  const auto count = static_cast<size_t>(graph_.longs[storage.first + 1]);
  const auto width = static_cast<size_t>(file_bytes(storage)) / count;
  if (dialect_.big_endian) swap_bytes(address(storage), width, count);
  const bool longs = graph_.classes[storage.class_id()].dtype == Dtype::int64;
  if (longs && width == 4) widen_int32(address(storage), count);
}

}  // namespace t7
