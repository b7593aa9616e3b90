# wasm/js/index/t7.mjs and wasm/js/index/t7.wasm from the core and its bindings, next to the
# TypeScript that loads them. The flags work with Emscripten 3.1.6 and with current releases.
target_compile_options(t7core PRIVATE -msimd128)

# What runs once per file or per class, not per value or element, is compiled for size: it is what
# visitors of the page download.
set_source_files_properties(
  wasm/core/graph/classes.cpp wasm/core/read/detect.cpp wasm/core/kernels/difference.cpp wasm/core/base/error.cpp wasm/core/read/parser_bodies.cpp wasm/core/graph/body_layouts.cpp
  wasm/core/kernels/grid.cpp wasm/core/kernels/distribution.cpp wasm/bindings.cpp
  PROPERTIES COMPILE_OPTIONS -Os)

add_executable(t7 wasm/bindings.cpp)
target_link_libraries(t7 PRIVATE t7core)
target_compile_options(t7 PRIVATE -msimd128 -fno-exceptions)
set_target_properties(t7 PROPERTIES
  SUFFIX .mjs RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/wasm/js/index)

target_link_options(t7 PRIVATE
  # -O2 and not -O3: the latter renames the imports, and `load` must find emscripten_resize_heap.
  -O2
  -lembind
  # Newer releases export no view of the memory unless told; TypeScript makes its own from its buffer.
  -sEXPORTED_RUNTIME_METHODS=HEAPU8
  -fno-exceptions
  -sMODULARIZE=1
  -sEXPORT_ES6=1
  # Not `node`: that variant of the glue does not start in an ES module. `wasmBinary` is passed.
  -sENVIRONMENT=web,worker
  # No `new Function`: pages run it under a policy without `unsafe-eval`.
  -sDYNAMIC_EXECUTION=0
  -sFILESYSTEM=0
  # Memory starts small and grows by an eighth: an instance belongs to one file.
  -sINITIAL_MEMORY=2MB
  -sTOTAL_STACK=1MB
  -sALLOW_MEMORY_GROWTH=1
  -sMEMORY_GROWTH_GEOMETRIC_STEP=0.125
  -sMAXIMUM_MEMORY=4GB)
