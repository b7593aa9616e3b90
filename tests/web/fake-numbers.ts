/** The numbers of the made-up file, their statistics and histograms: the plain way. */

import type { TensorHistogram, TensorStats, TensorSummary } from "../../wasm/js/base/api.js";

/** The same numbers every time. */
export function normal(count: number, scale: number, seed: number): Float32Array {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state + 0.5) / 2147483648;
  };
  return Float32Array.from({ length: count }, () => {
    return scale * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
  });
}

/** With NaN and infinities between ordinary values. */
export function spoiled(): Float32Array {
  const data = normal(5000, 2, 77);
  data.fill(Number.NaN, 10, 25);
  data[30] = Number.POSITIVE_INFINITY;
  data[31] = Number.NEGATIVE_INFINITY;
  return data;
}

export function statsOf(data: Float32Array): TensorStats {
  const finite = Array.from(data.filter((x) => Number.isFinite(x)));
  const count = (test: (x: number) => boolean) => data.filter(test).length;
  const mean = finite.reduce((a, b) => a + b, 0) / finite.length;
  const squares = finite.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    count: data.length,
    nan: count(Number.isNaN),
    posInf: count((x) => x === Number.POSITIVE_INFINITY),
    negInf: count((x) => x === Number.NEGATIVE_INFINITY),
    zeros: count((x) => x === 0),
    min: finite.length === 0 ? null : finite.reduce((a, b) => Math.min(a, b)),
    max: finite.length === 0 ? null : finite.reduce((a, b) => Math.max(a, b)),
    mean: finite.length === 0 ? null : mean,
    std: finite.length < 2 ? null : Math.sqrt(squares / (finite.length - 1)),
  };
}

export function summaryOf(data: Float32Array): TensorSummary {
  const finite = Array.from(data.filter((x) => Number.isFinite(x))).sort((a, b) => a - b);
  const at = (p: number) => finite[Math.round(p * (finite.length - 1))] ?? null;
  return {
    ...statsOf(data),
    denormals: 0,
    quantiles: { p1: at(0.01), p25: at(0.25), p50: at(0.5), p75: at(0.75), p99: at(0.99) },
    quantileError: 0,
    sparkline: finite.length === 0 ? Array(32).fill(0) : Array.from(histogramOf(data, 32).counts),
  };
}

export function histogramOf(
  data: Float32Array,
  bins: number,
  range?: [number, number],
): TensorHistogram {
  const { nan, posInf, negInf, min, max } = statsOf(data);
  let [low, high] = [Number(min ?? 0), Number(max ?? 1)];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  if (range) [low, high] = range;
  let [below, above] = [0, 0];
  const counts = new Float64Array(bins);
  for (const x of data) {
    if (!Number.isFinite(x)) continue;
    if (x < low) below += 1;
    if (x > high) above += 1;
    if (x < low || x > high) continue;
    const bin = Math.min(bins - 1, Math.floor(((x - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
  return { counts, edges, below, above, nan, posInf, negInf };
}
