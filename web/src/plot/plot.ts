/** What the histogram's plot draws and says. Pure. */

import type { TensorHistogram } from "../../../wasm/js/base/api.js";
import { formatCount, formatShare, formatValue } from "../words/format.js";

/** Values that fell into the bins. */
export function totalOf(histogram: TensorHistogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, 0);
}

/** Left edges and counts as uPlot wants them; the last edge closes the last bar. */
export function plotData(histogram: TensorHistogram, log: boolean): [number[], (number | null)[]] {
  const edges = Array.from(histogram.edges);
  // Nothing has no place on a logarithmic axis.
  const counts = Array.from(histogram.counts, (count) => (log && count === 0 ? null : count));
  return [edges, [...counts, null]];
}

/** The largest count; at least 1, so that an axis can be drawn. */
export function highest(histogram: TensorHistogram): number {
  return histogram.counts.reduce((most, count) => Math.max(most, count), 1);
}

/** The bin that holds a position of the value axis, or `null` beside the bars. */
export function binAt({ counts, edges }: TensorHistogram, value: number): number | null {
  const low = edges[0] as number;
  const high = edges[counts.length] as number;
  if (!(value >= low && value <= high)) return null;
  const guess = Math.floor(((value - low) / (high - low)) * counts.length);
  return Math.min(counts.length - 1, guess);
}

/** What hovering over a bar says: `−0.31 … −0.30: 1,204 values (1.2 %)`. */
export function binText(histogram: TensorHistogram, bin: number): string {
  const { counts, edges } = histogram;
  const low = edges[bin] as number;
  const high = edges[bin + 1] as number;
  const count = counts[bin] as number;
  const digits = edgeDigits(low, high);
  const closing = bin === counts.length - 1 ? "]" : ")";
  const span = `[${formatValue(low, digits)}, ${formatValue(high, digits)}${closing}`;
  const share = formatShare(count, totalOf(histogram));
  return `${span}  ${formatCount(count)} ${count === 1 ? "value" : "values"} (${share})`;
}

/** Digits that tell two neighbouring edges apart. */
export function edgeDigits(low: number, high: number): number {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const width = high - low;
  if (!(width > 0) || size === 0) return 4;
  return Math.max(3, Math.min(17, Math.ceil(Math.log10(size / width)) + 2));
}

/** Tick text of the value axis: short, with as many digits as the step needs. */
export function tickText(value: number, step: number): string {
  if (Math.abs(value) < step / 1e6) return "0";
  return formatValue(value, Math.min(12, edgeDigits(value - step, value) - 1));
}

/** Tick text of the count axis: `1,000`, `20 K`, `3 M`. */
export function countTick(count: number): string {
  if (count >= 1e9) return `${formatValue(count / 1e9, 3)} G`;
  if (count >= 1e6) return `${formatValue(count / 1e6, 3)} M`;
  if (count >= 1e4) return `${formatValue(count / 1e3, 3)} K`;
  return formatCount(count);
}

/** Numbers of bins to choose from. */
export const binChoices = [16, 32, 64, 128, 256, 512, 1024];

/** Few elements in many bins are a comb: about twice the root of their number, as a choice has it. */
export const binsFor = (size: number): number =>
  binChoices.find((count) => count >= 2 * Math.sqrt(size) || count === 128) ?? 128;
