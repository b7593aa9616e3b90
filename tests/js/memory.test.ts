/** How much memory opened files take, whatever their payload, and that it comes back. */

import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, test } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import { Instance } from "../../wasm/js/index/instance.js";
import { open } from "../../wasm/js/index.node.js";
import { openFiles } from "../../wasm/js/worker/worker-api.js";
import { handles } from "./handles.js";
import { T7Writer, temporaryFolder } from "./t7-writer.js";

const MiB = 2 ** 20;
const folder = temporaryFolder();
afterAll(folder.remove);

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Bytes the process holds, after collections: memories of WebAssembly go in the second. */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().rss;
}

const openedHandles = () => readdirSync("/proc/self/fd").length;

function records(count: number): { writer: T7Writer; stringBytes: number } {
  const writer = new T7Writer().table(count);
  let stringBytes = 30;
  for (let i = 1; i <= count; i++) {
    const name = `record number ${i}`;
    stringBytes += name.length;
    writer.number(i).table(3).string("id").number(i).string("name").string(name);
    writer.string("score").number(i / 7);
  }
  return { writer, stringBytes };
}

function chain(depth: number): { writer: T7Writer; stringBytes: number } {
  const writer = new T7Writer();
  for (let i = 0; i < depth; i++) writer.table(1).string("next");
  writer.nil();
  return { writer, stringBytes: 4 };
}

function tensors(count: number): { writer: T7Writer; stringBytes: number } {
  const writer = new T7Writer().table(count);
  for (let i = 1; i <= count; i++) {
    writer.number(i).tensor({ dtype: "float32", shape: [3, 4], elements: 12 });
  }
  return { writer, stringBytes: 100 };
}

function strings(count: number): { writer: T7Writer; stringBytes: number } {
  const writer = new T7Writer().table(count);
  let stringBytes = 0;
  for (let i = 1; i <= count; i++) {
    const text = `${"x".repeat(i % 100)}${i}`;
    stringBytes += text.length;
    writer.number(i).string(text);
  }
  return { writer, stringBytes };
}

function payload(): { writer: T7Writer; stringBytes: number } {
  const writer = new T7Writer().table(1).string("huge");
  writer.tensor({ dtype: "float32", shape: [5_000_000, 1000], elements: 5e9 });
  return { writer, stringBytes: 50 };
}

describe("WebAssembly memory of an opened file", () => {
  test.each([
    ["of 100,000 records", () => records(100_000)],
    ["of 300,000 nested tables", () => chain(300_000)],
    ["of 50,000 small tensors", () => tensors(50_000)],
    ["of 200,000 distinct strings", () => strings(200_000)],
    ["with 20 GB of payload", payload],
  ])("%s is at most 56 bytes a node, the strings and 4 MiB", async (_, make) => {
    const { writer, stringBytes } = make();
    const file = await open(writer.toFile(folder.path("memory.t7")));
    const allowed = 56 * file.totals.nodes + stringBytes + 4 * MiB;
    expect(file.memoryBytes).toBeLessThanOrEqual(allowed);
    await file.close();
  });

  test("opening 20 GB reads next to nothing", async () => {
    const path = payload().writer.toFile(folder.path("huge.t7"));
    const before = await resident();
    const file = await open(path);
    expect(file.totals.byteLength).toBeGreaterThan(20e9);
    expect(file.totals.bytesRead).toBeLessThan(20_000);
    const tensor = (await file.node("root.huge")) as T7Node;
    expect(await file.read(tensor, [4_999_999, [990, 1000]])).toEqual(new Float32Array(10));
    expect((await resident()) - before).toBeLessThan(32 * MiB);
    await file.close();
  });

  test("is at most 8 MiB for statistics of any tensor", async () => {
    const elements = 4_000_000;
    const writer = new T7Writer().table(3).string("t");
    const views = { dtype: "float64", shape: [2000, 2000] } as const;
    const storage = writer.tensor({
      ...views,
      shape: [...views.shape],
      strides: [1, 2000],
      elements,
    });
    writer.string("c").tensor({ dtype: "float64", shape: [elements], storage });
    writer
      .string("s")
      .tensor({ dtype: "float64", shape: [1333, 3000], strides: [1, 1333], storage });
    const file = await open(writer.toFile(folder.path("statistics.t7")));
    for (const name of ["t", "c", "s"]) {
      const node = (await file.node(`root.${name}`)) as T7Node;
      await file.stats(node);
      await file.histogram(node, { bins: 65536 });
      await file.quantiles(node, [0.1, 0.5]);
      if (name !== "c") await file.grid(node, { rows: 1333, columns: 2000 });
    }
    expect(file.memoryBytes).toBeLessThanOrEqual(8 * MiB);
    await file.close();
  });
});

const small = new T7Writer().table(3).string("name").string("x".repeat(700)).string("n").number(7);
small.string("w").tensor({ dtype: "float32", shape: [10], elements: Array(10).fill(0.5) });
const oneKilobyte = small.bytes();

describe("10,000 files of 1 KB", () => {
  test("cost less than an instance each, and leave nothing behind", async () => {
    await Instance.create();
    let started = performance.now();
    for (let i = 0; i < 100; i++) await Instance.create();
    const instance = (performance.now() - started) / 100;
    const use = async () => (await open(oneKilobyte)).close();
    for (let i = 0; i < 1000; i++) await use();
    const before = await resident();
    started = performance.now();
    for (let i = 0; i < 10_000; i++) await use();
    expect((performance.now() - started) / 10_000).toBeLessThan(instance);
    expect((await resident()) - before).toBeLessThan(16 * MiB);
  });
});

describe.each(Object.entries(handles))("opening and closing 1,000 files %s", (_, openOne) => {
  test("leaks neither instances nor files", async () => {
    const use = async () => {
      const file = await openOne(oneKilobyte);
      const node = (await file.node("root.w")) as T7Node;
      expect((await file.stats(node)).mean).toBe(0.5);
      await file.close();
    };
    for (let i = 0; i < 100; i++) await use();
    const before = await resident();
    for (let i = 0; i < 1000; i++) await use();
    expect((await resident()) - before).toBeLessThan(48 * MiB);
    expect(openFiles()).toBe(0);
  });
});

test("1,000 files on disk, whole and damaged, give their handles back", async () => {
  const whole = small.toFile(folder.path("whole.t7"));
  const cut = new T7Writer().raw(Buffer.from(oneKilobyte.subarray(0, 500)));
  const paths = [whole, cut.toFile(folder.path("cut.t7")), folder.path("not there.t7")];
  paths.push(new T7Writer().raw(Buffer.from("no torch")).toFile(folder.path("other.t7")));
  const before = openedHandles();
  let opened = 0;
  for (let i = 0; i < 1000; i++) {
    const file = await open(paths[i % paths.length]).catch(() => null);
    if (file === null) continue;
    opened++;
    await file.children(0);
    await file.close();
  }
  expect(opened).toBe(500);
  expect(openedHandles()).toBe(before);
});
