/** What rows say of layers, lists and records. */

import { describe, expect, it } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import { layerText, listText, recordText } from "../../web/src/rows/hints.js";

const entry = (key: string, facts: Partial<T7Node>): T7Node =>
  ({ id: 0, kind: "number", offset: 0, preview: "", key, ...facts }) as T7Node;

describe("layers", () => {
  it.each([
    [
      "nn.SpatialConvolution(3 -> 6, 3x3, 1,1, 1,1)",
      "nn.SpatialConvolution",
      "3 → 6, 3×3, 1,1, 1,1",
    ],
    ["nn.Linear(4 -> 6) without bias", "nn.Linear", "4 → 6 without bias"],
    ["nn.ReLU", "nn.ReLU", ""],
    ["nn.Dropout(0.500000)", "nn.Dropout", "0.500000"],
    ["nn.SpatialBatchNormalization (4D) (64)", "nn.SpatialBatchNormalization", "64"],
  ])("%s", (printed, typename, text) => {
    expect(layerText(printed, typename)).toBe(text);
  });
});

describe("tables", () => {
  it("show a record, and what a list begins with", () => {
    const record = [
      entry("id", { value: 17 }),
      entry("name", { kind: "string", preview: '"n17"', value: "n17" }),
      entry("box", { kind: "table", count: 4, preview: "list of 4" }),
    ];
    expect(recordText(record, false)).toBe('{id: 17, name: "n17", box}');
    expect(recordText(record, true)).toBe('{id: 17, name: "n17", box, …}');
    const numbers = [1.5, 2, 3.25].map((value, at) => entry(`[${at + 1}]`, { value }));
    expect(listText(numbers, true)).toBe("1.5, 2, 3.25, …");
  });

  it("name the class that all of a list have", () => {
    const layer = entry("[1]", { kind: "object", typename: "nn.Linear" });
    expect(listText([layer, layer], true)).toBe("of nn.Linear");
    const many = Array.from({ length: 8 }, () =>
      entry("[1]", { kind: "string", preview: `"${"x".repeat(80)}"` }),
    );
    expect(listText(many, true).length).toBeLessThanOrEqual(120);
  });
});
