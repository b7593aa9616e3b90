/**
 * The kernels of the core over memory of one instance: what each needs is reserved at once, so the
 * memory never grows for them. Everything goes tile by tile: 65,536 elements, counted from the
 * tensor's first one and combined in order, so that every way of reading a tensor gives the same
 * bits.
 */

import type { TensorDifference, TensorGrid, TensorHistogram, TensorStats } from "../base/api.js";
import { type Dtype, dtypeBytes, dtypes } from "../base/dtype.js";
import { Instance } from "../index/instance.js";
import { flatten, type Layout, type Step } from "./plan.js";

export const tileElements = 65536;
/** Cells that are computed at once; a finer grid is computed in bands. */
export const bandCells = 32768;

const tileBytes = tileElements * 8;
const cellWords = 5;
const smallBytes = 128;
// No more than 62 dimensions of a flat view do anything: their product fits 63 bits.
const viewBytes = 3 * 64 * 8;

/** Bins of a histogram at the most: their memory is set aside beforehand. */
export const maxBins = 65536;

/** Memory of an instance that the kernels work in, one use after the other. */
export class KernelMemory {
  readonly instance: Instance;
  /** Room for one tile of any dtype. */
  readonly tile: number;
  readonly #summary: number;
  /** The state of a difference or a grid. */
  readonly #state: number;
  readonly #view: number;
  readonly #histogram: number;
  /** Edges and counts, a distribution, cells or a second tile: whoever works. */
  readonly #scratch: number;

  constructor(instance: Instance) {
    this.instance = instance;
    const { histogram, distribution } = instance.run((core) => ({
      histogram: core.histogramBytes(),
      distribution: core.distributionBytes(),
    }));
    const scratch = Math.max(
      (2 * maxBins + 1) * 8,
      bandCells * cellWords * 8,
      distribution,
      tileBytes,
    );
    this.tile = instance.allocate(tileBytes + 2 * smallBytes + viewBytes + histogram + scratch);
    this.#summary = this.tile + tileBytes;
    this.#state = this.#summary + smallBytes;
    this.#view = this.#state + smallBytes;
    this.#scratch = this.#view + viewBytes;
    this.#histogram = this.#scratch + scratch;
  }

  /** Gives the memory back; the kernel must not be used any more. */
  release(): void {
    this.instance.run((core) => core.release(this.tile));
  }

  /** Room for a second tile, while no histogram, distribution or grid is computed. */
  get otherTile(): number {
    return this.#scratch;
  }

  startStats(): void {
    this.instance.run((core) => core.startSummary(this.#summary));
  }

  /** Adds a tile at an address. */
  addStats(dtype: Dtype, address: number, count: number): void {
    this.instance.run((core) =>
      core.summarize(dtypes.indexOf(dtype), address, count, this.#summary),
    );
  }

  stats(dtype: Dtype): TensorStats {
    return this.#stats(dtype, this.#summary);
  }

  #stats(dtype: Dtype, summary: number): TensorStats {
    const { buffer } = this.instance.memory;
    const words = new Float64Array(buffer, summary, 11);
    const [count, finite, nan, posInf, negInf, zeros, min, max, mean] = words;
    const std = this.instance.run((core) => core.standardDeviation(summary));
    const exact = new BigInt64Array(buffer, summary + 88, 2);
    const whole = dtype === "int64";
    return {
      count,
      nan,
      posInf,
      negInf,
      zeros,
      min: finite === 0 ? null : whole ? exact[0] : min,
      max: finite === 0 ? null : whole ? exact[1] : max,
      mean: finite === 0 ? null : mean,
      std: Number.isNaN(std) ? null : std,
    };
  }

  /** Range that a histogram takes when none is given, after the statistics of all elements. */
  defaultRange(): [number, number] {
    return this.instance.run((core) => [
      core.defaultLo(this.#summary),
      core.defaultHi(this.#summary),
    ]);
  }

  startHistogram(bins: number, [lo, hi]: [number, number]): void {
    const counts = this.#scratch + (maxBins + 1) * 8;
    this.instance.run((core) =>
      core.startHistogram(this.#histogram, lo, hi, bins, this.#scratch, counts),
    );
  }

  addHistogram(dtype: Dtype, address: number, count: number): void {
    this.instance.run((core) =>
      core.addToHistogram(dtypes.indexOf(dtype), address, count, this.#histogram),
    );
  }

  histogram(bins: number): TensorHistogram {
    const { buffer } = this.instance.memory;
    const outside = (which: number) =>
      this.instance.run((core) => core.outsideHistogram(this.#histogram, which));
    return {
      counts: new Float64Array(buffer, this.#scratch + (maxBins + 1) * 8, bins).slice(),
      edges: new Float64Array(buffer, this.#scratch, bins + 1).slice(),
      below: outside(0),
      above: outside(1),
      nan: outside(2),
      posInf: outside(3),
      negInf: outside(4),
    };
  }

  startDistribution(): void {
    this.instance.run((core) => core.startDistribution(this.#scratch));
  }

  addDistribution(dtype: Dtype, address: number, count: number): void {
    this.instance.run((core) =>
      core.addToDistribution(dtypes.indexOf(dtype), address, count, this.#scratch),
    );
  }

  /** To call before any question; true if the same elements are wanted once more. */
  finishDistribution(): boolean {
    return this.instance.run((core) => core.finishDistribution(this.#scratch));
  }

  /** Statistics of what is distributed. */
  distributionStats(dtype: Dtype): TensorStats & { denormals: number } {
    const denormals = this.instance.run((core) => core.denormals(this.#scratch));
    return { ...this.#stats(dtype, this.#scratch), denormals };
  }

  /** A value, and how far it may be off; `null` if nothing is finite. */
  quantile(p: number): { value: number | null; error: number } {
    this.instance.run((core) => core.quantile(this.#scratch, p, this.#view));
    const [value, error] = new Float64Array(this.instance.memory.buffer, this.#view, 2);
    return { value: Number.isNaN(value) ? null : value, error };
  }

  /** Finite elements in `parts` equal parts of their range, at most 64. */
  sparkline(parts: number): number[] {
    this.instance.run((core) => core.sparkline(this.#scratch, this.#view, parts));
    return Array.from(new Float64Array(this.instance.memory.buffer, this.#view, parts));
  }

  startDifference(): void {
    this.instance.run((core) => core.startDifference(this.#state));
  }

  addDifference(dtype: Dtype, a: number, b: number, count: number): void {
    this.instance.run((core) =>
      core.addToDifference(dtypes.indexOf(dtype), a, b, count, this.#state),
    );
  }

  /** The result so far; `at` counts elements, −1 for none. */
  difference(): Omit<TensorDifference, "at"> & { at: number } {
    const words = new Float64Array(this.instance.memory.buffer, this.#state, 6);
    const [count, different, incomparable, maxAbsolute, maxRelative, at] = words;
    return { count, different, incomparable, maxAbsolute, maxRelative, at };
  }

  /** Rows of cells from `start` on, as many as `bandCells` allows or the grid has. */
  startGrid({ rows, columns, shape }: Omit<TensorGrid, CellArrays>, start: number): number {
    const band = Math.min(rows - start, Math.floor(bandCells / columns));
    this.instance.run((core) =>
      core.startGrid(this.#state, shape[0], shape[1], rows, columns, this.#scratch, start, band),
    );
    return band;
  }

  addGrid(dtype: Dtype, address: number, count: number, first: number): void {
    this.instance.run((core) =>
      core.addToGrid(dtypes.indexOf(dtype), address, first, count, this.#state),
    );
  }

  /** Writes the cells of a band behind the rows before it. */
  readGrid(grid: TensorGrid, start: number, band: number): void {
    const count = band * grid.columns;
    const words = new Float64Array(this.instance.memory.buffer, this.#scratch, count * cellWords);
    for (let i = 0, cell = start * grid.columns; i < words.length; i += cellWords, cell++) {
      const finite = words[i + 3];
      grid.min[cell] = finite === 0 ? Number.NaN : words[i];
      grid.max[cell] = finite === 0 ? Number.NaN : words[i + 1];
      grid.mean[cell] = finite === 0 ? Number.NaN : words[i + 2] / finite;
      grid.notFinite[cell] = words[i + 4] - finite;
    }
  }

  /** Copies elements first … first + count of a strided view over a resident storage to `out`. */
  gather(
    storage: number,
    dtype: Dtype,
    view: Layout,
    first: number,
    count: number,
    out = this.tile,
  ): void {
    const { shape, strides, storageOffset } = flatten(view);
    this.#writeView([storageOffset, ...shape, ...strides]);
    this.instance.run((core) =>
      core.gather(storage, dtypeBytes[dtype], shape.length, this.#view, first, count, out),
    );
  }

  /** Moves what a step has read to `runs` into the box at `box`. */
  place(step: Step, dtype: Dtype, runs: number, box: number): void {
    const width = dtypeBytes[dtype];
    this.#writeView([...step.shape, ...step.from, ...step.to]);
    const to = box + step.toStart * width;
    this.instance.run((core) => core.copyBox(width, step.shape.length, this.#view, runs, to));
  }

  #writeView(numbers: readonly number[]): void {
    const words = new BigInt64Array(this.instance.memory.buffer, this.#view, numbers.length);
    for (let i = 0; i < numbers.length; i++) words[i] = BigInt(numbers[i]);
  }
}

type CellArrays = "min" | "max" | "mean" | "notFinite";

let shared: Promise<KernelMemory> | undefined;

/** A kernel that belongs to no file, for elements in JavaScript's memory. */
export function sharedKernelMemory(): Promise<KernelMemory> {
  shared ??= makeShared();
  return shared.then((kernel) => {
    if (!kernel.instance.dead) return kernel;
    // It ended in want of memory; what comes now has one of its own.
    shared = makeShared();
    return shared;
  });
}

/** A failure is not remembered: memory that is short once may be there the next time. */
function makeShared(): Promise<KernelMemory> {
  const made = Instance.create().then((instance) => new KernelMemory(instance));
  made.catch(() => {
    shared = undefined;
  });
  return made;
}
