#include "memory.h"

#include <algorithm>

#if defined(__SANITIZE_ADDRESS__)
#define T7_COUNTS_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define T7_COUNTS_MEMORY 1
#endif
#endif

#ifdef T7_COUNTS_MEMORY
#include <sanitizer/allocator_interface.h>
#endif

#ifdef T7_COUNTS_MEMORY
// A million readings, each with its first chunks, would walk through 256 MiB of freed memory.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=4:malloc_context_size=4";
}
#endif

namespace t7 {

namespace {

thread_local ptrdiff_t held = 0;
thread_local ptrdiff_t highest = 0;

#ifdef T7_COUNTS_MEMORY
void on_malloc(const volatile void*, size_t size) {
  held += static_cast<ptrdiff_t>(size);
  highest = std::max(highest, held);
}
void on_free(const volatile void* p) {
  if (p != nullptr) held -= static_cast<ptrdiff_t>(__sanitizer_get_allocated_size(p));
}
const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
#else
const int installed = 0;
#endif

}  // namespace

bool memory_is_counted() { return installed != 0; }

PeakMemory::PeakMemory() { held = highest = 0; }

size_t PeakMemory::peak() const { return static_cast<size_t>(highest); }

}  // namespace t7
