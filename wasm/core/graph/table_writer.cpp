#include "graph/table_writer.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/bytes.h"

namespace t7 {

namespace {

double number_of(const Node& node) { return bit_cast<double>(node.payload); }

// As fast as std::sort here, whose code would be a thirtieth of the module.
template <typename Before>
void merge_sort(std::vector<uint32_t>& ids, const Before& before) {
  std::vector<uint32_t> merged(ids.size());
  for (size_t run = 1; run < ids.size(); run *= 2) {
    for (size_t i = 0; i < ids.size(); i += 2 * run) {
      const uint32_t* first = ids.data() + i;
      const uint32_t* middle = ids.data() + std::min(i + run, ids.size());
      const uint32_t* last = ids.data() + std::min(i + 2 * run, ids.size());
      std::merge(first, middle, middle, last, merged.data() + i, before);
    }
    ids.swap(merged);
  }
}

}  // namespace

void TableWriter::write(uint32_t object) {
  Object& table = graph_.objects[object];
  if (is_sequence()) {
    table.set(Object::kList);
  } else if (is_plain_record()) {
    table.set(Object::kRecord);
  } else {
    normalize(object);
  }
  table.first = static_cast<uint32_t>(graph_.children.size());
  table.count = static_cast<uint32_t>(pairs_.size());
  for (const uint32_t node : pairs_) graph_.children.push(node);
}

void TableWriter::normalize(uint32_t object) {
  Object& table = graph_.objects[object];
  drop_nil_values(object);
  merge_equal_keys(object);
  if (is_permutation()) table.set(Object::kList);
  if (is_record()) table.set(Object::kRecord);
}

// The usual list: 1, 2, 3 … in order, no nil among the values.
bool TableWriter::is_sequence() const {
  for (size_t i = 0; i < pairs_.size(); i += 2) {
    const Node& key = graph_.nodes[pairs_[i]];
    if (key.kind() != Kind::number || number_of(key) != static_cast<double>(i / 2 + 1) ||
        graph_.nodes[pairs_[i + 1]].kind() == Kind::nil) {
      return false;
    }
  }
  return true;
}

// The usual small record: different names, no nil among the values.
bool TableWriter::is_plain_record() const {
  constexpr size_t kFewNames = 8;
  uint32_t names[kFewNames];
  if (pairs_.size() > 2 * kFewNames) return false;
  for (size_t i = 0; i < pairs_.size() / 2; ++i) {
    const Node& key = graph_.nodes[pairs_[2 * i]];
    if (key.kind() != Kind::string || graph_.nodes[pairs_[2 * i + 1]].kind() == Kind::nil) {
      return false;
    }
    names[i] = key.id();
    if ((graph_.strings[names[i]].bits & String::kUtf8) == 0) return false;
    for (size_t j = 0; j < i; ++j) {
      if (names[j] == names[i]) return false;
    }
  }
  return true;
}

void TableWriter::drop_nil_values(uint32_t object) {
  size_t kept = 0;
  for (size_t i = 0; i < pairs_.size(); i += 2) {
    const Node& value = graph_.nodes[pairs_[i + 1]];
    if (value.kind() == Kind::nil) {
      graph_.warn({ErrorCode::nil_value, value.offset(), object, pairs_[i], "a nil value",
                   "a value, since Lua tables hold no nil"});
      continue;
    }
    pairs_[kept] = pairs_[i];
    pairs_[kept + 1] = pairs_[i + 1];
    kept += 2;
  }
  pairs_.resize(kept);
}

// Lua's idea of equal keys: 0 is -0, 1 is not true, objects by identity, strings by bytes.
uint64_t TableWriter::key_word(uint32_t node) const {
  const Node& key = graph_.nodes[node];
  if (key.kind() == Kind::number && number_of(key) == 0) return 0;
  return key.payload;
}

// All objects are one class: their ids tell them apart.
Kind TableWriter::key_class(uint32_t node) const {
  const Kind kind = graph_.nodes[node].kind();
  return has_object(kind) ? Kind::object : kind;
}

bool TableWriter::same_key(uint32_t a, uint32_t b) const {
  return key_class(a) == key_class(b) && key_word(a) == key_word(b);
}

// Small tables compare each pair of keys; larger ones sort, since hashing could be attacked.
void TableWriter::merge_equal_keys(uint32_t object) {
  constexpr size_t kFewPairs = 16;
  const size_t count = pairs_.size() / 2;
  first_.resize(count);
  for (uint32_t i = 0; i < count; ++i) first_[i] = i;
  if (count <= kFewPairs) {
    for (uint32_t i = 1; i < count; ++i) {
      for (uint32_t j = 0; j < i; ++j) {
        if (!same_key(pairs_[2 * j], pairs_[2 * i])) continue;
        first_[i] = j;
        break;
      }
    }
  } else {
    find_first_by_sorting();
  }
  size_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t key = pairs_[2 * i];
    const uint32_t value = pairs_[2 * i + 1];
    if (first_[i] == i) {
      first_[i] = static_cast<uint32_t>(kept);  // from here on: where the pair stands now
      pairs_[2 * kept] = key;
      pairs_[2 * kept + 1] = value;
      ++kept;
    } else {
      pairs_[2 * first_[first_[i]] + 1] = value;
      graph_.warn({ErrorCode::duplicate_key, graph_.nodes[key].offset(), object, key,
                   "a key that the table has already", "each key once"});
    }
  }
  pairs_.resize(2 * kept);
}

void TableWriter::find_first_by_sorting() {
  const auto before = [&](uint32_t a, uint32_t b) {
    const uint32_t key_a = pairs_[2 * a];
    const uint32_t key_b = pairs_[2 * b];
    const auto rank_a = std::tuple(key_class(key_a), key_word(key_a), a);
    return rank_a < std::tuple(key_class(key_b), key_word(key_b), b);
  };
  std::vector<uint32_t> order(first_);
  // As a rule they are in order: strings get their ids where they are first met.
  if (!std::is_sorted(order.begin(), order.end(), before)) merge_sort(order, before);
  for (size_t i = 1; i < order.size(); ++i) {
    if (same_key(pairs_[2 * order[i - 1]], pairs_[2 * order[i]])) {
      first_[order[i]] = first_[order[i - 1]];
    }
  }
}

// Keys 1…n in any order; they are distinct by now, so being in range is enough.
bool TableWriter::is_permutation() const {
  const double count = static_cast<double>(pairs_.size() / 2);
  for (size_t i = 0; i < pairs_.size(); i += 2) {
    const Node& key = graph_.nodes[pairs_[i]];
    if (key.kind() != Kind::number) return false;
    const double number = number_of(key);
    if (!(number >= 1 && number <= count) || number != std::floor(number)) return false;
  }
  return true;
}

bool TableWriter::is_record() const {
  for (size_t i = 0; i < pairs_.size(); i += 2) {
    const Node& key = graph_.nodes[pairs_[i]];
    if (key.kind() != Kind::string) return false;
    if ((graph_.strings[key.id()].bits & String::kUtf8) == 0) return false;
  }
  return !pairs_.empty();
}

}  // namespace t7
