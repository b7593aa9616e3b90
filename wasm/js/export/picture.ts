/** Bytes that are a picture file already: a JPEG, PNG, GIF, WebP or BMP in a string, a byte tensor or a storage. */

import type { TypedArray } from "../base/dtype.js";
import { sizeOf } from "./blocks.js";
import { type Export, type ExportOptions, notExportable, type Subject } from "./export-types.js";

/** What such files begin with. */
const kinds: Array<[extension: string, mime: string, start: RegExp]> = [
  ["jpg", "image/jpeg", /^\xff\xd8\xff/],
  ["png", "image/png", /^\x89PNG\r\n/],
  ["gif", "image/gif", /^GIF8[79]a/],
  ["webp", "image/webp", /^RIFF[\s\S]{4}WEBP/],
  ["bmp", "image/bmp", /^BM[\s\S]{4}\0\0\0\0/],
];

const step = 1 << 22;

const bytesOf = (elements: TypedArray) =>
  new Uint8Array(elements.buffer as ArrayBuffer, elements.byteOffset, elements.byteLength);

/** Runs of the value's bytes; `null` where it is nothing of the kind. */
async function runs(
  { file, node }: Subject,
  { signal }: ExportOptions,
): Promise<{ byteLength: number; part: (from: number, to: number) => Promise<Uint8Array> } | null> {
  if (node.kind === "string" || node.kind === "bytes") {
    const value = await file.value(node, { signal });
    if (!(value instanceof Uint8Array)) return null;
    return { byteLength: value.length, part: async (from, to) => value.subarray(from, to) };
  }
  const isRow = node.kind === "storage" || (node.kind === "tensor" && node.shape?.length === 1);
  if (!isRow || (node.dtype !== "uint8" && node.dtype !== "int8")) return null;
  return {
    byteLength: sizeOf(node),
    part: async (from, to) => bytesOf(await file.read(node, [[from, to]], { signal })),
  };
}

/** The bytes as they are; `not_exportable` unless they begin as a picture file does. */
export async function picture(subject: Subject, options: ExportOptions): Promise<Export> {
  const expected = "the bytes of a JPEG, PNG, GIF, WebP or BMP";
  const found = await runs(subject, options);
  if (found === null || found.byteLength < 16) throw notExportable(subject, "picture", expected);
  const { byteLength, part } = found;
  const head = String.fromCharCode(...(await part(0, 16)));
  const kind = kinds.find(([, , start]) => start.test(head));
  if (kind === undefined) throw notExportable(subject, "picture", expected);
  const [extension, mime] = kind;
  async function* chunks() {
    for (let from = 0; from < byteLength; from += step) {
      yield await part(from, Math.min(byteLength, from + step));
    }
  }
  return { extension, mime, byteLength, chunks: chunks() };
}
