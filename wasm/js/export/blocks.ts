/** The elements of a tensor in row-major order, a bounded part at a time. */

import type { T7Node, TensorSlice } from "../base/api.js";
import { dtypeBytes, type TypedArray } from "../base/dtype.js";
import type { ExportOptions, Subject } from "./export-types.js";
import { toHalves } from "./half-bits.js";

/** Bytes that are read at once. */
const BLOCK = 4 << 20;

/** The shape of what is written: a storage is one row. */
export const shapeOf = (node: T7Node): number[] => node.shape ?? [node.size ?? 0];

export const sizeOf = (node: T7Node): number =>
  shapeOf(node).reduce((size, length) => size * length, 1);

/**
 * Slices that cover a shape in row-major order, each of `most` elements or fewer: the first
 * dimensions by index, one by ranges, the rest whole.
 */
export function* blocksOf(shape: readonly number[], most: number): Generator<TensorSlice> {
  if (shape.includes(0)) return;
  let cut = shape.length - 1;
  let inner = 1;
  while (cut > 0 && inner * (shape[cut] as number) <= most) {
    inner *= shape[cut] as number;
    cut--;
  }
  const length = shape[cut] ?? 1;
  const step = Math.max(1, Math.floor(most / inner));
  const outer = shape.slice(0, cut).map(() => 0);
  for (;;) {
    for (let from = 0; from < length; from += step) {
      yield [...outer, [from, Math.min(length, from + step)]];
    }
    let d = cut - 1;
    while (d >= 0 && ++outer[d] === shape[d]) outer[d--] = 0;
    if (d < 0) return;
  }
}

/** Elements as they are computed with: float16 as float32. */
export async function* elementsOf(
  { file, node }: Subject,
  { signal }: ExportOptions,
): AsyncGenerator<TypedArray> {
  const most = BLOCK / dtypeBytes[node.dtype!];
  for (const slice of blocksOf(shapeOf(node), most)) yield await file.read(node, slice, { signal });
}

/** Elements as bytes, little-endian, float16 as two bytes each. */
export async function* elementBytes(
  subject: Subject,
  options: ExportOptions,
): AsyncGenerator<Uint8Array> {
  const isHalf = subject.node.dtype === "float16";
  for await (const elements of elementsOf(subject, options)) {
    const array = isHalf ? toHalves(elements as Float32Array) : elements;
    yield new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  }
}
