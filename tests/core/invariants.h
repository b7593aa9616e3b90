// What holds for every graph, whatever the file: JavaScript walks the index without checking.
#pragma once

#include <string>

#include "read/detect.h"

namespace t7 {

// The first thing about a finished reading that must not be, or "".
std::string broken_invariant(const Detect& detect, State state, uint64_t file_size);

}  // namespace t7
