#include "kernels/grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace t7 {
namespace {

std::vector<Cell> naive(const std::vector<float>& x, const Grid& grid) {
  std::vector<Cell> cells(grid.cell_rows * grid.cell_columns, {HUGE_VAL, -HUGE_VAL, 0, 0, 0});
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t row = i / grid.columns * grid.cell_rows / grid.rows;
    const size_t column = i % grid.columns * grid.cell_columns / grid.columns;
    Cell& cell = cells[row * grid.cell_columns + column];
    ++cell.count;
    if (!std::isfinite(x[i])) continue;
    const auto value = static_cast<double>(x[i]);
    cell.min = std::min(cell.min, value);
    cell.max = std::max(cell.max, value);
    cell.sum += value;
    ++cell.finite;
  }
  return cells;
}

TEST(Grid, LikeThePlainLoopInPiecesOfAnySize) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    Grid grid = {1 + random() % 50, 1 + random() % 50, 0, 0, nullptr};
    grid.cell_rows = static_cast<uint32_t>(1 + random() % grid.rows);
    grid.cell_columns = static_cast<uint32_t>(1 + random() % grid.columns);
    std::vector<float> x(grid.rows * grid.columns);
    for (float& value : x) {
      value = random() % 10 == 0 ? NAN : static_cast<float>(random() % 1000) - 500;
    }
    std::vector<Cell> cells(grid.cell_rows * grid.cell_columns);
    grid.cells = cells.data();
    clear_grid(grid, grid.cell_rows);
    for (size_t i = 0; i < x.size();) {
      const size_t n = std::min<size_t>(1 + random() % 99, x.size() - i);
      reduce_to_grid(Dtype::float32, &x[i], i, n, grid);
      i += n;
    }
    const std::vector<Cell> expected = naive(x, grid);
    for (size_t i = 0; i < cells.size(); ++i) {
      EXPECT_EQ(cells[i].min, expected[i].min);
      EXPECT_EQ(cells[i].max, expected[i].max);
      EXPECT_EQ(cells[i].sum, expected[i].sum);
      EXPECT_EQ(cells[i].finite, expected[i].finite);
      EXPECT_EQ(cells[i].count, expected[i].count);
      EXPECT_GT(cells[i].count, 0);
    }
  }
}

TEST(Grid, BandsHaveTheCellsOfTheWhole) {
  std::vector<float> x(70 * 9);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101);
  std::vector<Cell> whole(10 * 4);
  const Grid grid = {70, 9, 10, 4, whole.data()};
  clear_grid(grid, 10);
  reduce_to_grid(Dtype::float32, x.data(), 0, x.size(), grid);
  Cell band[3 * 4];
  const Grid part = {70, 9, 10, 4, band, 5};
  clear_grid(part, 3);
  // Rows of cells 5, 6 and 7 are rows 35 … 55 of the matrix.
  reduce_to_grid(Dtype::float32, &x[35 * 9], 35 * 9, 21 * 9, part);
  for (size_t i = 0; i < 3 * 4; ++i) {
    EXPECT_EQ(band[i].sum, whole[5 * 4 + i].sum);
    EXPECT_EQ(band[i].max, whole[5 * 4 + i].max);
    EXPECT_EQ(band[i].count, whole[5 * 4 + i].count);
  }
}

template <typename T>
void check_one(Dtype dtype, T element, double expected) {
  Cell cell;
  const Grid grid = {1, 1, 1, 1, &cell};
  clear_grid(grid, 1);
  reduce_to_grid(dtype, &element, 0, 1, grid);
  EXPECT_EQ(cell.min, expected);
  EXPECT_EQ(cell.max, expected);
}

TEST(Grid, EveryType) {
  check_one<uint8_t>(Dtype::uint8, 200, 200);
  check_one<int8_t>(Dtype::int8, -100, -100);
  check_one<int16_t>(Dtype::int16, -30000, -30000);
  check_one<int32_t>(Dtype::int32, -2000000000, -2e9);
  check_one<int64_t>(Dtype::int64, int64_t{1} << 60, 0x1p60);
  check_one<float>(Dtype::float32, 1.5f, 1.5);
  check_one<double>(Dtype::float64, -1e300, -1e300);
  check_one<uint16_t>(Dtype::float16, 0xbc00, -1);
}

}  // namespace
}  // namespace t7
