/**
 * Statistics and histograms of tensors, computed by the core tile by tile: 65,536 elements, counted
 * from the tensor's first one and combined in order, so that every way of reading a tensor gives
 * the same bits.
 */

import type { TensorHistogram, TensorStats } from "./api.js";
import { type Dtype, dtypeBytes, dtypes } from "./dtype.js";
import { T7Error } from "./errors.js";
import { Instance } from "./instance.js";

export const tileElements = 65536;
export const maxBins = 65536;

const summaryBytes = 128;
const viewBytes = (2 * 64 + 1) * 8;

/** Memory of an instance that the kernels work in; reserved at once, never grown. */
export class Kernel {
  readonly instance: Instance;
  /** Room for one tile of any dtype. */
  readonly tile: number;
  readonly #summary: number;
  readonly #histogram: number;
  readonly #edges: number;
  readonly #counts: number;
  readonly #view: number;

  constructor(instance: Instance) {
    this.instance = instance;
    const histogram = instance.run((core) => core.histogramBytes());
    const edges = (maxBins + 1) * 8;
    const total = tileElements * 8 + edges + maxBins * 8 + summaryBytes + histogram + viewBytes;
    this.tile = instance.allocate(total);
    this.#edges = this.tile + tileElements * 8;
    this.#counts = this.#edges + edges;
    this.#summary = this.#counts + maxBins * 8;
    this.#histogram = this.#summary + summaryBytes;
    this.#view = this.#histogram + histogram;
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
    const { buffer } = this.instance.memory;
    const words = new Float64Array(buffer, this.#summary, 11);
    const [count, finite, nan, posInf, negInf, zeros, min, max, mean] = words;
    const std = this.instance.run((core) => core.standardDeviation(this.#summary));
    const exact = new BigInt64Array(buffer, this.#summary + 88, 2);
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
    this.instance.run((core) =>
      core.startHistogram(this.#histogram, lo, hi, bins, this.#edges, this.#counts),
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
      counts: new Float64Array(buffer, this.#counts, bins).slice(),
      edges: new Float64Array(buffer, this.#edges, bins + 1).slice(),
      below: outside(0),
      above: outside(1),
      nan: outside(2),
      posInf: outside(3),
      negInf: outside(4),
    };
  }

  /** Copies elements first … first + count of a strided view over a resident storage to `out`. */
  gather(
    storage: number,
    dtype: Dtype,
    view: { storageOffset: number; shape: readonly number[]; strides: readonly number[] },
    first: number,
    count: number,
    out = this.tile,
  ): void {
    const { shape, strides, storageOffset } = view;
    const words = new BigInt64Array(this.instance.memory.buffer, this.#view, 1 + 2 * shape.length);
    words[0] = BigInt(storageOffset);
    for (let d = 0; d < shape.length; d++) {
      words[1 + d] = BigInt(shape[d]);
      words[1 + shape.length + d] = BigInt(strides[d]);
    }
    this.instance.run((core) =>
      core.gather(storage, dtypeBytes[dtype], shape.length, this.#view, first, count, out),
    );
  }
}

/** Throws `bad_option` unless bins and range are what `histogram` takes. */
export function checkHistogram(bins: number, range: readonly number[] | null): void {
  if (!Number.isInteger(bins) || bins < 1 || bins > maxBins) {
    throw new T7Error(
      "bad_option",
      `bins is ${bins}; expected a whole number from 1 to ${maxBins}`,
      {
        found: String(bins),
        expected: `1 … ${maxBins}`,
      },
    );
  }
  if (range === null) return;
  const [lower, upper] = range;
  if (Number.isFinite(lower) && Number.isFinite(upper) && lower < upper) return;
  throw new T7Error("bad_option", `range is [${range}]; expected two finite numbers, ascending`, {
    found: `[${range}]`,
    expected: "[lower, upper], lower < upper",
  });
}

let shared: Promise<Kernel> | undefined;

/** A kernel that belongs to no file, for elements in JavaScript's memory. */
export function sharedKernel(): Promise<Kernel> {
  shared ??= Instance.create().then((instance) => new Kernel(instance));
  return shared;
}
