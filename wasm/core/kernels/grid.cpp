#include "kernels/grid.h"

#include <algorithm>
#include <cmath>

#include "base/half.h"

namespace t7 {
namespace {

template <typename T>
void add_run(const T* x, size_t count, Cell& total) {
  Cell cell = total;  // in registers
  for (size_t i = 0; i < count; ++i) {
    const double value = to_double(x[i]);
    if (!std::isfinite(value)) continue;
    cell.min = value < cell.min ? value : cell.min;
    cell.max = value > cell.max ? value : cell.max;
    cell.sum += value;
    ++cell.finite;
  }
  cell.count += static_cast<double>(count);
  total = cell;
}

// The first index that belongs to a cell: ⌈cell · size / cells⌉.
uint64_t cell_start(uint64_t cell, uint64_t size, uint64_t cells) {
  return (cell * size + cells - 1) / cells;
}

template <typename T>
void add_elements(const T* x, uint64_t first, size_t count, const Grid& grid) {
  uint64_t row = first / grid.columns;
  uint64_t column = first % grid.columns;
  while (count > 0) {
    const uint64_t cell_row = row * grid.cell_rows / grid.rows - grid.band_start;
    Cell* cells = grid.cells + cell_row * grid.cell_columns;
    uint64_t cell = column * grid.cell_columns / grid.columns;
    while (count > 0 && column < grid.columns) {
      const uint64_t end = cell_start(cell + 1, grid.columns, grid.cell_columns);
      const auto run = static_cast<size_t>(std::min<uint64_t>(end - column, count));
      add_run(x, run, cells[cell]);
      x += run;
      count -= run;
      column += run;
      ++cell;
    }
    column = 0;
    ++row;
  }
}

}  // namespace

void clear_grid(const Grid& grid, uint32_t band_rows) {
  const size_t cells = static_cast<size_t>(band_rows) * grid.cell_columns;
  for (size_t i = 0; i < cells; ++i) grid.cells[i] = {HUGE_VAL, -HUGE_VAL, 0, 0, 0};
}

void reduce_to_grid(Dtype dtype, const void* elements, uint64_t first, size_t count,
                    const Grid& grid) {
  const auto add = [&](auto* x) { add_elements(x, first, count, grid); };
  switch (dtype) {
    case Dtype::uint8: return add(static_cast<const uint8_t*>(elements));
    case Dtype::int8: return add(static_cast<const int8_t*>(elements));
    case Dtype::int16: return add(static_cast<const int16_t*>(elements));
    case Dtype::int32: return add(static_cast<const int32_t*>(elements));
    case Dtype::int64: return add(static_cast<const int64_t*>(elements));
    case Dtype::float32: return add(static_cast<const float*>(elements));
    case Dtype::float64: return add(static_cast<const double*>(elements));
    case Dtype::float16: return add(static_cast<const Half*>(elements));
  }
}

}  // namespace t7
