/** An image tensor as a PNG: gray or RGB, 8 bits. */

import type { T7Node } from "../base/api.js";
import { shapeOf, sizeOf } from "./blocks.js";
import { type Export, type ExportOptions, notExportable, type Subject } from "./export-types.js";
import { isArray } from "./npy.js";

/** Where the elements of an image are: `planes` of `height` × `width`, or interleaved. */
interface Image {
  channels: 1 | 3;
  height: number;
  width: number;
  interleaved: boolean;
}

/** Pixels of the largest image. */
const MOST = 1 << 28;

/** H×W, 1×H×W, 3×H×W and H×W×3 are images; with `isBatch`, what is behind the first dimension. */
export function imageOf(node: T7Node, isBatch = false): Image | null {
  const shape = shapeOf(node).slice(isBatch ? 1 : 0);
  const size = shape.reduce((a, b) => a * b, 1);
  if (!isArray(node) || sizeOf(node) === 0 || size > MOST) return null;
  const [a = 0, b = 0, c = 0] = shape;
  if (shape.length === 2) return { channels: 1, height: a, width: b, interleaved: false };
  if (shape.length !== 3) return null;
  if (a === 1 || a === 3) return { channels: a, height: b, width: c, interleaved: false };
  if (c === 3) return { channels: 3, height: a, width: b, interleaved: true };
  return null;
}

/** Lowest and highest finite value of one image of a batch. */
async function rangeOf({ file, node }: Subject, at: number, options: ExportOptions) {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const elements = await file.read(node, [at], { signal: options.signal });
  for (const element of elements as Iterable<number | bigint>) {
    const value = Number(element);
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min: min <= max ? min : null, max: min <= max ? max : null };
}

/** From an element to 0 … 255: bytes as they are, 0 … 1 as brightness, all else from minimum to maximum. */
async function scaleOf(subject: Subject, options: ExportOptions) {
  const { file, node } = subject;
  const { image: at, signal } = options;
  if (node.dtype === "uint8") return (value: number) => value;
  const { min, max } =
    at === undefined ? await file.stats(node, { signal }) : await rangeOf(subject, at, options);
  let low = Number(min ?? 0);
  let high = Number(max ?? 1);
  if (low >= 0 && high <= 1) [low, high] = [0, 1];
  else if (low >= 0 && high <= 255 && high > 1) [low, high] = [0, 255];
  const span = high - low || 1;
  return (value: number) =>
    Number.isNaN(value)
      ? 0
      : Math.round((Math.min(high, Math.max(low, value)) - low) * (255 / span));
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (table[(value ^ byte) & 255] as number) ^ (value >>> 8);
  return ~value >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The image's rows as PNG has them, each behind its filter's number (none). */
async function* scanlines(subject: Subject, image: Image, options: ExportOptions) {
  const { file, node } = subject;
  const { channels, height, width, interleaved } = image;
  const toByte = await scaleOf(subject, options);
  const before = options.image === undefined ? [] : [options.image];
  const planar = shapeOf(node).length - before.length === 3 && !interleaved;
  for (let y = 0; y < height; y++) {
    const line = new Uint8Array(1 + width * channels);
    for (let channel = 0; channel < (planar ? channels : 1); channel++) {
      const slice = planar ? [...before, channel, y] : [...before, y];
      const elements = await file.read(node, slice, { signal: options.signal });
      const step = planar ? channels : 1;
      for (let at = 0; at < elements.length; at++) {
        line[1 + at * step + channel] = toByte(Number(elements[at]));
      }
    }
    yield line;
  }
}

async function* chunks(subject: Subject, image: Image, options: ExportOptions) {
  yield Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, image.width);
  view.setUint32(4, image.height);
  head[8] = 8;
  head[9] = image.channels === 3 ? 2 : 0;
  yield chunk("IHDR", head);
  const lines = scanlines(subject, image, options);
  const raw = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = raw.pipeThrough(new CompressionStream("deflate")).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield chunk("IDAT", part.value);
  }
  yield chunk("IEND", new Uint8Array(0));
}

export function png(subject: Subject, options: ExportOptions): Export {
  const at = options.image;
  const image = imageOf(subject.node, at !== undefined);
  const forms = "H×W, 1×H×W, 3×H×W or H×W×3";
  if (image === null) {
    const expected =
      at === undefined ? `an image: ${forms}` : `a batch of images: N before ${forms}`;
    throw notExportable(subject, "png", expected);
  }
  const [count = 0] = shapeOf(subject.node);
  if (at !== undefined && at >= count) {
    throw notExportable(subject, "png", `image ${at}: there are ${count}, counted from 0`);
  }
  return {
    extension: "png",
    mime: "image/png",
    byteLength: null,
    chunks: chunks(subject, image, options),
  };
}
