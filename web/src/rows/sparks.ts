/** Small pictures of the tensors in sight, made one after the other while nothing else is asked for. */

import type { T7FileApi, T7Node, TensorSummary } from "../../../wasm/js/base/api.js";
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

/** Reading more than this for a picture would keep the worker from what was asked for. */
const maxElements = 1 << 26;

export class Sparks extends Wanted<Spark> {
  constructor(
    private readonly api: T7FileApi,
    onArrival: () => void,
  ) {
    super(canHaveSpark, onArrival);
  }

  protected async make(node: T7Node, signal: AbortSignal): Promise<Spark> {
    return sparkOf(await this.api.summary(node, { signal }));
  }
}

export function canHaveSpark(node: T7Node): boolean {
  const size = node.size ?? 0;
  if (node.kind !== "tensor" || node.error !== undefined || node.incomplete) return false;
  return size > 1 && size <= maxElements;
}

export function sparkOf(summary: TensorSummary): Spark {
  const { nan, posInf, negInf, min, max } = summary;
  const notFinite = nan > 0 ? "NaN" : posInf + negInf > 0 ? "Inf" : "";
  if (min === null) return { bars: [], words: notFiniteWords(summary), notFinite };
  if (min === max) {
    const words = Number(min) === 0 ? "all 0" : `constant ${formatValue(min, 4)}`;
    return { bars: [], words, notFinite };
  }
  // Pairs: a row has room for half as many.
  const counts = Array.from({ length: summary.sparkline.length / 2 }, (_, i) =>
    summary.sparkline.slice(2 * i, 2 * i + 2).reduce((a, b) => a + b),
  );
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  return { bars: counts.map((count) => count / most), words: "", notFinite };
}

function notFiniteWords({ nan, posInf, negInf }: TensorSummary): string {
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
