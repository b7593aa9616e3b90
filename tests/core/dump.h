// A graph as one line of text, for assertions:
//   {1: 3.5, weight: #2 torch.FloatTensor[2x3]<torch.FloatStorage[6]>, again: #2}
#pragma once

#include <string>

#include "graph/graph.h"

namespace t7 {

// Values, not places: the same content in another dialect gives the same line. Shared objects
// carry `#id`, an id being the object's number in file order; `!` marks an object that is
// incomplete, `?` one whose layout was guessed, `~` one that an issue says is unusable.
// With `offsets` every value follows its file offset and `@`, and every payload says where it is.
std::string dump(const Graph& graph, bool offsets = false);

// "duplicate_key@40 index_gap@52": the codes of issues and warnings, and where.
std::string dump_issues(const std::vector<Issue>& issues);

}  // namespace t7
