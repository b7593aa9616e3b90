/** What is computed of tensors, against plain loops; `load` and both kinds of open file agree. */

import { describe, expect, test } from "vitest";
import type { T7FileApi, T7Node, TensorDifference, TensorGrid } from "../../wasm/js/base/api.js";
import type { Dtype } from "../../wasm/js/base/dtype.js";
import { load, T7Error, type Tensor } from "../../wasm/js/index.node.js";
import { handles } from "./handles.js";
import { randomNumbers, T7Writer } from "./t7-writer.js";

const dtypes: Dtype[] = ["uint8", "int8", "int16", "int32", "int64", "float32", "float64"];

/** Two tensors a and b, b transposed in its storage; 300 × 257, more than one tile. */
function twoMatrices(dtype: Dtype): Uint8Array {
  const random = randomNumbers(9);
  const float = dtype.startsWith("float");
  const make = () =>
    Array.from({ length: 300 * 257 }, () => {
      const value = random(100) - (dtype === "uint8" ? 0 : 50);
      if (dtype === "int64") return BigInt(value) * 2n ** 56n;
      if (!float) return value;
      return random(1000) === 0 ? [Number.NaN, 1 / 0, -1 / 0][random(3)] : value / 7;
    });
  const writer = new T7Writer().table(2).string("a");
  writer.tensor({ dtype, shape: [300, 257], elements: make() });
  writer.string("b").tensor({ dtype, shape: [300, 257], strides: [1, 300], elements: make() });
  return writer.bytes();
}

const numbers = (tensor: Tensor) => Array.from(tensor.data as ArrayLike<number | bigint>, Number);

/** numpy's default method. */
function quantileOf(values: number[], p: number): number {
  const sorted = values.slice().sort((a, b) => a - b);
  const position = p * (sorted.length - 1);
  const low = Math.floor(position);
  const part = position - low;
  return part === 0 ? sorted[low] : sorted[low] * (1 - part) + sorted[low + 1] * part;
}

function gridOf(
  values: number[],
  shape: readonly number[],
  rows: number,
  columns: number,
): TensorGrid {
  const cells = rows * columns;
  const grid = { rows, columns, shape: shape as [number, number] };
  const min = new Float64Array(cells).fill(Number.NaN);
  const max = min.slice();
  const [sum, finite, notFinite] = [0, 0, 0].map(() => new Float64Array(cells));
  for (const [i, value] of values.entries()) {
    const row = Math.floor((Math.floor(i / shape[1]) * rows) / shape[0]);
    const cell = row * columns + Math.floor(((i % shape[1]) * columns) / shape[1]);
    if (!Number.isFinite(value)) {
      notFinite[cell]++;
      continue;
    }
    min[cell] = finite[cell] === 0 ? value : Math.min(min[cell], value);
    max[cell] = finite[cell] === 0 ? value : Math.max(max[cell], value);
    sum[cell] += value;
    finite[cell]++;
  }
  return { ...grid, min, max, mean: sum.map((s, i) => s / finite[i]), notFinite };
}

/** Many times faster than `toEqual`. */
function expectSame(found: TensorGrid, expected: TensorGrid): void {
  const { min, max, mean, notFinite, ...rest } = found;
  expect(expected).toMatchObject(rest);
  for (const [name, cells] of Object.entries({ min, max, mean, notFinite })) {
    const others = expected[name as "min"];
    const wrong = cells.findIndex((cell, i) => !Object.is(cell, others[i]));
    if (wrong >= 0 || cells.length !== others.length) expect(cells, name).toEqual(others);
  }
}

function differenceOf(a: number[], b: number[], columns: number): TensorDifference {
  const total = { count: a.length, different: 0, incomparable: 0, maxAbsolute: 0, maxRelative: 0 };
  let at: number[] | null = null;
  for (const [i, x] of a.entries()) {
    const y = b[i];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    total.different++;
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      total.incomparable++;
      continue;
    }
    const apart = Math.abs(x - y);
    if (apart > total.maxAbsolute) at = [Math.floor(i / columns), i % columns];
    total.maxAbsolute = Math.max(total.maxAbsolute, apart);
    const scale = Math.max(Math.abs(x), Math.abs(y));
    total.maxRelative = Math.max(total.maxRelative, apart / scale);
  }
  return { ...total, at };
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (e) => e,
  );
  expect(error).toBeInstanceOf(T7Error);
  return error.code;
}

const ps = [0, 0.01, 0.25, 0.5, 0.75, 0.999, 1];

describe.each(dtypes)("%s", (dtype) => {
  const bytes = twoMatrices(dtype);
  const forEachFile = async (use: (file: T7FileApi, a: T7Node, b: T7Node) => Promise<void>) => {
    for (const open of Object.values(handles)) {
      const file = await open(bytes);
      await use(file, (await file.node("root.a")) as T7Node, (await file.node("root.b")) as T7Node);
      await file.close();
    }
  };

  test("quantiles are as exact as they say", async () => {
    const { a, b } = (await load(bytes)) as { a: Tensor; b: Tensor };
    for (const tensor of [a, b]) {
      const values = numbers(tensor).filter(Number.isFinite);
      const result = tensor.quantiles(ps);
      expect(result.count).toBe(values.length);
      for (const [i, p] of ps.entries()) {
        const expected = quantileOf(values, p);
        const error = result.errors[i];
        const rounding = Math.abs(expected) * 1e-15;
        expect(Math.abs((result.values[i] as number) - expected)).toBeLessThanOrEqual(
          error + rounding,
        );
        expect(error).toBeLessThanOrEqual(Math.abs(expected) / 64);
      }
      expect(result.values[0]).toBe(values.reduce((a, b) => Math.min(a, b)));
      expect(result.values.at(-1)).toBe(values.reduce((a, b) => Math.max(a, b)));
    }
    await forEachFile(async (file, nodeA, nodeB) => {
      expect(await file.quantiles(nodeA, ps)).toEqual(a.quantiles(ps));
      expect(await file.quantiles(nodeB, ps)).toEqual(b.quantiles(ps));
    });
  });

  test("summaries are statistics, quantiles and a picture", async () => {
    const { a, b } = (await load(bytes)) as { a: Tensor; b: Tensor };
    for (const tensor of [a, b]) {
      const { denormals, quantiles, quantileError, sparkline, ...stats } = tensor.summary();
      expect(stats).toEqual(tensor.stats());
      expect(denormals).toBe(0);
      const { values, errors } = tensor.quantiles([0.01, 0.25, 0.5, 0.75, 0.99]);
      expect(Object.values(quantiles)).toEqual(values);
      expect(quantileError).toBe(Math.max(...errors));
      // No element is counted farther from its place than half a part.
      const [min, max] = [Number(stats.min), Number(stats.max)];
      const finite = numbers(tensor).filter(Number.isFinite);
      const upTo = (part: number) =>
        finite.filter((x) => x <= min + (part / 32) * (max - min)).length;
      expect(sparkline).toHaveLength(32);
      let sum = 0;
      for (const [i, count] of sparkline.entries()) {
        sum += count;
        expect(sum).toBeLessThanOrEqual(upTo(i + 1.5) + 0.001);
        expect(sum).toBeGreaterThanOrEqual(upTo(i + 0.5) - 0.001);
      }
      expect(sum).toBeCloseTo(finite.length);
    }
    await forEachFile(async (file, nodeA, nodeB) => {
      expect(await file.summary(nodeA)).toEqual(a.summary());
      expect(await file.summary(nodeB)).toEqual(b.summary());
    });
  });

  test("grids have every element in its cell", async () => {
    const { a, b } = (await load(bytes)) as { a: Tensor; b: Tensor };
    for (const [rows, columns] of [
      [16, 16],
      [300, 257],
      [1, 100],
      [299, 3],
    ]) {
      for (const tensor of [a, b]) {
        const grid = tensor.grid({ rows, columns });
        const expected = gridOf(numbers(tensor), tensor.shape, rows, columns);
        expectSame(grid, expected);
      }
    }
    await forEachFile(async (file, nodeA, nodeB) => {
      expectSame(await file.grid(nodeA), a.grid());
      const coarse = { rows: 9, columns: 11 };
      expectSame(await file.grid(nodeB, coarse), b.grid(coarse));
      const row = { slice: [7], columns: 5 };
      expectSame(await file.grid(nodeB, row), b.grid(row));
      expect((await file.grid(nodeB, row)).shape).toEqual([1, 257]);
    });
  });

  test("differences find the largest", async () => {
    const { a, b } = (await load(bytes)) as { a: Tensor; b: Tensor };
    const expected = differenceOf(numbers(a), numbers(b), 257);
    expect(a.difference(b)).toEqual(expected);
    expect(b.difference(b)).toMatchObject({ different: 0, maxAbsolute: 0, at: null });
    expect(a.copy().difference(b)).toEqual(expected);
    const again = (await load(bytes)) as { b: Tensor };
    expect(a.difference(again.b)).toEqual(expected);
    await forEachFile(async (file, nodeA, nodeB) => {
      expect(await file.difference(nodeA, nodeB)).toEqual(expected);
      expect(await file.difference(nodeB, nodeB)).toMatchObject({ different: 0 });
    });
  });
});

describe.each(Object.entries(handles))("a file %s", (_, open) => {
  test("compares with another file", async () => {
    const bytes = twoMatrices("float32");
    const [one, two] = [await open(bytes), await open(bytes)];
    const [a, b] = [(await one.node("root.a")) as T7Node, (await two.node("root.b")) as T7Node];
    const both = [one.difference(a, b, { file: two }), two.difference(b, a, { file: one })];
    const [forth, back] = await Promise.all(both);
    expect(forth).toEqual(back);
    expect(forth.different).toBeGreaterThan(1000);
    await two.close();
    expect(await failure(one.difference(a, b, { file: two }))).toBe("closed");
    expect((await one.stats(a)).count).toBe(77100);
    await one.close();
  });

  test("the deviation of doubles of any magnitude is a number", async () => {
    for (const unit of [1e200, 1e-200, 1e-310]) {
      const elements = [1, 2, 3, 4].map((value) => value * unit);
      const writer = new T7Writer();
      writer.tensor({ dtype: "float64", shape: [4], elements });
      const bytes = writer.bytes();
      const file = await open(bytes);
      const { std } = await file.stats(0);
      expect(Number(std) / unit).toBeCloseTo(Math.sqrt(5 / 3), 9);
      expect(((await load(bytes)) as Tensor).stats().std).toBe(std);
      await file.close();
    }
  });

  test("quantiles of few elements are numpy's", async () => {
    const writer = new T7Writer();
    writer.tensor({ dtype: "float64", shape: [5], elements: [10, 1, 4, Number.NaN, 2] });
    const file = await open(writer.bytes());
    const result = await file.quantiles(0, [0, 0.25, 0.5, 0.9, 1]);
    expect(result).toEqual({
      values: [1, 1.75, 3, 8.200000000000001, 10],
      count: 4,
      errors: [0, 0, 0, 0, 0],
    });
    await file.close();
  });

  test("names what cannot be computed", async () => {
    const writer = new T7Writer().table(3).string("cube");
    writer.tensor({ dtype: "float32", shape: [2, 3, 4], elements: 24 });
    writer.string("none").tensor({ dtype: "float32", shape: [], elements: [] });
    writer.string("nan").tensor({ dtype: "float32", shape: [2], elements: [Number.NaN, 1 / 0] });
    const file = await open(writer.bytes());
    const at = async (path: string) => (await file.node(path)) as T7Node;
    const [cube, none, nan] = [await at("root.cube"), await at("root.none"), await at("root.nan")];
    expect(await failure(file.grid(cube))).toBe("bad_slice");
    expect(await failure(file.grid(cube, { slice: [5] }))).toBe("bad_slice");
    expect(await failure(file.grid(cube, { slice: [1], rows: 0 }))).toBe("bad_option");
    expect(await failure(file.grid(cube, { slice: [1], columns: 2049 }))).toBe("bad_option");
    expect(await failure(file.quantiles(cube, [0.5, 1.01]))).toBe("bad_option");
    expect(await failure(file.quantiles(cube, [Number.NaN]))).toBe("bad_option");
    expect(await failure(file.difference(cube, none))).toBe("not_comparable");
    expect(await file.grid(none)).toMatchObject({ rows: 0, columns: 0, shape: [1, 0] });
    expect(await file.quantiles(none, [0.5])).toEqual({ values: [null], count: 0, errors: [0] });
    expect((await file.quantiles(nan, [0, 1])).values).toEqual([null, null]);
    const { min, mean, notFinite } = await file.grid(nan);
    expect([min, mean].map((cells) => Array.from(cells))).toEqual([
      [Number.NaN, Number.NaN],
      [Number.NaN, Number.NaN],
    ]);
    expect(Array.from(notFinite)).toEqual([1, 1]);
    await file.close();
  });

  test("computes grids finer than its memory in bands", async () => {
    const random = randomNumbers(3);
    const elements = Array.from({ length: 500 * 400 }, () => random(1000));
    const writer = new T7Writer();
    writer.tensor({ dtype: "int32", shape: [500, 400], strides: [1, 500], elements });
    const bytes = writer.bytes();
    const tensor = (await load(bytes)) as Tensor;
    const file = await open(bytes);
    const grid = await file.grid(0, { rows: 499, columns: 400 });
    expect(grid.rows * grid.columns).toBeGreaterThan(3 * 32768);
    expectSame(grid, tensor.grid({ rows: 499, columns: 400 }));
    expectSame(grid, gridOf(numbers(tensor), tensor.shape, 499, 400));
    await file.close();
  });
});
