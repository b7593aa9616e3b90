// A matrix reduced to a grid of cells, for heat maps of any size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace t7 {

// One cell. `min` and `max` speak of the finite elements and mean nothing while `finite` is 0;
// mean is sum / finite. `count` is all elements, NaN and infinite ones too.
struct Cell {
  double min;
  double max;
  double sum;
  double finite;
  double count;
};

// A matrix of rows × columns (row-major, all ≥ 1) over a grid of cell_rows × cell_columns, each at
// most as large. Element (r, c) belongs to cell (r · cell_rows / rows, c · cell_columns / columns),
// rounded down. The cells are memory of the caller, row-major; a grid larger than that memory is
// computed in bands of rows of cells.
struct Grid {
  uint64_t rows;
  uint64_t columns;
  uint32_t cell_rows;
  uint32_t cell_columns;
  Cell* cells;
  uint32_t band_start = 0;  // the row of cells that `cells` begins with
};

// Empties the cells of a band of `band_rows` rows of cells.
void clear_grid(const Grid& grid, uint32_t band_rows);

// Adds elements first … first + count − 1 of the matrix in row-major order (native byte order; all
// inside the matrix and inside the band). rows · cell_rows and columns · cell_columns must fit 64
// bits.
void reduce_to_grid(Dtype dtype, const void* elements, uint64_t first, size_t count,
                    const Grid& grid);

}  // namespace t7
