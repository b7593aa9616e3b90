// What kind of table a list of pairs is, once it is complete.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace t7 {

// Puts the keys and values (node ids, alternating) of a finished table into the graph as the
// children of `object`, as Lua would hold them: pairs without a value are dropped, of equal keys
// the last value wins. Sets Object::kList and kRecord.
class TableWriter {
 public:
  explicit TableWriter(Graph& graph) : graph_(graph) {}
  // Fill this first.
  std::vector<uint32_t>& pairs() { return pairs_; }
  void write(uint32_t object);

 private:
  void normalize(uint32_t object);
  void drop_nil_values(uint32_t object);
  void merge_equal_keys(uint32_t object);
  void find_first_by_sorting();
  Kind key_class(uint32_t node) const;
  bool same_key(uint32_t a, uint32_t b) const;
  uint64_t key_word(uint32_t node) const;
  bool is_sequence() const;
  bool is_plain_record() const;
  bool is_permutation() const;
  bool is_record() const;

  Graph& graph_;
  std::vector<uint32_t> pairs_;
  std::vector<uint32_t> first_;  // for each pair: the first pair with an equal key
};

}  // namespace t7
