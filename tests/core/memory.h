// How much memory a piece of work holds at most, where the sanitizers can tell.
#pragma once

#include <cstddef>

namespace t7 {

// False in a build without AddressSanitizer: then `peak` is 0 and proves nothing.
bool memory_is_counted();

// Counts what this thread allocates from here on, less what it frees.
class PeakMemory {
 public:
  PeakMemory();
  size_t peak() const;  // bytes
};

}  // namespace t7
