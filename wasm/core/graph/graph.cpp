#include "graph/graph.h"

#include <cstring>

#include "base/bounds.h"

namespace t7 {

namespace {

constexpr size_t kPoolChunk = size_t{1} << 15;
constexpr unsigned kFirstSlotBits = 6;

// Strings chosen to collide must not cost quadratic time: after so many steps a string is stored
// again instead of being found. Sharing is lost, nothing else.
constexpr size_t kMaxProbes = 128;

uint64_t word_at(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

// The last bytes of a text, fewer than eight, as a number. A memcpy of a length that is not known
// to the compiler would be a call.
uint64_t tail_at(const uint8_t* p, uint32_t length) {
  uint64_t tail = 0;
  for (uint32_t i = 0; i < length; ++i) tail |= static_cast<uint64_t>(p[i]) << (8 * i);
  return tail;
}

// A multiplicative mix over eight bytes at a time; its quality only decides speed.
uint32_t hash_bytes(const uint8_t* p, uint32_t length) {
  uint64_t h = length * 0x9e3779b97f4a7c15u;
  for (; length >= 8; p += 8, length -= 8) {
    h = (h ^ word_at(p)) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  h = (h ^ tail_at(p, length)) * 0xff51afd7ed558ccdu;
  h ^= h >> 32;
  return static_cast<uint32_t>(h);
}

// Flags for the text: ASCII, or well-formed UTF-8 (no surrogates, no overlong forms).
uint32_t text_flags(const uint8_t* p, uint32_t length) {
  const uint8_t* const end = p + length;
  bool ascii = true;
  while (end - p >= 8 && (word_at(p) & 0x8080808080808080u) == 0) p += 8;
  while (p != end) {
    const uint8_t lead = *p++;
    if (lead < 0x80) continue;
    ascii = false;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    const int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (end - p < more) return 0;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    if (*p < low || *p > high) return 0;
    for (int i = 1; i < more; ++i) {
      if ((p[i] & 0xc0) != 0x80) return 0;
    }
    p += more;
  }
  return String::kUtf8 | (ascii ? String::kAscii : 0);
}

}  // namespace

Graph::~Graph() {
  for (uint8_t* chunk : pool_) delete[] chunk;
}

uint8_t* Graph::pool_copy(const uint8_t* bytes, uint32_t length) {
  if (length > pool_left_) {
    const size_t size = length > kPoolChunk ? length : kPoolChunk;
    pool_next_ = new uint8_t[size];
    pool_left_ = size;
    pool_.push_back(pool_next_);
  }
  uint8_t* copy = pool_next_;
  if (length > 32) {
    std::memcpy(copy, bytes, length);
  } else {
    for (uint32_t i = 0; i < length; ++i) copy[i] = bytes[i];
  }
  pool_next_ += length;
  pool_left_ -= length;
  return copy;
}

// Slots are in the order of their hashes, so growing walks through both tables from front to back
// instead of jumping about.
void Graph::grow_slots() {
  slot_bits_ = slots_.empty() ? kFirstSlotBits : slot_bits_ + 1;
  std::vector<uint64_t> larger(size_t{1} << slot_bits_);
  const size_t mask = larger.size() - 1;
  for (const uint64_t slot : slots_) {
    if (slot == 0) continue;
    size_t i = slot >> (64 - slot_bits_);
    while (larger[i] != 0) i = (i + 1) & mask;
    larger[i] = slot;
  }
  slots_.swap(larger);
}

uint32_t Graph::add_text(const uint8_t* bytes, uint32_t length) {
  const uint8_t* copy = pool_copy(bytes, length);
  strings.push({reinterpret_cast<uintptr_t>(copy), length, text_flags(copy, length)});
  return static_cast<uint32_t>(strings.size() - 1);
}

// While strings are added unseen, those looked up find only those looked up before: the sample
// must show a repeat more rarely before all are looked up again.
uint32_t Graph::pool_value(const uint8_t* bytes, uint32_t length) {
  constexpr uint32_t kSample = 256;
  constexpr uint32_t kGap = 7;
  if (gap_left_ != 0) {
    --gap_left_;
    return add_text(bytes, length);
  }
  const size_t before = strings.size();
  const uint32_t id = intern(bytes, length);
  gap_left_ = gap_;
  repeats_ += id < before;
  if (++sampled_ == kSample) {
    const bool distinct = repeats_ < (gap_ == 0 ? kSample / 8 : kSample / 32);
    gap_ = distinct ? kGap : 0;
    sampled_ = repeats_ = 0;
  }
  return id;
}

uint32_t Graph::intern(const uint8_t* bytes, uint32_t length) {
  if (pooled_ >= slots_.size() / 4 * 3 && slot_bits_ < 32) grow_slots();
  const uint32_t hash = hash_bytes(bytes, length);
  const size_t mask = slots_.size() - 1;
  size_t i = hash >> (32 - slot_bits_);
  size_t probes = 0;
  for (; slots_[i] != 0 && probes != kMaxProbes; i = (i + 1) & mask, ++probes) {
    if (static_cast<uint32_t>(slots_[i] >> 32) != hash) continue;
    const auto id = static_cast<uint32_t>(slots_[i]) - 1;
    if (has_text(strings[id], bytes, length)) return id;
  }
  const uint32_t id = add_text(bytes, length);
  if (slots_[i] == 0) {
    slots_[i] = static_cast<uint64_t>(hash) << 32 | (id + 1);
    ++pooled_;
  }
  return id;
}

uint32_t Graph::locate(uint64_t offset, uint32_t length) {
  kinds |= kLocatedString;
  strings.push({offset, length, String::kLocated});
  return static_cast<uint32_t>(strings.size() - 1);
}

uint32_t Graph::intern_class(uint32_t name, double version, uint32_t version_text) {
  const uint64_t key = static_cast<uint64_t>(version_text) << 32 | name;
  const auto [entry, added] = class_ids_.try_emplace(key, static_cast<uint32_t>(classes.size()));
  if (added) classes.push_back({name, version, kNone, Dtype::uint8});
  return entry->second;
}

std::string_view Graph::text(uint32_t string) const {
  const String& s = strings[string];
  if ((s.bits & String::kLocated) != 0) return {};
  return {reinterpret_cast<const char*>(s.at), s.length};
}

void Graph::warn(Issue issue) {
  if (warnings.size() < kMaxWarnings) warnings.push_back(std::move(issue));
}

Graph::Mark Graph::mark() const {
  return {nodes.size(), objects.size(), children.size(), longs.size(),
          roots.size(), issues.size(),  warnings.size()};
}

void Graph::truncate(const Mark& mark) {
  nodes.truncate(mark.nodes);
  objects.truncate(mark.objects);
  children.truncate(mark.children);
  longs.truncate(mark.longs);
  roots.resize(mark.roots);
  issues.resize(mark.issues);
  warnings.resize(mark.warnings);
}

}  // namespace t7
