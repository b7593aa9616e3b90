/** A tensor as NumPy saves an array: `.npy` format 1.0, C order, little-endian. */

import type { T7Node } from "../base/api.js";
import { type Dtype, dtypeBytes } from "../base/dtype.js";
import { elementBytes, shapeOf, sizeOf } from "./blocks.js";
import { type Export, type ExportOptions, notExportable, type Subject } from "./export-types.js";

const descriptions: Record<Dtype, string> = {
  uint8: "|u1",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
};

/** Magic, version, length and a Python dictionary, padded so that the elements begin at a multiple of 64. */
function header(node: T7Node): Uint8Array {
  const shape = shapeOf(node);
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descriptions[node.dtype!]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new TextEncoder().encode(`\0NUMPY\x01\0\0\0${text.padEnd(length - 1)}\n`);
  bytes[0] = 0x93;
  new DataView(bytes.buffer).setUint16(8, length, true);
  return bytes;
}

async function* chunks(subject: Subject, options: ExportOptions): AsyncGenerator<Uint8Array> {
  yield header(subject.node);
  yield* elementBytes(subject, options);
}

export const isArray = ({ kind, error }: T7Node): boolean =>
  (kind === "tensor" || kind === "storage") && !error;

/** Throws `not_exportable` for what is no tensor and no storage. */
export function npy(subject: Subject, options: ExportOptions): Export {
  const { node } = subject;
  if (!isArray(node)) throw notExportable(subject, "npy", "a tensor or a storage");
  return {
    extension: "npy",
    mime: "application/octet-stream",
    byteLength: header(node).length + sizeOf(node) * dtypeBytes[node.dtype!],
    chunks: chunks(subject, options),
  };
}
