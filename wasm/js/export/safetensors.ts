/** All tensors below a node as a `.safetensors` file: a JSON header, then the elements without holes. */

import { type Dtype, dtypeBytes, type TypedArray } from "../base/dtype.js";
import { type Alias, sharingOf } from "./aliases.js";
import { elementBytes, shapeOf, sizeOf } from "./blocks.js";
import type { Export, ExportOptions, Subject } from "./export-types.js";
import { type NamedTensor, tensorsBelow } from "./tensors.js";

const names: Record<Dtype, string> = {
  uint8: "U8",
  int8: "I8",
  int16: "I16",
  int32: "I32",
  int64: "I64",
  float16: "F16",
  float32: "F32",
  float64: "F64",
};

/** A tensor to be written, in a shape of as many elements or with other values if it says so. */
export interface TensorToWrite extends NamedTensor {
  shape?: number[];
  values?: TypedArray;
}

const widthOf = ({ node }: NamedTensor) => dtypeBytes[node.dtype!];
const bytesOf = (tensor: NamedTensor) => sizeOf(tensor.node) * widthOf(tensor);

/** Wide elements first, so that all are aligned; then by name. */
const inOrder = (a: NamedTensor, b: NamedTensor) =>
  widthOf(b) - widthOf(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The length as eight bytes, and the JSON, padded with spaces to a multiple of eight. */
function header(tensors: TensorToWrite[], aliases: ReadonlyMap<string, Alias>): Uint8Array {
  let offset = 0;
  const entries: Array<[string, object]> = tensors.map((tensor) => {
    const end = offset + bytesOf(tensor);
    const { node, name, shape = shapeOf(node) } = tensor;
    const entry = { dtype: names[node.dtype!], shape, data_offsets: [offset, end] };
    offset = end;
    return [name, entry];
  });
  const metadata = aliases.size > 0 ? { aliases: JSON.stringify(Object.fromEntries(aliases)) } : {};
  // Not `fromEntries` alone: it would sort names that are numbers.
  const all: Array<[string, object]> =
    aliases.size > 0 ? [["__metadata__", metadata], ...entries] : entries;
  const fields = all.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const text = new TextEncoder().encode(`{${fields.join(",")}}`);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

async function* chunksOf(head: Uint8Array, tensors: TensorToWrite[], options: ExportOptions) {
  yield head;
  for (const tensor of tensors) {
    const { values } = tensor;
    if (values) yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    else yield* elementBytes(tensor, options);
  }
}

/** Tensors under the names that they have, which are unique. */
export function writeTensors(
  tensors: TensorToWrite[],
  aliases: ReadonlyMap<string, Alias>,
  options: ExportOptions,
): Export {
  tensors.sort(inOrder);
  const head = header(tensors, aliases);
  return {
    extension: "safetensors",
    mime: "application/octet-stream",
    byteLength: tensors.reduce((sum, tensor) => sum + bytesOf(tensor), head.length),
    chunks: chunksOf(head, tensors, options),
  };
}

export async function safetensors(subject: Subject, options: ExportOptions): Promise<Export> {
  const tensors = await tensorsBelow(subject, options, "safetensors", true);
  const { written, aliases } = options.copies
    ? { written: tensors, aliases: new Map<string, Alias>() }
    : sharingOf(tensors);
  return writeTensors(written, aliases, options);
}
