/** Many tensors in one walk: order, sharing, what cannot be read, cancelling, and other calls meanwhile. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { T7FileApi, T7Node, TensorSummary } from "../../wasm/js/base/api.js";
import { load, open as openHere, type T7Error, type Tensor } from "../../wasm/js/index.node.js";
import { failure } from "./failure.js";
import { handles } from "./handles.js";
import { randomNumbers, T7Writer } from "./t7-writer.js";

const fixtures = readdirSync("testfiles_x86_64").filter((name) => name.endsWith(".t7"));
const random = randomNumbers(11);
const large = Float32Array.from({ length: 3_000_000 }, () => random(2000) / 1000 - 1);

function bytesOf(): Uint8Array {
  const writer = new T7Writer().table(6).string("large");
  const storage = writer.tensor({ dtype: "float32", shape: [3_000_000], elements: large });
  writer.string("turned").tensor({
    dtype: "float32",
    shape: [1000, 3000],
    strides: [1, 1000],
    storage,
  });
  writer.string("again").tensor({ dtype: "float32", shape: [3_000_000], storage });
  writer.string("outside").tensor({ dtype: "float32", shape: [3_000_001], storage });
  writer.string("none").tensor({ dtype: "float64", shape: [], elements: [] });
  writer.string("longs").tensor({ dtype: "int64", shape: [3], elements: [1n, 2n, 2n ** 60n] });
  return writer.bytes();
}

const bytes = bytesOf();
const code = async (promise: Promise<unknown>) => (await failure(promise)).code;

type Found = Array<[path: string, summary: TensorSummary | null, code: string | null]>;

async function all(file: T7FileApi, nodes: readonly T7Node[] | "all" = "all"): Promise<Found> {
  const found: Array<[T7Node, TensorSummary | null, T7Error | null]> = [];
  await file.summaries(nodes, { onEach: (...each) => void found.push(each) });
  return Promise.all(
    found.map(async ([node, summary, error]) => [
      await file.path(node),
      summary,
      error?.code ?? null,
    ]),
  );
}

describe.each(Object.entries(handles))("a file %s", (_, open) => {
  test("gives what summary gives, in file order", async () => {
    const file = await open(bytes);
    const found = await all(file);
    const values = (await load(bytes)) as Record<string, Tensor>;
    expect(found.map(([path, , code]) => [path, code])).toEqual([
      ["root.outside", "view_out_of_range"],
      ["root.turned", null],
      ["root.large", null],
      ["root.again", null],
      ["root.none", null],
      ["root.longs", null],
    ]);
    for (const [path, summary] of found) {
      if (summary !== null) expect(summary).toEqual(values[path.slice(5)].summary());
    }
    await file.close();
  });

  test("takes chosen tensors and storages", async () => {
    const file = await open(bytes);
    const longs = (await file.node("root.longs")) as T7Node;
    const [[path, summary]] = await all(file, [longs]);
    expect([path, summary?.max]).toEqual(["root.longs", 2n ** 60n]);
    expect(await all(file, [])).toEqual([]);
    const table = (await file.node("root")) as T7Node;
    expect((await all(file, [table]))[0][2]).toBe("not_a_tensor");
    await file.close();
  });

  test("ends with the signal, and with what a callback throws", async () => {
    const file = await open(bytes);
    const stop = new AbortController();
    const calls: T7Node[] = [];
    const onEach = (node: T7Node) => {
      calls.push(node);
      stop.abort();
    };
    const { signal } = stop;
    expect(await code(file.summaries("all", { onEach, signal }))).toBe("aborted");
    const own = new Error("mine");
    const throws = () => {
      throw own;
    };
    expect(await file.summaries("all", { onEach: throws }).catch((e) => e)).toBe(own);
    // Nothing of it stays behind.
    expect(await all(file)).toHaveLength(6);
    await file.close();
  });

  test("lets other calls through, and tells how far it is", async () => {
    const file = await open(bytes);
    const progress: Array<[number, number]> = [];
    const found: string[] = [];
    const running = file.summaries("all", {
      onEach: (node) => void found.push(String(node.key)),
      onProgress: ({ done, total }) => void progress.push([done, total]),
    });
    const longs = (await file.node("root.longs")) as T7Node;
    expect((await file.stats(longs)).count).toBe(3);
    await running;
    expect(found).toHaveLength(6);
    expect(progress.at(-1)).toEqual([9_000_003, 9_000_003]);
    await file.close();
  });

  test("says what it takes", async () => {
    const file = await open(bytes);
    const onEach = () => {};
    expect(await code(file.summaries("all", {} as never))).toBe("bad_option");
    expect(await code(file.summaries("all", { onEach: 3 } as never))).toBe("bad_option");
    expect(await code(file.summaries("some" as never, { onEach }))).toBe("bad_option");
    expect(await code(file.summaries([9999], { onEach }))).toBe("no_node");
    await file.close();
    expect(await code(file.summaries("all", { onEach }))).toBe("closed");
  });
});

test("the tensors of every fixture, from a source that is asked for pieces", async () => {
  for (const name of fixtures) {
    const data = new Uint8Array(readFileSync(`testfiles_x86_64/${name}`));
    const here = await openHere(data).catch(() => null);
    if (here === null) continue;
    const source = {
      byteLength: data.length,
      slice: async (from: number, to: number) => data.slice(from, to),
    };
    const far = await openHere(source);
    expect(await all(far), name).toEqual(await all(here));
    await Promise.all([here.close(), far.close()]);
  }
});

test("a source that fails in the middle is an error, and the memory is free again", async () => {
  let broken = true;
  const file = await openHere({
    byteLength: bytes.length,
    slice: async (from: number, to: number) => {
      if (broken && from > 6_000_000 && to - from > 1_000_000) throw new Error("unplugged");
      return bytes.slice(from, to);
    },
  });
  const node = (await file.node("root.large")) as T7Node;
  expect(await code(file.summary(node))).toBe("source_failed");
  broken = false;
  const expected = ((await load(bytes)) as { large: Tensor }).large.summary();
  expect(await file.summary(node)).toEqual(expected);
  await file.close();
});
