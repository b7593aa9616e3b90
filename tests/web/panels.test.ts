/** The pure parts of panels: cuts, pixels, colours. */

import { describe, expect, it } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import { colourOf, limitsOf } from "../../web/src/inspector/panels/colours.js";
import {
  columnsOf,
  firstCut,
  indexOf,
  placeOf,
  rowsOf,
  sliceOf,
  withAxis,
} from "../../web/src/inspector/panels/cut.js";
import {
  guessRange,
  picturesOf,
  pixelsOf,
  rangeOf,
} from "../../web/src/inspector/panels/pixels.js";
import { binsFor } from "../../web/src/plot/plot.js";

const tensor = (shape: number[], dtype = "float32"): T7Node =>
  ({ id: 0, kind: "tensor", offset: 0, preview: "", shape, dtype }) as T7Node;

describe("cut", () => {
  it("shows the last two dimensions, and a vector as a column", () => {
    const cut = firstCut([5, 4, 3]);
    expect([rowsOf(cut, [5, 4, 3]), columnsOf(cut, [5, 4, 3])]).toEqual([4, 3]);
    expect(sliceOf(cut, [0, 2], [1, 3])).toEqual([0, [0, 2], [1, 3]]);
    const column = firstCut([7]);
    expect([rowsOf(column, [7]), columnsOf(column, [7])]).toEqual([7, 1]);
    expect(sliceOf(column, [2, 5], [0, 1])).toEqual([[2, 5]]);
  });

  it("finds elements where the axes are turned", () => {
    const turned = withAxis(firstCut([5, 4, 3]), "down", 2);
    expect([turned.down, turned.across]).toEqual([2, 1]);
    // 3 rows of 4, read as 4 × 3.
    expect(placeOf(turned, [3, 4], 2, 1)).toBe(1 * 3 + 2);
    expect(indexOf(turned, 2, 1)).toEqual([0, 1, 2]);
  });
});

describe("pictures", () => {
  it.each([
    [[24, 32], { count: null, channels: 1, height: 24, width: 32, interleaved: false }],
    [[3, 24, 32], { count: null, channels: 3, height: 24, width: 32, interleaved: false }],
    [[24, 32, 3], { count: null, channels: 3, height: 24, width: 32, interleaved: true }],
    [[10, 28, 28], { count: 10, channels: 1, height: 28, width: 28, interleaved: false }],
    [[8, 3, 5, 5], { count: 8, channels: 3, height: 5, width: 5, interleaved: false }],
    [[8, 5, 5, 3], { count: 8, channels: 3, height: 5, width: 5, interleaved: true }],
  ])("%j", (shape, expected) => expect(picturesOf(tensor(shape))).toEqual(expected));

  it.each([[[3]], [[2, 3]], [[6, 3, 3, 3]], [[64, 128, 3, 3]], [[100_000, 100_000]]])(
    "%j is none",
    (shape) => expect(picturesOf(tensor(shape))).toBeNull(),
  );

  it("have the colours of their elements", () => {
    const rgb = picturesOf(tensor([3, 4, 4]))!;
    const elements = Float32Array.from({ length: 48 }, (_, at) =>
      at < 16 ? 1 : at < 32 ? 0.5 : 0,
    );
    const range = guessRange("float32", elements);
    expect(range).toBe("0 – 1");
    expect([...pixelsOf(rgb, elements, rangeOf(range, elements), false).subarray(0, 4)]).toEqual([
      255, 128, 0, 255,
    ]);
    expect([...pixelsOf(rgb, elements, rangeOf(range, elements), true).subarray(0, 4)]).toEqual([
      0, 128, 255, 255,
    ]);
    elements[0] = Number.NaN;
    expect([...pixelsOf(rgb, elements, [0, 1], false).subarray(0, 4)]).toEqual([255, 0, 255, 255]);
  });

  it("tell their range", () => {
    expect(guessRange("uint8", new Uint8Array([0, 1]))).toBe("0 – 255");
    expect(guessRange("float32", new Float32Array([0, 200]))).toBe("0 – 255");
    expect(guessRange("float32", new Float32Array([-0.5, 1]))).toBe("−1 – 1");
    expect(guessRange("float32", new Float32Array([-2.1, 2.6]))).toBe("own range");
  });
});

describe("bins", () => {
  it.each([
    [1, 16],
    [24, 16],
    [162, 32],
    [9408, 128],
    [1e8, 128],
  ])("of %i elements are %i", (size, bins) => expect(binsFor(size)).toBe(bins));
});

describe("colours", () => {
  it("have zero in the middle, and their own for what is no number", () => {
    const grid = { mean: Float64Array.of(-1, 0, 3, Number.NaN) } as never;
    expect(limitsOf(grid, "about zero")).toEqual([-3, 3]);
    expect(limitsOf(grid, "lowest to highest")).toEqual([-1, 3]);
    expect(colourOf(0, [-3, 3], "about zero")).toEqual([242, 242, 240, 255]);
    expect(colourOf(Number.NaN, [-3, 3], "about zero")).toEqual([220, 40, 160, 255]);
  });
});
