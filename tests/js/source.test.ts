import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceInput } from "../../wasm/js/base/api.js";
import { Blocks } from "../../wasm/js/source/blocks.js";
import { toSource } from "../../wasm/js/source/source.js";
import { openFile, toSource as toNodeSource } from "../../wasm/js/source/source.node.js";
import { readFully, type Source } from "../../wasm/js/source/source-types.js";
import { type ByteStream, collect } from "../../wasm/js/source/stream.js";
import { failure } from "./failure.js";

const bytes = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 255);
const folder = mkdtempSync(join(tmpdir(), "t7-source-"));
const path = join(folder, "some file.t7");

beforeAll(() => writeFileSync(path, bytes));
afterAll(() => rmSync(folder, { recursive: true }));

/** What every source must do with `bytes`. */
async function checkSource(source: Source): Promise<void> {
  expect(source.byteLength).toBe(3000);
  expect(Buffer.compare(await source.slice(10, 20), bytes.subarray(10, 20))).toBe(0);
  expect((await source.slice(3000, 3000)).length).toBe(0);
  const target = new Uint8Array(100).fill(1);
  await readFully(source, target.subarray(0, 50), 2950);
  expect(Buffer.compare(target.subarray(0, 50), bytes.subarray(2950))).toBe(0);
  expect(target[50]).toBe(1);
  expect((await failure(readFully(source, target, 2950))).code).toBe("source_short");
  await source.close?.();
}

async function* pieces(...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (let from = 0, i = 0; from < bytes.length; from += sizes[i++ % sizes.length]) {
    yield bytes.subarray(from, from + sizes[i % sizes.length]);
  }
}

describe("toSource", () => {
  const wide = new Uint16Array(bytes.slice().buffer);
  const middle = new Uint8Array([0, ...bytes, 0]).subarray(1, 3001);
  const inputs: [string, () => SourceInput | ByteStream][] = [
    ["Uint8Array", () => bytes],
    ["a view into a larger buffer", () => middle],
    ["ArrayBuffer", () => bytes.slice().buffer],
    ["another typed array", () => wide as unknown as Uint8Array],
    ["Blob", () => new Blob([bytes])],
    ["File", () => new File([bytes], "x.t7")],
    ["ReadableStream", () => new Blob([bytes]).stream()],
    ["async iterable", () => pieces(1, 999, 7)],
    [
      "{ byteLength, slice } that gives an ArrayBuffer",
      () => ({ byteLength: 3000, slice: (a: number, b: number) => bytes.slice(a, b).buffer }),
    ],
    [
      "{ byteLength, slice } that gives a promise of a Uint8Array",
      () => ({ byteLength: 3000, slice: async (a: number, b: number) => bytes.slice(a, b) }),
    ],
    [
      "{ byteLength, slice, readInto }",
      () => ({
        byteLength: 3000,
        slice: (a: number, b: number) => bytes.slice(a, b),
        readInto(target: Uint8Array, start: number) {
          target.set(bytes.subarray(start, start + target.length));
          return target.length;
        },
      }),
    ],
  ];
  it.each(inputs)("reads %s", async (_, make) => {
    await checkSource(await toSource(make()));
    await checkSource(await toNodeSource(make()));
  });

  it("keeps a File's name", async () => {
    expect((await toSource(new File([bytes], "x.t7"))).name).toBe("x.t7");
  });

  it.each([[null], [undefined], [5], [{}], [{ byteLength: 1 }]])("refuses %j", async (input) => {
    expect((await failure(toSource(input as unknown as Uint8Array))).code).toBe("bad_source");
  });

  it.each([[-1], [1.5], [NaN], [Infinity], [2 ** 60]])("refuses byteLength %d", async (n) => {
    const input = { byteLength: n, slice: () => new Uint8Array(0) };
    expect((await failure(toSource(input))).code).toBe("bad_source");
  });

  it("does not believe what a source gives", async () => {
    for (const extra of [-1, 1]) {
      const slice = (a: number, b: number) => new Uint8Array(b - a + extra);
      const source = await toSource({ byteLength: 3000, slice });
      const error = await failure(source.slice(100, 200));
      const { code, offset, found, expected } = error;
      expect({ code, offset, found, expected }).toEqual({
        ...{ code: "source_short", offset: 100, found: `${100 + extra} bytes` },
        expected: "100 bytes",
      });
    }
    const text = await toSource({ byteLength: 9, slice: () => "text" as unknown as Uint8Array });
    expect((await failure(text.slice(0, 1))).code).toBe("source_failed");
    const bad = {
      byteLength: 9,
      slice: () => Promise.reject(new Error("disk on fire")),
      readInto: () => 3,
    };
    const failing = await toSource(bad);
    const error = await failure(failing.slice(0, 1));
    expect([error.code, error.message]).toEqual([
      "source_failed",
      "reading bytes 0 to 1 failed: disk on fire",
    ]);
    expect((error.cause as Error).message).toBe("disk on fire");
    expect((await failure(readFully(failing, new Uint8Array(5), 0))).code).toBe("source_short");
  });
});

describe("files", () => {
  it("are read by path, file URL and its text", async () => {
    for (const input of [path, pathToFileURL(path), pathToFileURL(path).href]) {
      await checkSource(await toNodeSource(input));
    }
    const source = await openFile(path);
    expect(source.name).toBe(path);
    await source.close?.();
    expect((await failure(source.slice(0, 5))).code).toBe("source_failed");
  });

  it("are named when they are missing or folders", async () => {
    const missing = await failure(toNodeSource("no/such.t7"));
    expect(missing.code).toBe("not_found");
    expect(missing.message).toContain(join(process.cwd(), "no/such.t7"));
    expect(missing.hint).toContain("Check the name");
    expect((await failure(toNodeSource(""))).code).toBe("not_a_file");
    expect((await failure(toNodeSource(folder))).code).toBe("not_a_file");
    expect((await failure(toNodeSource(join(path, "x")))).code).toBe("not_found");
  });

  it("that get shorter while they are read are source_short", async () => {
    const shrinking = join(folder, "shrinking");
    writeFileSync(shrinking, bytes);
    const source = await openFile(shrinking);
    truncateSync(shrinking, 100);
    const error = await failure(source.slice(50, 200));
    expect([error.code, error.offset, error.found]).toEqual(["source_short", 50, "50 bytes"]);
    expect((await failure(readFully(source, new Uint8Array(3000), 0))).code).toBe("source_short");
    await source.close?.();
  });

  it("larger than 4 GiB are read at their ends, in large and in small pieces", async () => {
    const sparse = join(folder, "sparse");
    writeFileSync(sparse, "");
    truncateSync(sparse, 5 * 2 ** 30);
    const source = await openFile(sparse);
    expect(source.byteLength).toBe(5 * 2 ** 30);
    const end = await source.slice(source.byteLength - 2 ** 20, source.byteLength);
    expect(end.length).toBe(2 ** 20);
    expect((await source.slice(source.byteLength - 1, source.byteLength))[0]).toBe(0);
    await source.close?.();
  });

  it.runIf(process.platform === "linux")("that are pipes are collected", async () => {
    const fifo = join(folder, "pipe");
    execFileSync("mkfifo", [fifo]);
    const opened = openFile(fifo);
    writeFileSync(fifo, bytes);
    await checkSource(await opened);
  });
});

describe("collect", () => {
  it("tells how far it is", async () => {
    const seen: unknown[] = [];
    await collect(pieces(1000), { total: 3000, onBytes: (...args) => seen.push(args) });
    expect(seen).toEqual([
      [1000, 3000],
      [2000, 3000],
      [3000, 3000],
    ]);
  });

  it("names a stream that fails, and ends it", async () => {
    let ended = false;
    async function* failing() {
      try {
        yield bytes;
        throw new Error("line cut");
      } finally {
        ended = true;
      }
    }
    const error = await failure(collect(failing()));
    expect([error.code, error.message]).toEqual([
      "source_failed",
      "the stream failed after 3000 bytes: line cut",
    ]);
    expect(ended).toBe(true);
  });

  it("joins blocks of a mebibyte", async () => {
    const large = new Uint8Array(2 ** 20 + 5).map((_, i) => i % 251);
    const blocks = new Blocks();
    for (let i = 0; i < 3; i++) blocks.push(large);
    blocks.truncate(2 * large.length);
    const source = blocks.source("x");
    expect(source.byteLength).toBe(2 * large.length);
    const whole = new Uint8Array(2 * large.length);
    await readFully(source, whole, 0);
    expect(Buffer.compare(whole, Buffer.concat([large, large]))).toBe(0);
    const across = await source.slice(2 ** 20 - 3, 2 ** 20 + 9);
    expect(Buffer.compare(across, whole.subarray(2 ** 20 - 3, 2 ** 20 + 9))).toBe(0);
  });
});

describe("cancelling", () => {
  const aborted = AbortSignal.abort();

  it("is told before anything is opened or read", async () => {
    for (const input of [bytes, path, new URL("http://localhost:1/"), pieces(5)]) {
      expect((await failure(toNodeSource(input, { signal: aborted }))).code).toBe("aborted");
    }
    const blob = await toSource(new Blob([bytes]));
    expect((await failure(blob.slice(0, 1, aborted))).code).toBe("aborted");
    const file = await openFile(path);
    expect((await failure(file.slice(0, 1, aborted))).code).toBe("aborted");
    await file.close?.();
  });

  it("does not wait for a source or stream that hangs", async () => {
    const never = new Promise<Uint8Array>(() => {});
    const source = await toSource({ byteLength: 5, slice: () => never });
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true;
      },
    });
    for (const run of [
      (signal: AbortSignal) => source.slice(0, 5, signal),
      (signal: AbortSignal) => toSource(stream, { signal }),
      (signal: AbortSignal) =>
        collect({ [Symbol.asyncIterator]: () => ({ next: () => never as never }) }, { signal }),
    ]) {
      const controller = new AbortController();
      const failed = failure(run(controller.signal));
      setTimeout(() => controller.abort(), 5);
      expect((await failed).code).toBe("aborted");
    }
    expect(cancelled).toBe(true);
  });
});
