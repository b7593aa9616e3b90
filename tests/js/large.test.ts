/** Payloads near and beyond what WebAssembly can hold, in sparse files; and views that must stay. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import { load, open, T7Error, type Tensor } from "../../wasm/js/index.node.js";
import { T7Writer, temporaryFolder } from "./t7-writer.js";

const GiB = 2 ** 30;
const folder = temporaryFolder();
afterAll(folder.remove);

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
// Gigabytes of the last test must not be there in the next.
afterEach(async () => {
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

/** Storages of so many bytes each: 1 2 3, zeros, 4 5 6. */
function sparse(name: string, sizes: number[]): string {
  const writer = new T7Writer().table(sizes.length);
  for (const [i, bytes] of sizes.entries()) {
    const length = bytes / 4;
    const elements = { start: [1, 2, 3], hole: length - 6, end: [4, 5, 6] };
    writer.number(i + 1).tensor({ dtype: "float32", shape: [length], elements });
  }
  return writer.toFile(folder.path(name));
}

const ends = ({ data }: Tensor) => [
  ...(data as Float32Array).subarray(0, 4),
  ...(data as Float32Array).subarray(-4),
];

describe("load", () => {
  test.each([
    ["one storage of 2.5 GiB", [2.5 * GiB]],
    ["three storages of 1.2 GiB", [1.2 * GiB, 1.2 * GiB, 1.2 * GiB].map(Math.round)],
  ])(
    "has the right values at the ends of %s",
    async (_, sizes) => {
      const path = sparse(
        "large.t7",
        sizes.map((bytes) => bytes - (bytes % 4)),
      );
      const tensors = (await load(path)) as Tensor[];
      expect(tensors).toHaveLength(sizes.length);
      for (const tensor of tensors) expect(ends(tensor)).toEqual([1, 2, 3, 0, 0, 4, 5, 6]);
      const last = tensors[tensors.length - 1];
      expect(last.get(last.size - 1)).toBe(6);
      expect(last.data.buffer).toBe(tensors[0].data.buffer);
    },
    120_000,
  );

  test("says too_large of 5 GiB before it allocates; open opens it", async () => {
    const path = sparse("too-large.t7", [5 * GiB]);
    const before = process.memoryUsage().rss;
    const error = await load(path).catch((e) => e);
    expect(error).toBeInstanceOf(T7Error);
    expect(error.code).toBe("too_large");
    expect(error.hint).toContain("open()");
    expect(process.memoryUsage().rss - before).toBeLessThan(GiB / 8);
    const file = await open(path);
    const tensor = (await file.node("root[1]")) as T7Node;
    const size = tensor.size as number;
    expect(await file.read(tensor, [[size - 4, size]])).toEqual(new Float32Array([0, 4, 5, 6]));
    expect((await file.read(tensor).catch((e) => e)).code).toBe("too_large");
    await file.close();
  });
});

describe("views over loaded memory", () => {
  test("are never detached, whatever is called", async () => {
    const shape = [700, 500];
    const elements = Float64Array.from({ length: 350_000 }, (_, i) => (i * 7919) % 1009);
    const writer = new T7Writer().table(2).string("straight");
    const storage = writer.tensor({ dtype: "float64", shape, elements });
    writer.string("turned").tensor({ dtype: "float64", shape, strides: [1, 700], storage });
    const bytes = writer.bytes();
    const { straight, turned } = (await load(bytes)) as Record<string, Tensor>;
    const held = [straight.data, straight.storage?.data, straight.data.subarray(5)];
    const { buffer } = straight.data;
    const check = (what: string) => {
      for (const view of held) expect(view?.length, what).toBeGreaterThan(0);
      expect(straight.data.buffer, what).toBe(buffer);
      expect(buffer.byteLength, what).toBeGreaterThan(elements.byteLength);
      expect(straight.get(699, 499), what).toBe(elements[349_999]);
    };
    const calls: Record<string, (tensor: Tensor) => unknown> = {
      stats: (tensor) => tensor.stats(),
      histogram: (tensor) => tensor.histogram({ bins: 65536 }),
      "histogram of a range": (tensor) => tensor.histogram({ bins: 65536, range: [0, 1e9] }),
      quantiles: (tensor) => tensor.quantiles(Array.from({ length: 1000 }, (_, i) => i / 999)),
      grid: (tensor) => tensor.grid({ rows: 2048, columns: 2048 }),
      difference: (tensor) => tensor.difference(turned),
      copy: (tensor) => tensor.copy().histogram({ bins: 65536 }),
      data: (tensor) => tensor.data,
      toArray: (tensor) => tensor.toArray(),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const tensor of [straight, turned]) call(tensor);
      check(name);
    }
    const others = (await Promise.all([load(bytes), load(bytes)])) as Record<string, Tensor>[];
    expect(others[0].straight.difference(straight).different).toBe(0);
    check("further loads");
  });
});
