/** Which bins a histogram has. */

import { describe, expect, it } from "vitest";
import type { TensorHistogram, TensorSummary } from "../../wasm/js/base/api.js";
import { binsOf, histogramText, rangeFrom } from "../../web/src/inspector/panels/histogram-bins.js";

const summary = (min: number | bigint | null, max: number | bigint | null, count = 1000) =>
  ({ min, max, count }) as TensorSummary;

describe("bins of whole numbers", () => {
  it("are one for each byte, label or small count", () => {
    expect(binsOf(summary(0, 255), true, 0, null)).toEqual({ bins: 256, range: [-0.5, 255.5] });
    expect(binsOf(summary(1, 10, 24), true, 0, null)).toEqual({ bins: 10, range: [0.5, 10.5] });
    expect(binsOf(summary(7, 7), true, 0, null)).toEqual({ bins: 1, range: [6.5, 7.5] });
  });

  it("are several numbers wide where there are many, with none cut in two", () => {
    const wide = binsOf(summary(0, 999_999, 10_000), true, 0, null);
    expect(wide).toEqual({ bins: 128, range: [-0.5, 128 * 7813 - 0.5] });
    expect(binsOf(summary(0, 255), true, 16, null)).toEqual({ bins: 16, range: [-0.5, 255.5] });
    expect(binsOf(summary(0, 255), true, 0, [9.7, 20.2])).toEqual({ bins: 11, range: [9.5, 20.5] });
  });

  it("beyond what doubles tell apart are those of any number", () => {
    const far = binsOf(summary(2n ** 60n, 2n ** 61n), true, 0, null);
    expect(far?.range).toEqual([2 ** 60, 2 ** 61]);
  });
});

describe("bins of other numbers", () => {
  it("go from the smallest to the largest, or over what was chosen", () => {
    expect(binsOf(summary(-1, 2, 64), false, 0, null)).toEqual({ bins: 16, range: [-1, 2] });
    expect(binsOf(summary(-1, 2, 64), false, 32, [0, 1])).toEqual({ bins: 32, range: [0, 1] });
  });

  it("of a constant have a width, however large it is, and of nothing are none", () => {
    const constant = binsOf(summary(1e300, 1e300), false, 0, null);
    expect((constant?.range[0] ?? 0) < 1e300 && (constant?.range[1] ?? 0) > 1e300).toBe(true);
    expect(binsOf(summary(null, null), false, 0, null)).toBe(null);
  });
});

it("a range is what people type", () => {
  expect(rangeFrom("−1,000", " 2.5 ")).toEqual([-1000, 2.5]);
  for (const [from, to] of [
    ["", "1"],
    ["2", "1"],
    ["x", "1"],
    ["1", "1"],
    ["0", "Infinity"],
  ] as const) {
    expect(rangeFrom(from, to)).toBe(null);
  }
});

it("is copied as a line a bin", () => {
  const histogram = {
    counts: Float64Array.of(3, 4),
    edges: Float64Array.of(0, 1, 2),
    below: 5,
    above: 0,
  } as TensorHistogram;
  expect(histogramText(histogram)).toBe(
    "from\tto\tcount\n0\t1\t3\n1\t2\t4\nbelow\t\t5\nabove\t\t0",
  );
});
