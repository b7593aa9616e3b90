/** Which tensors are pictures, and the pixels of one. Pure. */

import type { T7Node, TensorSlice } from "../../../../wasm/js/base/api.js";
import type { TypedArray } from "../../../../wasm/js/base/dtype.js";

export interface Pictures {
  /** Pictures in the tensor; `null` where it is one. */
  count: number | null;
  channels: 1 | 3 | 4;
  height: number;
  width: number;
  /** Channels behind each other pixel by pixel. */
  interleaved: boolean;
}

/** Pixels of one picture that are drawn. */
const most = 1 << 24;

/** H×W, C×H×W, H×W×C and lists of them, with C = 1, 3 or 4; smaller than 4×4 is no picture. */
export function picturesOf({ kind, shape = [], error, incomplete }: T7Node): Pictures | null {
  if (kind !== "tensor" || error || incomplete) return null;
  const sized = (
    count: number | null,
    channels: number,
    height: number,
    width: number,
    interleaved = false,
  ) => {
    const fits = height >= 4 && width >= 4 && height * width <= most && count !== 0;
    const known = channels === 1 || channels === 3 || channels === 4;
    return fits && known ? ({ count, channels, height, width, interleaved } as Pictures) : null;
  };
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  switch (shape.length) {
    case 2:
      return sized(null, 1, a, b);
    case 3:
      return sized(null, a, b, c) ?? sized(null, c, a, b, true) ?? sized(a, 1, b, c);
    case 4:
      return sized(a, b, c, d) ?? sized(a, d, b, c, true);
    default:
      return null;
  }
}

/** The part of the tensor with picture `at`. */
export const pictureSlice = ({ count }: Pictures, at: number): TensorSlice =>
  count === null ? [] : [at];

export type RangeName = "0 – 255" | "0 – 1" | "−1 – 1" | "own range";

/** What the darkest and the brightest value are. */
export function rangeOf(name: RangeName, elements: TypedArray): [low: number, high: number] {
  if (name === "0 – 255") return [0, 255];
  if (name === "0 – 1") return [0, 1];
  if (name === "−1 – 1") return [-1, 1];
  return extremes(elements);
}

function extremes(elements: TypedArray): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const element of elements as Iterable<number | bigint>) {
    const value = Number(element);
    if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value < Number.POSITIVE_INFINITY) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** The usual range that the values lie in. */
export function guessRange(dtype: string | undefined, elements: TypedArray): RangeName {
  if (dtype === "uint8") return "0 – 255";
  const [low, high] = extremes(elements);
  if (low >= 0 && high <= 1) return "0 – 1";
  if (low >= 0 && high <= 255 && high > 1.5) return "0 – 255";
  if (low >= -1 && high <= 1) return "−1 – 1";
  return "own range";
}

/** Red, green, blue and opacity of each pixel, row by row. NaN is magenta. */
export function pixelsOf(
  pictures: Pictures,
  elements: TypedArray,
  [low, high]: [number, number],
  bgr: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const { channels, height, width, interleaved } = pictures;
  const count = height * width;
  const pixels = new Uint8ClampedArray(count * 4);
  const scale = 255 / (high - low || 1);
  const [step, plane] = interleaved ? [channels, 1] : [1, count];
  const order = channels === 1 ? [0, 0, 0] : bgr ? [2, 1, 0] : [0, 1, 2];
  for (let at = 0; at < count; at++) {
    let isNothing = false;
    for (let colour = 0; colour < 3; colour++) {
      const value = Number(elements[at * step + (order[colour] as number) * plane]);
      isNothing ||= Number.isNaN(value);
      pixels[at * 4 + colour] = (value - low) * scale;
    }
    if (isNothing) pixels.set([255, 0, 255], at * 4);
    pixels[at * 4 + 3] =
      channels === 4 ? (Number(elements[at * step + 3 * plane]) - low) * scale : 255;
  }
  return pixels;
}
