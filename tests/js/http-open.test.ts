/** `open` over HTTP: what it asks for, and what happens when the server misbehaves later. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { T7FileApi, T7Node } from "../../wasm/js/base/api.js";
import { open as openHere, T7Error } from "../../wasm/js/index.node.js";
import { handles } from "./handles.js";
import { type Answer, type RangeServer, serveRanges } from "./range-server.js";
import { randomNumbers, T7Writer, temporaryFolder } from "./t7-writer.js";

const folder = temporaryFolder();
afterAll(folder.remove);

const convolutions = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
const linears = [25088, 4096, 4096, 1000];
const window = 65536;

/** The shape of VGG-16: 528 MiB in 33 storages, all of it a hole. */
function vgg(): { path: string; largeStorages: number } {
  let planes = 3;
  const shapes: number[][] = [];
  for (const width of convolutions) {
    shapes.push([width, planes, 3, 3], [width]);
    planes = width;
  }
  for (let i = 0; i < 3; i++) shapes.push([linears[i + 1], linears[i]], [linears[i + 1]]);
  shapes.push([3]);
  const writer = new T7Writer().table(shapes.length);
  let largeStorages = 0;
  for (const [i, shape] of shapes.entries()) {
    const elements = shape.reduce((a, b) => a * b);
    if (elements * 4 > window) largeStorages++;
    writer.number(i + 1).tensor({ dtype: "float32", shape, elements });
  }
  return { path: writer.toFile(folder.path("vgg.t7")), largeStorages };
}

test("a large model on the disk opens with at most 200 KiB read", async () => {
  const file = await openHere(vgg().path);
  expect(file.totals).toMatchObject({ tensors: 33, storages: 33 });
  expect(file.totals.storageBytes).toBeGreaterThan(528 * 2 ** 20 - 2 ** 20);
  expect(file.totals.bytesRead).toBeLessThanOrEqual(200 * 1024);
  await file.close();
});

describe.each(Object.entries(handles))("a large model %s", (_, open) => {
  test("opens with one request for each large storage, plus 4", async () => {
    const { path, largeStorages } = vgg();
    const server = await serveRanges(path);
    const file = await open(server.url);
    expect(file.totals).toMatchObject({ tensors: 33, storages: 33 });
    expect(server.log.length).toBeLessThanOrEqual(largeStorages + 4);
    expect(file.totals.requests).toBe(server.log.length);
    expect(file.totals.bytesRead).toBe(server.bytes);
    expect(server.bytes).toBeLessThan(3e6);
    const opened = server.log.length;
    const last = (await file.node("root[33]")) as T7Node;
    expect(await file.read(last)).toEqual(new Float32Array(3));
    expect(server.log.length).toBeLessThanOrEqual(opened + 1);
    const weight = (await file.node("root[9]")) as T7Node;
    expect(await file.stats(weight)).toMatchObject({ count: 294912, zeros: 294912 });
    // 1.2 MB in tiles of 256 KiB, read ahead.
    expect(server.log.length).toBeLessThanOrEqual(opened + 6);
    const after = server.log.length;
    await file.histogram(weight);
    expect(server.log.length).toBe(after);
    expect(file.totals.requests).toBe(server.log.length);
    await file.close();
    await server.close();
  });
});

describe.each(Object.entries(handles))("a server that misbehaves, %s", (_, open) => {
  const count = 2_000_000;
  const random = randomNumbers(4);
  const elements = Int16Array.from({ length: count }, () => random(30000));
  const writer = new T7Writer().table(2).string("t");
  writer.tensor({ dtype: "int16", shape: [count], elements });
  const bytes = writer.string("after").string("the end").bytes();
  let server: RangeServer;
  let file: T7FileApi;
  let tensor: T7Node;

  beforeAll(async () => {
    server = await serveRanges(bytes);
    file = await open(server.url);
    tensor = (await file.node("root.t")) as T7Node;
  });
  afterAll(async () => {
    await file.close();
    await server.close();
  });
  afterEach(() => {
    server.answer = () => "good";
    server.latencyMs = 0;
  });

  /** The error of reading a part nobody has read before. */
  let next = 100_000;
  async function readNew(answer: Answer): Promise<T7Error | null> {
    next += 200_000;
    server.answer = () => answer;
    const slice: [[number, number]] = [[next, next + 10]];
    const error = await file.read(tensor, slice).then(
      (values) => {
        expect(values).toEqual(elements.slice(next, next + 10));
        return null;
      },
      (e) => e,
    );
    server.answer = () => "good";
    expect(await file.read(tensor, slice)).toEqual(elements.slice(next, next + 10));
    if (error !== null) expect(error).toBeInstanceOf(T7Error);
    return error;
  }

  test("gives a T7Error, and works again when the server does", async () => {
    const expected: Partial<Record<Answer, string>> = {
      ...{ cut: "source_failed", fails: "source_failed", "other part": "source_failed" },
      ...{ short: "source_short", long: "source_short" },
      ...{
        gone: "source_changed",
        "other etag": "source_changed",
        "other length": "source_changed",
      },
    };
    for (const [answer, code] of Object.entries(expected)) {
      expect((await readNew(answer as Answer))?.code, answer).toBe(code);
    }
  });

  test("is cancelled within 100 ms while it hangs, and does not hinder others", async () => {
    server.answer = () => "hang";
    const controller = new AbortController();
    const read = file.stats(tensor, { signal: controller.signal });
    const waiting = file.read(tensor, [[0, 5]]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    controller.abort();
    const error = await read.catch((e) => e);
    expect(performance.now() - started).toBeLessThan(100);
    expect(error).toMatchObject({ code: "aborted" });
    server.answer = () => "good";
    expect(await waiting).toEqual(elements.slice(0, 5));
    expect((await file.stats(tensor)).count).toBe(count);
  });

  test("is left at once when the file is closed while it hangs", async () => {
    const other = await open(server.url);
    server.answer = () => "hang";
    const calls = [other.stats(0).catch((e) => e), other.value(tensor.id).catch((e) => e)];
    const errors = Promise.all(calls);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const started = performance.now();
    await other.close();
    expect(performance.now() - started).toBeLessThan(100);
    expect((await errors).map((error) => error.code)).toEqual(["not_a_tensor", "closed"]);
  });

  test("that sends the whole file instead is listened to once", async () => {
    const other = await open(server.url);
    server.answer = () => "whole";
    const before = server.log.length;
    expect(await other.read(tensor.id, [[1_500_000, 1_500_003]])).toEqual(
      elements.slice(1_500_000, 1_500_003),
    );
    expect((await other.stats(tensor.id)).count).toBe(count);
    expect(server.log.length).toBe(before + 1);
    await other.close();
  });

  test("gives two reads at once what each asked for", async () => {
    const other = await open(server.url);
    server.latencyMs = 5;
    const starts = [10, 900_000, 400_000, 1_999_990];
    const reads = starts.map((start) => other.read(tensor.id, [[start, start + 10]]));
    for (const [i, values] of (await Promise.all(reads)).entries()) {
      expect(values).toEqual(elements.slice(starts[i], starts[i] + 10));
    }
    await other.close();
  });
});
