/** Colours of numbers, told apart by everybody: blue to orange about zero, dark to light without. Pure. */

import type { TensorGrid } from "../../../../wasm/js/base/api.js";

export type Scale = "about zero" | "lowest to highest";

type Rgb = readonly [number, number, number];

const diverging: Rgb[] = [
  [16, 78, 139],
  [92, 155, 205],
  [242, 242, 240],
  [230, 150, 80],
  [166, 76, 10],
];

const sequential: Rgb[] = [
  [20, 20, 46],
  [62, 52, 120],
  [30, 120, 130],
  [120, 190, 100],
  [250, 235, 130],
];

/** What is no number. */
const nothing: Rgb = [220, 40, 160];

/** The numbers at both ends of the colours. */
export function limitsOf({ mean }: TensorGrid, scale: Scale): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of mean) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 0];
  if (scale === "lowest to highest") return [low, high];
  const far = Math.max(Math.abs(low), Math.abs(high));
  return [-far, far];
}

/** Red, green, blue and opacity. */
export function colourOf(value: number, [low, high]: [number, number], scale: Scale): number[] {
  if (Number.isNaN(value)) return [...nothing, 255];
  const colours = scale === "about zero" ? diverging : sequential;
  const share = high > low ? (value - low) / (high - low) : 0.5;
  const place = Math.max(0, Math.min(1, share)) * (colours.length - 1);
  const from = colours[Math.floor(place)] as Rgb;
  const to = colours[Math.min(colours.length - 1, Math.floor(place) + 1)] as Rgb;
  const part = place % 1;
  return [...from.map((each, at) => Math.round(each + ((to[at] as number) - each) * part)), 255];
}
