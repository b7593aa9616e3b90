/** Readers of what is typed behind an option. */

import type { TensorSlice } from "../../base/api.js";
import { UsageError } from "./exit.js";

/** A whole number from 0. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${text} is no whole number`);
  return Number(text);
}

/** `1:3,:,5`: a half-open range or an index per dimension, counted from 0 as in NumPy. */
export function slice(text: string): Array<number | [number | null, number | null]> {
  return text.split(",").map((part) => {
    const match = /^\s*(-?\d{0,15})\s*(?:(:)\s*(-?\d{0,15})\s*)?$/.exec(part);
    if (!match || (match[2] === undefined && !match[1])) {
      throw new UsageError(
        `${text} is no slice`,
        "One index or range a dimension, as in 0,2:5,: .",
      );
    }
    const bound = (digits: string | undefined) => (digits ? Number(digits) : null);
    return match[2] === undefined ? Number(match[1]) : [bound(match[1]), bound(match[3])];
  });
}

/** The slice of a tensor of this shape: open ends filled in, negative ones counted from the end. */
export function sliceOf(
  parts: Array<number | [number | null, number | null]>,
  shape: readonly number[],
): TensorSlice {
  if (parts.length > shape.length) {
    throw new UsageError(
      `the slice has ${parts.length} dimensions, the tensor ${shape.length}`,
      `Its shape is ${shape.join("×")}.`,
    );
  }
  return shape.map((size, at) => {
    const part = parts[at] ?? [null, null];
    const from = (index: number) => (index < 0 ? index + size : index);
    if (typeof part === "number") return from(part);
    return [from(part[0] ?? 0), from(part[1] ?? size)];
  });
}
