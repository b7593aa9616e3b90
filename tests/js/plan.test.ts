/** The plan of a strided read, carried out over an array of numbers. */

import { describe, expect, test } from "vitest";
import {
  type Box,
  boxAt,
  flatten,
  type Layout,
  type ReadLimits,
  stepsOf,
} from "../../wasm/js/compute/plan.js";
import { randomNumbers } from "./t7-writer.js";

/** The storage elements of a view in row-major order, by the definition. */
function elementsOf({ storageOffset, shape, strides }: Layout): number[] {
  let at = [storageOffset];
  for (let d = 0; d < shape.length; d++) {
    at = at.flatMap((start) => Array.from({ length: shape[d] }, (_, i) => start + i * strides[d]));
  }
  return at;
}

/** What the steps of a box bring, and what they cost. Storage element i has the value i. */
function carryOut(
  box: Box,
  limits: ReadLimits,
): { elements: number[]; read: number; reads: number } {
  const elements = new Array<number>(box.count).fill(-1);
  let [read, reads] = [0, 0];
  for (const step of stepsOf(box, limits)) {
    const packed: number[] = [];
    for (let run = 0; run < step.runs; run++) {
      for (let i = 0; i < step.length; i++) packed.push(step.low + run * step.distance + i);
    }
    expect(packed.length).toBeLessThanOrEqual(limits.maxElements);
    read += packed.length;
    reads += step.runs;
    const from = elementsOf({ storageOffset: 0, shape: step.shape, strides: step.from });
    const to = elementsOf({ storageOffset: step.toStart, shape: step.shape, strides: step.to });
    for (const [i, place] of to.entries()) elements[place] = packed[from[i]];
  }
  return { elements, read, reads };
}

function randomView(random: (n: number) => number): Layout {
  const shape = Array.from({ length: 1 + random(5) }, () => 1 + random(6));
  const strides = shape.map(() => (random(6) === 0 ? 0 : random(41) - 10));
  return { storageOffset: 1000, shape, strides };
}

describe("boxes", () => {
  test("follow each other in row-major order and fit the room", () => {
    const random = randomNumbers(1);
    for (let round = 0; round < 500; round++) {
      const view = randomView(random);
      const all = elementsOf(view);
      const flat = flatten(view);
      expect(elementsOf(flat)).toEqual(all);
      const room = 1 + random(40);
      let read = 0;
      while (read < all.length) {
        const box = boxAt(flat, read, Math.min(room, all.length - read));
        expect(box.count).toBeGreaterThan(0);
        expect(box.count).toBeLessThanOrEqual(room);
        expect(elementsOf(box)).toEqual(all.slice(read, read + box.count));
        read += box.count;
      }
    }
  });

  test("are whole rows where rows fit", () => {
    const flat = flatten({ storageOffset: 0, shape: [100, 7, 3], strides: [1, 100, 700] });
    expect(boxAt(flat, 0, 50)).toMatchObject({ count: 42, shape: [2, 7, 3] });
    expect(boxAt(flat, 42, 20)).toMatchObject({ count: 18, shape: [6, 3], storageOffset: 2 });
    expect(boxAt(flat, 1, 50)).toMatchObject({ count: 2, shape: [2] });
  });
});

describe("steps", () => {
  test("bring every element to its place", () => {
    const random = randomNumbers(2);
    for (let round = 0; round < 1000; round++) {
      const view = randomView(random);
      const all = elementsOf(view);
      const limits = { maxElements: 1 + random(60), maxGap: random(20) };
      const box = { ...view, count: all.length };
      expect(carryOut(box, limits).elements).toEqual(all);
    }
  });

  test("read each element of a transposed matrix once, in runs", () => {
    // 8 of 1,000 rows of a transposed matrix: 8 neighbours from each of 1,000 rows of the storage.
    const box = { storageOffset: 16, shape: [8, 1000], strides: [1, 1000], count: 8000 };
    const plan = carryOut(box, { maxElements: 4000, maxGap: 100 });
    expect(plan).toMatchObject({ read: 8000, reads: 1000 });
    expect([...stepsOf(box, { maxElements: 4000, maxGap: 100 })]).toHaveLength(2);
  });

  test("read over gaps that are cheaper read than skipped", () => {
    const box = { storageOffset: 0, shape: [100], strides: [10], count: 100 };
    expect(carryOut(box, { maxElements: 500, maxGap: 9 })).toMatchObject({ read: 982, reads: 2 });
    expect(carryOut(box, { maxElements: 500, maxGap: 8 })).toMatchObject({ read: 100, reads: 100 });
  });

  test("read an expanded element once", () => {
    const box = { storageOffset: 5, shape: [1000, 1000], strides: [0, 0], count: 1e6 };
    const steps = [...stepsOf(box, { maxElements: 100, maxGap: 0 })];
    expect(steps).toMatchObject([{ low: 5, length: 1, runs: 1, shape: [1000, 1000] }]);
  });

  test("go forward through storages that are walked backward", () => {
    const box = { storageOffset: 9, shape: [10], strides: [-1], count: 10 };
    const steps = [...stepsOf(box, { maxElements: 100, maxGap: 0 })];
    expect(steps).toMatchObject([{ low: 0, length: 10, runs: 1, to: [-1], toStart: 9 }]);
  });
});
