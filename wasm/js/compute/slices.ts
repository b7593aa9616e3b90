/** Parts of tensors: an index or a half-open range for each dimension. */

import type { TensorSlice } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import type { Layout } from "./plan.js";

/** The view of a part; dimensions given by an index disappear. Throws `bad_slice`. */
export function sliceView<T extends Layout>(view: T, slice: TensorSlice): T {
  if (slice.length > view.shape.length) {
    throw bad(`${slice.length} entries`, `at most ${view.shape.length}: one per dimension`);
  }
  const shape: number[] = [];
  const strides: number[] = [];
  let { storageOffset } = view;
  for (const [d, length] of view.shape.entries()) {
    const entry = slice[d] ?? [0, length];
    const [start, end] = typeof entry === "number" ? [entry, entry + 1] : entry;
    if (
      !Number.isInteger(start) ||
      !Number.isInteger(end) ||
      start < 0 ||
      end > length ||
      start > end
    ) {
      throw bad(`${JSON.stringify(entry)} in dimension ${d}`, `within 0 … ${length}`);
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

function bad(found: string, expected: string): T7Error {
  return new T7Error("bad_slice", `the slice has ${found}; expected ${expected}`, {
    found,
    expected,
    hint: "One entry per dimension, counted from 0: an index, or [start, end] with the end left out.",
  });
}
