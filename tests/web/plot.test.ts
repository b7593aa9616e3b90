import { describe, expect, it } from "vitest";
import type { TensorHistogram } from "../../wasm/js/base/api.js";
import {
  binAt,
  binText,
  countTick,
  edgeDigits,
  plotData,
  tickText,
} from "../../web/src/plot/plot.js";
import { sparkOf, sparkPath } from "../../web/src/rows/sparks.js";
import { summaryOf } from "./fake-numbers.js";

function histogram(edges: number[], counts: number[], more: Partial<TensorHistogram> = {}) {
  const rest = { below: 0, above: 0, nan: 0, posInf: 0, negInf: 0 };
  return { edges: Float64Array.from(edges), counts: Float64Array.from(counts), ...rest, ...more };
}

const three = histogram([-1, 0, 1, 2], [5, 0, 3]);

describe("the histogram's plot", () => {
  it("finds the bin under the pointer; the right edge belongs to the last", () => {
    expect([-1, -0.1, 0, 1.99, 2].map((x) => binAt(three, x))).toEqual([0, 0, 1, 2, 2]);
    expect(binAt(three, 2.01)).toBe(null);
    expect(binAt(three, Number.NaN)).toBe(null);
  });

  it("says interval, count and share", () => {
    expect(binText(three, 0)).toBe("[−1, 0)  5 values (62.5 %)");
    expect(binText(three, 2)).toBe("[1, 2]  3 values (37.5 %)");
  });

  it("writes neighbouring edges so that they differ", () => {
    const narrow = histogram([1000.001, 1000.002], [1]);
    expect(binText(narrow, 0)).toBe(
      "[1,000.001, 1,000.002]  1 value (100 %)".replaceAll(",000.", "000."),
    );
    expect(edgeDigits(0, 0)).toBe(4);
  });

  it("gives no bar to nothing on a logarithmic axis", () => {
    expect(plotData(three, false)).toEqual([
      [-1, 0, 1, 2],
      [5, 0, 3, null],
    ]);
    expect(plotData(three, true)[1]).toEqual([5, null, 3, null]);
  });

  it("labels axes with short round numbers", () => {
    expect([-0.6, -0.3, 0, 0.3].map((x) => tickText(x, 0.3))).toEqual(["−0.6", "−0.3", "0", "0.3"]);
    expect(tickText(1e-20, 0.1)).toBe("0");
    expect(tickText(1000.5, 0.5)).toBe("1000.5");
    expect([0, 500, 1000, 20_000, 3e6, 5e9].map(countTick)).toEqual([
      "0",
      "500",
      "1,000",
      "20 K",
      "3 M",
      "5 G",
    ]);
  });
});

describe("sparklines", () => {
  const summary = (values: number[]) => summaryOf(Float32Array.from(values));

  it("have heights relative to the highest bar", () => {
    const { bars, words, notFinite } = sparkOf(summary([0, 0, 0, 0, 0, 8, 16, 16]));
    expect([bars.length, words, notFinite]).toEqual([16, "", ""]);
    expect([bars[0], bars[8], bars[15]]).toEqual([1, 0.2, 0.4]);
  });

  it("are words where a picture says nothing", () => {
    const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
    expect(sparkOf(summary([0, 0, nan]))).toEqual({ bars: [], words: "all 0", notFinite: "NaN" });
    expect(sparkOf(summary([0, 1, inf])).notFinite).toBe("Inf");
    expect(sparkOf(summary([1, 1, 1])).words).toBe("constant 1");
    expect(sparkOf(summary([nan, nan])).words).toBe("all NaN");
    expect(sparkOf(summary([-inf, -inf])).words).toBe("all −Inf");
    expect(sparkOf(summary([nan, inf])).words).toBe("no finite value");
  });

  it("show what is not empty with at least one pixel", () => {
    expect(sparkPath([1, 0, 0.001], 6, 10)).toBe("M0 10v-10h1v10zM4 10v-1h1v1z");
  });
});
