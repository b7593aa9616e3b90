/** Parts of tensors: an index or a half-open range for each dimension. */

import type { TensorSlice } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { valueText } from "../base/options.js";
import type { Layout } from "./plan.js";

/** The view of a part; dimensions given by an index disappear. Throws `bad_slice`. */
export function sliceView<T extends Layout>(view: T, slice: TensorSlice): T {
  if (!Array.isArray(slice)) throw bad(valueText(slice), "an array: one entry per dimension");
  if (slice.length > view.shape.length) {
    throw bad(`${slice.length} entries`, `at most ${view.shape.length}: one per dimension`);
  }
  const shape: number[] = [];
  const strides: number[] = [];
  let { storageOffset } = view;
  for (const [d, length] of view.shape.entries()) {
    const entry = slice[d] === undefined ? [0, length] : slice[d];
    const [start, end] = boundsOf(entry);
    if (
      !Number.isInteger(start) ||
      !Number.isInteger(end) ||
      start < 0 ||
      end > length ||
      start > end
    ) {
      throw bad(
        `${Array.isArray(entry) ? `[${entry.map(valueText).join(", ")}]` : valueText(entry)} in dimension ${d}`,
        `within 0 … ${length}`,
      );
    }
    storageOffset += start * view.strides[d];
    if (typeof entry === "number") continue;
    shape.push(end - start);
    strides.push(view.strides[d]);
  }
  if (shape.length === 0) {
    shape.push(1);
    strides.push(1);
  }
  return { ...view, shape, strides, storageOffset };
}

/** First element and end of an entry; NaN where it is neither an index nor a range. */
function boundsOf(entry: unknown): [start: number, end: number] {
  if (typeof entry === "number") return [entry, entry + 1];
  if (Array.isArray(entry) && entry.length === 2) return [entry[0], entry[1]];
  return [Number.NaN, Number.NaN];
}

function bad(found: string, expected: string): T7Error {
  return new T7Error("bad_slice", `the slice has ${found}; expected ${expected}`, {
    found,
    expected,
    hint: "One entry per dimension, counted from 0: an index, or [start, end] with the end left out.",
  });
}
