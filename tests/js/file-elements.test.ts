/** Elements of opened files, of every layout and dialect, from every kind of source. */

import { afterAll, describe, expect, test } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import type { Dtype, TypedArray } from "../../wasm/js/base/dtype.js";
import { load, open, T7Error, type Tensor } from "../../wasm/js/index.node.js";
import { type Dialect, randomNumbers, T7Writer, temporaryFolder } from "./t7-writer.js";

const folder = temporaryFolder();
afterAll(folder.remove);

const dialects: Record<string, Dialect> = {
  "little endian": {},
  "big endian, longs of 4": { bigEndian: true, longSize: 4 },
  ASCII: { ascii: true },
};

const dtypes: Dtype[] = ["uint8", "int16", "int32", "int64", "float32", "float64"];

const bufferOf = (data: TypedArray) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
/** Many times faster than `toEqual`. */
const equal = (a: TypedArray, b: TypedArray) => bufferOf(a).equals(bufferOf(b));

const whole = (dtype: Dtype, n: number) => (dtype === "int64" ? BigInt(n) : n);

/** A storage of `length` numbers below 30,000 and views over it. */
function fileOfViews(dialect: Dialect, dtype: Dtype, length: number, views: View[]): Uint8Array {
  const random = randomNumbers(length);
  const elements = Array.from({ length }, () =>
    whole(dtype, random(dtype === "uint8" ? 256 : 3e4)),
  );
  const writer = new T7Writer(dialect).table(views.length);
  let storage: number | undefined;
  for (const [i, view] of views.entries()) {
    writer.number(i + 1);
    const place = storage === undefined ? { elements } : { storage };
    storage = writer.tensor({ dtype, ...view, ...place });
  }
  return writer.bytes();
}

interface View {
  shape: number[];
  strides: number[];
  storageOffset?: number;
}

/** Transposed, permuted, gappy, overlapping, expanded. */
const smallViews: View[] = [
  { shape: [40, 25], strides: [1, 40] },
  { shape: [5, 4, 50], strides: [50, 250, 1] },
  { shape: [10, 20], strides: [100, 5], storageOffset: 3 },
  { shape: [100, 10], strides: [9, 1], storageOffset: 90 },
  { shape: [3, 1, 7], strides: [0, 77, 100], storageOffset: 12 },
  { shape: [1000], strides: [0], storageOffset: 999 },
  { shape: [1000], strides: [1] },
];

describe.each(Object.entries(dialects))("in %s", (_, dialect) => {
  test.each(dtypes)("%s is read as load has it", async (dtype) => {
    const bytes = fileOfViews(dialect, dtype, 1000, smallViews);
    const loaded = (await load(bytes)) as Tensor[];
    const file = await open(bytes);
    for (const [i, tensor] of loaded.entries()) {
      const node = (await file.node(`root[${i + 1}]`)) as T7Node;
      expect(await file.read(node)).toEqual(tensor.data);
      expect(await file.stats(node)).toEqual(tensor.stats());
      expect(await file.histogram(node, { bins: 11 })).toEqual(tensor.histogram({ bins: 11 }));
      const [rows] = tensor.shape;
      const [from, to] = [rows >> 2, (rows >> 2) + 1];
      const rest = tensor.size / rows;
      expect(await file.read(node, [[from, to]])).toEqual(
        tensor.data.slice(from * rest, to * rest),
      );
    }
    await file.close();
  });
});

/** Views of more than one box, so that walks begin and end in the middle of everything. */
const largeViews: View[] = [
  { shape: [1500, 1000], strides: [1, 1500] },
  { shape: [30, 1000, 50], strides: [50, 1500, 1] },
  { shape: [7, 200_000], strides: [1, 7] },
  { shape: [1_499_999], strides: [1], storageOffset: 1 },
  { shape: [3, 2, 300_000], strides: [300_000, 0, 2] },
];

describe("large views", () => {
  async function compare(bytes: Uint8Array, input: Parameters<typeof open>[0]): Promise<void> {
    const loaded = (await load(bytes)) as Tensor[];
    const file = await open(input);
    for (const [i, tensor] of loaded.entries()) {
      const node = (await file.node(`root[${i + 1}]`)) as T7Node;
      expect(await file.stats(node)).toEqual(tensor.stats());
      expect(equal(await file.read(node), tensor.data)).toBe(true);
    }
    await file.close();
  }

  test("in memory, in a file, in a blob and in a source of one's own", async () => {
    const bytes = fileOfViews({}, "float32", 1_500_000, largeViews);
    const path = new T7Writer().raw(Buffer.from(bytes)).toFile(folder.path("views.t7"));
    await compare(bytes, bytes);
    await compare(bytes, path);
    await compare(bytes, new Blob([bytes as Uint8Array<ArrayBuffer>]));
    await compare(bytes, {
      byteLength: bytes.length,
      slice: async (start: number, end: number) => bytes.slice(start, end).buffer,
    });
  });

  test("big endian and in ASCII", async () => {
    for (const dialect of [{ bigEndian: true, longSize: 4 } as const, { ascii: true }]) {
      const bytes = fileOfViews(dialect, "int64", 1_500_000, largeViews);
      await compare(bytes, bytes);
    }
  });

  test("a transposed file is read once, not once a tile", async () => {
    const path = new T7Writer();
    path.tensor({ dtype: "float32", shape: [4000, 4000], strides: [1, 4000], elements: 16e6 });
    const file = await open(path.toFile(folder.path("transposed.t7")));
    const before = file.totals.bytesRead;
    expect(await file.stats(0)).toMatchObject({ count: 16e6, zeros: 16e6, max: 0 });
    expect(file.totals.bytesRead - before).toBe(64e6);
    await file.close();
  });

  test("a number of elements that cannot be counted is refused", async () => {
    const writer = new T7Writer();
    writer.tensor({ dtype: "float32", shape: [2 ** 30, 2 ** 30], strides: [0, 0], elements: [1] });
    const file = await open(writer.bytes());
    for (const call of [() => file.stats(0), () => file.read(0), () => file.grid(0)]) {
      const error = await call().catch((e) => e);
      expect(error).toBeInstanceOf(T7Error);
      expect(error.code).toBe("too_large");
    }
    expect(await file.read(0, [[7, 9], 2 ** 20])).toEqual(new Float32Array([1, 1]));
    await file.close();
  });

  test("as many dimensions as there can be, of size 1", async () => {
    const writer = new T7Writer();
    const ones = new Array<number>(63).fill(1);
    const tensor = { shape: [...ones, 3], strides: [...ones, 2] };
    writer.tensor({ dtype: "float64", ...tensor, elements: [1, 2, 3, 4, 5] });
    const bytes = writer.bytes();
    const file = await open(bytes);
    expect(await file.read(0)).toEqual(new Float64Array([1, 3, 5]));
    expect((await file.stats(0)).mean).toBe(3);
    expect(((await load(bytes)) as Tensor).stats().mean).toBe(3);
    await file.close();
  });
});

describe("ASCII payload", () => {
  test("is read from the nearest place that is known", async () => {
    const random = randomNumbers(5);
    const elements = Float64Array.from({ length: 1_000_000 }, () => random(1e6) / 7);
    const writer = new T7Writer({ ascii: true });
    writer.tensor({ dtype: "float64", shape: [1000, 1000], elements });
    const bytes = writer.bytes();
    expect(bytes.length).toBeGreaterThan(15e6);
    const file = await open(bytes);
    const before = file.totals.bytesRead;
    expect(await file.read(0, [999, [990, 1000]])).toEqual(elements.slice(-10));
    expect(file.totals.bytesRead - before).toBeLessThan(2e6);
    expect(await file.read(0, [[0, 2], 7])).toEqual(
      elements.filter((_, i) => i === 7 || i === 1007),
    );
    expect(equal(await file.read(0), elements)).toBe(true);
    await file.close();
  });

  test("is walked once while opening, with progress", async () => {
    const count = 20_000_000;
    const head = `4\n1\n3\nV 1\n18\ntorch.DoubleTensor\n1\n${count}\n1\n1\n`;
    const storage = `4\n2\n3\nV 1\n19\ntorch.DoubleStorage\n${count}\n`;
    const numbers = Buffer.alloc(count * 5, "0.25 ");
    const bytes = Buffer.concat([Buffer.from(head + storage), numbers, Buffer.from("\n")]);
    const positions: number[] = [];
    const slow = {
      byteLength: bytes.length,
      async slice(start: number, end: number) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return bytes.subarray(start, end);
      },
    };
    const file = await open(slow, { onProgress: ({ position }) => positions.push(position) });
    expect(positions.length).toBeGreaterThan(1);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(file.totals.bytesRead).toBeLessThan(1.1 * bytes.length);
    expect(await file.read(0, [[count - 1, count]])).toEqual(new Float64Array([0.25]));
    await file.close();
  });

  test("damage is named by its place", async () => {
    const writer = new T7Writer({ ascii: true });
    writer.tensor({ dtype: "float64", shape: [5], elements: [1, 2, 3, 4, 5] });
    const text = Buffer.from(writer.bytes()).toString().replace("3 4 5", "3 x 5");
    const file = await open(Buffer.from(text)).catch((error) => error);
    const error = file instanceof T7Error ? file : await file.read(0).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "bad_number", offset: text.indexOf("x") });
  });
});
