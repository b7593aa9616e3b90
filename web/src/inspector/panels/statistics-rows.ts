/** Statistics as rows of names and numbers, and as a sentence where one says it all. */

import type { TensorStats } from "../../../../wasm/js/base/api.js";
import { formatCount, formatShare, formatValue } from "../../words/format.js";

interface StatRow {
  name: string;
  text: string;
  exact?: string;
  share?: string;
  /** Worth noticing: values that are no numbers. */
  notFinite?: boolean;
}

/** What the numbers come to, where that is one sentence. */
export function statisticsWords(stats: TensorStats): string {
  const notFinite = stats.nan + stats.posInf + stats.negInf;
  if (stats.count === 0) return "An empty tensor: it has no elements.";
  if (stats.count === notFinite) return "No element is finite.";
  if (stats.min === stats.max && stats.count - notFinite > 1) {
    const which = notFinite === 0 ? "Every element" : "Every finite element";
    return `${which} is ${formatValue(stats.min)}.`;
  }
  return "";
}

export function statisticsRows(stats: TensorStats): StatRow[] {
  const counted = (name: string, count: number, notFinite: boolean): StatRow => ({
    name,
    text: formatCount(count),
    notFinite: notFinite && count > 0,
    ...(count > 0 ? { share: formatShare(count, stats.count) } : {}),
  });
  const measured = (name: string, value: number | bigint | null): StatRow => ({
    name,
    text: formatValue(value),
    ...(value === null ? {} : { exact: String(value) }),
  });
  return [
    { name: "count", text: formatCount(stats.count) },
    measured("min", stats.min),
    measured("max", stats.max),
    measured("mean", stats.mean),
    measured("std", stats.std),
    counted("zeros", stats.zeros, false),
    counted("NaN", stats.nan, true),
    counted("+Inf", stats.posInf, true),
    counted("−Inf", stats.negInf, true),
  ];
}
