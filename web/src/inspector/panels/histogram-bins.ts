/** Which bins a histogram has, and how it is written out. Pure. */

import type { TensorHistogram, TensorSummary } from "../../../../wasm/js/base/api.js";
import { binsFor } from "../../plot/plot.js";

export interface Bins {
  bins: number;
  range: [number, number];
}

/** Whole numbers beyond are not told apart as doubles. */
const exact = 2 ** 52;

/**
 * Bins over the values, or over a part of them that was chosen (`range`), as many as are wanted (0: as the
 * elements deserve). Whole numbers lie in the middle of bins that are so many numbers wide. `null`
 * where there is nothing finite.
 */
export function binsOf(
  { min, max, count }: TensorSummary,
  isWhole: boolean,
  wanted: number,
  range: [number, number] | null,
): Bins | null {
  if (min === null || max === null) return null;
  const [low, high] = range ?? [Number(min), Number(max)];
  const most = wanted || (isWhole ? Math.max(binsFor(count), 64) : binsFor(count));
  if (isWhole && Math.abs(low) < exact && Math.abs(high) < exact) {
    const first = Math.ceil(low);
    const last = Math.max(first, Math.floor(high));
    // All bytes have a bin each, unless fewer are asked for.
    const bound = wanted === 0 && last - first < 256 ? 256 : most;
    const width = Math.ceil((last - first + 1) / bound);
    const bins = Math.ceil((last - first + 1) / width);
    return { bins, range: [first - 0.5, first - 0.5 + bins * width] };
  }
  if (low < high) return { bins: most, range: [low, high] };
  // As numpy has it for a constant.
  const half = Math.max(0.5, Math.abs(low) * 2 ** -50);
  return { bins: most, range: [low - half, low + half] };
}

/** `1,234` or `1e-3` as a person types it, between two others if such are given. */
export function rangeFrom(from: string, to: string): [number, number] | null {
  const [low, high] = [from, to].map((text) =>
    Number(text.replace(/−/g, "-").replace(/[,\s]/g, "")),
  );
  const fits = from.trim() !== "" && to.trim() !== "" && low !== undefined && high !== undefined;
  return fits && Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : null;
}

/** A line a bin, all digits: from, to, count. */
export function histogramText({ counts, edges, below, above }: TensorHistogram): string {
  const lines = Array.from(counts, (count, at) => [edges[at], edges[at + 1], count].join("\t"));
  const beside = below + above > 0 ? [`below\t\t${below}`, `above\t\t${above}`] : [];
  return ["from\tto\tcount", ...lines, ...beside].join("\n");
}
