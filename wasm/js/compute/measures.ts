/**
 * What can be computed of a tensor, each as the passes over its tiles that it takes. Whoever has
 * the elements (`load` in memory, `open` in a source) walks the passes.
 */

import type {
  GridOptions,
  HistogramOptions,
  TensorGrid,
  TensorHistogram,
  TensorQuantiles,
  TensorStats,
  TensorSummary,
} from "../base/api.js";
import type { Dtype } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import {
  badOption,
  checkOptions,
  jobRules,
  type Rule,
  type Rules,
  wholeNumber,
} from "../base/options.js";
import { type KernelMemory, maxBins } from "./kernel-memory.js";

/** Elements from … to of a tensor in row-major order, given to `use` tile by tile. */
export interface Pass {
  from: number;
  to: number;
  use(address: number, count: number, first: number): void;
}

/** Yields passes; each has been walked when the generator goes on. */
export type Measure<T> = Generator<Pass, T, void>;

/** Elements that one call goes through at most. */
const maxWalk = 2 ** 36;

export const maxGridSide = 2048;
/** Times `maxGridSide` this is still exact. */
const maxMatrixSide = 2 ** 42;

const aRange: Rule = {
  expected: "two finite numbers, ascending",
  accepts: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    Number.isFinite(value[0]) &&
    Number.isFinite(value[1]) &&
    value[0] < value[1],
};

const histogramRules: Rules = { ...jobRules, bins: wholeNumber(1, maxBins), range: aRange };

/** Throws `bad_option` unless bins and range are what `histogram` takes. */
export function checkHistogram(options: HistogramOptions): void {
  checkOptions(options, histogramRules, "histogram");
}

/** Throws `bad_option` unless every `p` is from 0 to 1. */
export function checkQuantiles(ps: readonly number[]): void {
  if (!Array.isArray(ps)) throw badOption("ps", ps, "an array of numbers from 0 to 1");
  for (const p of ps) {
    if (typeof p !== "number" || !(p >= 0 && p <= 1))
      throw badOption("p", p, "a number from 0 to 1");
  }
}

/** Throws `too_large` for a tensor with more elements than anybody waits for: one number shown 2⁴⁰ times. */
export function checkWalk(shape: readonly number[]): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size <= maxWalk) return;
  throw new T7Error("too_large", `${shape.join("×")} elements cannot be gone through`, {
    found: `${size} elements`,
    expected: `at most ${maxWalk}`,
    hint: "Take a slice: the storage behind this tensor is smaller than its shape.",
  });
}

const gridRules: Rules = {
  ...jobRules,
  rows: wholeNumber(1, maxGridSide),
  columns: wholeNumber(1, maxGridSide),
  slice: { expected: "an array: one entry per dimension", accepts: Array.isArray },
};

/** Throws `bad_option` unless the options are what `grid` takes. */
export function checkGrid(options: GridOptions): void {
  checkOptions(options, gridRules, "grid");
}

/** The empty grid for a matrix; throws `bad_slice` if the shape is no matrix. */
export function makeGrid(shape: readonly number[], options: GridOptions): TensorGrid {
  const { rows = 256, columns = 256 } = options;
  if (shape.length > 2) {
    throw new T7Error("bad_slice", `a grid shows a matrix; this has shape ${shape.join("×")}`, {
      found: `${shape.length} dimensions`,
      expected: "one or two",
      hint: "Choose a slice: one index for each further dimension.",
    });
  }
  const matrix: [number, number] = shape.length === 1 ? [1, shape[0]] : [shape[0], shape[1]];
  if (Math.max(...matrix) > maxMatrixSide) {
    throw new T7Error("too_large", `a grid of ${matrix.join("×")} elements cannot be computed`, {
      found: matrix.join("×"),
      expected: `at most ${maxMatrixSide} rows and columns`,
    });
  }
  const empty = matrix[0] === 0 || matrix[1] === 0;
  const grid = {
    rows: empty ? 0 : Math.min(rows, matrix[0]),
    columns: empty ? 0 : Math.min(columns, matrix[1]),
    shape: matrix,
  };
  const cells = () => new Float64Array(grid.rows * grid.columns);
  return { ...grid, min: cells(), max: cells(), mean: cells(), notFinite: cells() };
}

export function* statsOf(kernel: KernelMemory, dtype: Dtype, size: number): Measure<TensorStats> {
  kernel.startStats();
  yield { from: 0, to: size, use: (at, count) => kernel.addStats(dtype, at, count) };
  return kernel.stats(dtype);
}

export function* histogramOf(
  kernel: KernelMemory,
  dtype: Dtype,
  size: number,
  { bins = 128, range }: HistogramOptions,
): Measure<TensorHistogram> {
  if (!range) yield* statsOf(kernel, dtype, size);
  kernel.startHistogram(bins, range ?? kernel.defaultRange());
  yield { from: 0, to: size, use: (at, count) => kernel.addHistogram(dtype, at, count) };
  return kernel.histogram(bins);
}

/** One pass; two where the values lie close together (`wasm/core/kernels/distribution.h`). */
function* distribute(kernel: KernelMemory, dtype: Dtype, size: number): Measure<void> {
  const pass: Pass = {
    from: 0,
    to: size,
    use: (at, count) => kernel.addDistribution(dtype, at, count),
  };
  kernel.startDistribution();
  do yield pass;
  while (kernel.finishDistribution());
}

export function* quantilesOf(
  kernel: KernelMemory,
  dtype: Dtype,
  size: number,
  ps: readonly number[],
): Measure<TensorQuantiles> {
  yield* distribute(kernel, dtype, size);
  const { count, nan, posInf, negInf } = kernel.distributionStats(dtype);
  const found = ps.map((p) => kernel.quantile(p));
  return {
    values: found.map(({ value }) => value),
    errors: found.map(({ error }) => error),
    count: count - nan - posInf - negInf,
  };
}

export const sparklineParts = 32;

export function* summaryOf(
  kernel: KernelMemory,
  dtype: Dtype,
  size: number,
): Measure<TensorSummary> {
  yield* distribute(kernel, dtype, size);
  const [p1, p25, p50, p75, p99] = [0.01, 0.25, 0.5, 0.75, 0.99].map((p) => kernel.quantile(p));
  const value = ({ value }: typeof p1) => value;
  return {
    ...kernel.distributionStats(dtype),
    quantiles: {
      p1: value(p1),
      p25: value(p25),
      p50: value(p50),
      p75: value(p75),
      p99: value(p99),
    },
    quantileError: Math.max(p1.error, p25.error, p50.error, p75.error, p99.error),
    sparkline: kernel.sparkline(sparklineParts),
  };
}

/** Fills a grid made by `makeGrid`, as many rows of cells at a time as the kernel has room for. */
export function* gridOf(kernel: KernelMemory, dtype: Dtype, grid: TensorGrid): Measure<TensorGrid> {
  const { rows, shape } = grid;
  // ⌈row · shape[0] / rows⌉, without the rounding of a division.
  const firstElement = (row: number) => {
    const product = row * shape[0];
    const rest = product % rows;
    return ((product - rest) / rows + (rest > 0 ? 1 : 0)) * shape[1];
  };
  for (let start = 0; start < rows; ) {
    const band = kernel.startGrid(grid, start);
    yield {
      from: firstElement(start),
      to: firstElement(start + band),
      use: (at, count, first) => kernel.addGrid(dtype, at, count, first),
    };
    kernel.readGrid(grid, start, band);
    start += band;
  }
  return grid;
}

/** The index of an element, from its place in row-major order. */
export function indexOf(element: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = element % shape[d];
    element = Math.floor(element / shape[d]);
  }
  return index;
}

/** Throws `not_comparable` unless two tensors have one dtype and shape. */
export function checkComparable(
  a: { dtype: Dtype; shape: readonly number[] },
  b: { dtype: Dtype; shape: readonly number[] },
): void {
  const text = ({ dtype, shape }: typeof a) => `${shape.join("×")} ${dtype}`;
  if (text(a) === text(b)) return;
  throw new T7Error("not_comparable", `${text(a)} and ${text(b)} are not of one kind`, {
    found: text(b),
    expected: text(a),
    hint: "Two tensors are compared if they have the same shape and element type.",
  });
}
