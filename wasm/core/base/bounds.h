// Bounds that keep a hostile file from costing more than it weighs, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace t7 {

// Class names and versions are read before they can be judged; real ones are under 60 bytes.
inline constexpr size_t kMaxClassName = 1024;

// A string value longer than this stays in the file and is only located. Keys are always read.
inline constexpr size_t kMaxInlineString = 4096;

// Torch has no limit; nobody writes more than a handful. Bounds the size of one tensor header.
inline constexpr int32_t kMaxDimensions = 64;

// Node and object ids are 32 bits wide and the last values are reserved.
inline constexpr uint32_t kMaxNodes = 0xfffffff0u;

// Classes of one file, counting versions. Real files have under 100; ids have 24 bits.
inline constexpr size_t kMaxClasses = size_t{1} << 16;

// The shortest function dump of any Lua: header plus an empty prototype.
inline constexpr int32_t kMinDump = 12;

// Top-level nils at the start of a file. Nobody saves more than one; a file of zeros has millions.
inline constexpr size_t kMaxLeadingNils = 8;

// Warnings of one file that are kept; a hostile file could make one per value.
inline constexpr size_t kMaxWarnings = 100;

// Elements between two entries of the sparse index of an ASCII storage; also the tile of the
// kernels, so that a tile starts at an entry.
inline constexpr uint64_t kTextIndexStep = 65536;

}  // namespace t7
