/** Small pictures of the tensors in sight, made one after the other while nothing else is asked for. */

import type { T7FileApi, T7Node, TensorHistogram } from "../../../wasm/js/base/api.js";
import { formatValue } from "../words/format.js";
import { Wanted } from "./wanted.js";

/** What a row shows of a tensor's values. */
export interface Spark {
  /** Height of each bar, 0 … 1; empty where words say it better. */
  bars: number[];
  /** `all 0`, `constant 1`, `all NaN`. */
  words: string;
  /** What else is among the values: `NaN`, `Inf` or nothing. */
  notFinite: "" | "NaN" | "Inf";
}

export const sparkBins = 16;
/** Reading more than this for a picture of 16 bars would keep the worker from what was asked for. */
const maxElements = 1 << 22;

export class Sparks extends Wanted<Spark> {
  constructor(
    private readonly api: T7FileApi,
    onArrival: () => void,
  ) {
    super(canHaveSpark, onArrival);
  }

  protected async make(node: T7Node, signal: AbortSignal): Promise<Spark> {
    const histogram = await this.api.histogram(node, { bins: sparkBins, signal });
    if (!isOneBin(histogram)) return sparkOf(histogram, null);
    const { min, max } = await this.api.stats(node, { signal });
    return sparkOf(histogram, min === max ? min : null);
  }
}

export function canHaveSpark(node: T7Node): boolean {
  const size = node.size ?? 0;
  if (node.kind !== "tensor" || node.error !== undefined || node.incomplete) return false;
  return size > 1 && size <= maxElements;
}

function isOneBin(histogram: TensorHistogram): boolean {
  return histogram.counts.reduce((used, count) => used + (count > 0 ? 1 : 0), 0) === 1;
}

/** `constant` is the one finite value, where there is only one. */
export function sparkOf(histogram: TensorHistogram, constant: number | bigint | null): Spark {
  const infinite = histogram.posInf + histogram.negInf;
  const notFinite = histogram.nan > 0 ? "NaN" : infinite > 0 ? "Inf" : "";
  const most = histogram.counts.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return { bars: [], words: notFiniteWords(histogram), notFinite };
  if (constant !== null) {
    const words = Number(constant) === 0 ? "all 0" : `constant ${formatValue(constant, 4)}`;
    return { bars: [], words, notFinite };
  }
  return { bars: Array.from(histogram.counts, (count) => count / most), words: "", notFinite };
}

function notFiniteWords({ nan, posInf, negInf }: TensorHistogram): string {
  if (posInf + negInf === 0) return "all NaN";
  if (nan + negInf === 0) return "all Inf";
  return nan + posInf === 0 ? "all −Inf" : "no finite value";
}

/** The bars as one SVG path in a box of `width` × `height`; what is not empty is at least one pixel. */
export function sparkPath(bars: number[], width: number, height: number): string {
  const step = width / bars.length;
  return bars
    .map((bar, i) => {
      if (bar === 0) return "";
      const tall = Math.max(1, Math.round(bar * height));
      return `M${round(i * step)} ${height}v${-tall}h${round(step - 1)}v${tall}z`;
    })
    .join("");
}

const round = (value: number) => Math.round(value * 100) / 100;
