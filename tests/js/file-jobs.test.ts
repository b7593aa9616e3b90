/** Calls on open files that take long: progress, cancelling, closing, and several at once. */

import { describe, expect, test } from "vitest";
import type { JobOptions, JobProgress, T7FileApi, T7Node } from "../../wasm/js/base/api.js";
import { open as openHere, T7Error } from "../../wasm/js/index.node.js";
import { handles } from "./handles.js";
import { T7Writer } from "./t7-writer.js";

const elements = Float32Array.from({ length: 1_000_000 }, (_, i) => i % 4);

/** `endless` has 10^12 elements, all of them the one element of its storage. */
function bytesOf(): Uint8Array {
  const writer = new T7Writer().table(4).string("t");
  const storage = writer.tensor({ dtype: "float32", shape: [1000, 1000], elements });
  writer.string("turned");
  writer.tensor({ dtype: "float32", shape: [1000, 1000], strides: [1, 1000], storage });
  writer.string("endless");
  writer.tensor({ dtype: "float32", shape: [1e6, 1e6], strides: [0, 0], storage });
  return writer.string("text").string("x".repeat(100_000)).bytes();
}

const bytes = bytesOf();

type Call = (file: T7FileApi, node: T7Node, options: JobOptions) => Promise<unknown>;

const endlessCalls: Record<string, Call> = {
  stats: (file, node, options) => file.stats(node, options),
  histogram: (file, node, options) => file.histogram(node, options),
  quantiles: (file, node, options) => file.quantiles(node, [0.5], options),
  summary: (file, node, options) => file.summary(node, options),
  grid: (file, node, options) => file.grid(node, options),
  difference: (file, node, options) => file.difference(node, node, options),
};

/** Every call, with little to do. */
const shortCalls: Record<string, Call> = {
  ...endlessCalls,
  read: (file, node, options) => file.read(node, [], options),
  "read of a slice": (file, node, options) => file.read(node, [3], options),
  value: (file, node, options) => file.value(node, options),
  node: (file, _, options) => file.node("root.t", options),
  path: (file, node, options) => file.path(node, options),
  children: (file, node, options) => file.children(node, 0, 1, options),
};

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The code of the T7Error that a promise must reject with. */
async function code(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (e) => e,
  );
  expect(error).toBeInstanceOf(T7Error);
  return error.code;
}

describe.each(Object.entries(handles))("a file %s", (_, open) => {
  const at = async (file: T7FileApi, path: string) => (await file.node(path)) as T7Node;

  test.each(Object.keys(endlessCalls))("stops %s within 100 ms", { retry: 2 }, async (name) => {
    const file = await open(bytes);
    const endless = await at(file, "root.endless");
    const controller = new AbortController();
    const reports: JobProgress[] = [];
    const options = {
      signal: controller.signal,
      onProgress: (progress: JobProgress) => reports.push(progress),
    };
    const call = code(endlessCalls[name](file, endless, options));
    await sleep(200);
    const cancelled = performance.now();
    controller.abort();
    expect(await call).toBe("aborted");
    expect(performance.now() - cancelled).toBeLessThan(100);
    // The next call waits until the last one is really over.
    expect((await file.stats(await at(file, "root.t"))).mean).toBe(1.5);
    expect(performance.now() - cancelled).toBeLessThan(2000);
    expect(reports.length).toBeGreaterThan(0);
    const done = reports.map((report) => report.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(reports[0].total).toBeGreaterThanOrEqual(1e12);
    await file.close();
  });

  test("refuses every call that was cancelled before", async () => {
    const file = await open(bytes);
    const node = await at(file, "root.t");
    const signal = AbortSignal.abort();
    for (const [name, call] of Object.entries(shortCalls)) {
      expect(await code(call(file, node, { signal })), name).toBe("aborted");
    }
    await file.close();
  });

  test("cancels a call that waits for its turn", async () => {
    const file = await open(bytes);
    const endless = await at(file, "root.endless");
    const [first, second] = [new AbortController(), new AbortController()];
    const running = code(file.stats(endless, { signal: first.signal }));
    const waiting = code(file.stats(endless, { signal: second.signal }));
    const last = file.stats(await at(file, "root.t"));
    await sleep(30);
    second.abort();
    expect(await waiting).toBe("aborted");
    first.abort();
    expect(await running).toBe("aborted");
    expect((await last).count).toBe(1_000_000);
    await file.close();
  });

  test("gives many calls at once the right answers", async () => {
    const file = await open(bytes);
    const [t, turned] = [await at(file, "root.t"), await at(file, "root.turned")];
    const alone = {
      stats: await file.stats(turned),
      histogram: await file.histogram(t, { bins: 9 }),
      quantiles: await file.quantiles(t, [0.5]),
    };
    const calls = await Promise.all([
      file.stats(turned),
      file.read(t, [[0, 1]]),
      file.histogram(t, { bins: 9 }),
      file.quantiles(t, [0.5]),
      file.stats(turned),
      file.value(await at(file, "root.text")),
      file.read(turned, [[0, 1]]),
    ]);
    expect(calls[0]).toEqual(alone.stats);
    expect(calls[1]).toEqual(elements.slice(0, 1000));
    expect(calls[2]).toEqual(alone.histogram);
    expect(calls[3]).toEqual(alone.quantiles);
    expect(calls[4]).toEqual(alone.stats);
    expect(calls[5]).toHaveLength(100_000);
    expect(calls[6]).toEqual(new Float32Array(1000).fill(0));
    await file.close();
  });

  test("reports progress to the end, counting each pass", async () => {
    const file = await open(bytes);
    const reports: JobProgress[] = [];
    const onProgress = (progress: JobProgress) => reports.push(progress);
    await file.histogram(await at(file, "root.t"), { onProgress });
    await sleep(20);
    expect(reports.at(-1)).toMatchObject({ done: 2_000_000, total: 2_000_000 });
    expect(reports.at(-1)?.bytesRead).toBeGreaterThan(8e6);
    await file.close();
  });

  test("ends all calls when it is closed, at once", { retry: 2 }, async () => {
    const file = await open(bytes);
    const endless = await at(file, "root.endless");
    const calls = [file.stats(endless), file.quantiles(endless, [0]), file.stats(endless)];
    const codes = Promise.all(calls.map(code));
    await sleep(50);
    const started = performance.now();
    await Promise.all([file.close(), file.close()]);
    expect(performance.now() - started).toBeLessThan(100);
    expect(await codes).toEqual(["closed", "closed", "closed"]);
    for (const [name, call] of Object.entries(shortCalls)) {
      expect(await code(call(file, endless, {})), name).toBe("closed");
    }
  });

  test("is closed at the end of its block, where the engine knows that", async () => {
    const file = await open(bytes);
    await file[Symbol.asyncDispose]();
    expect(await code(file.path(0))).toBe("closed");
  });

  test("is not left open by a cancelled opening", async () => {
    const controller = new AbortController();
    const opening = code(open(bytes, { signal: controller.signal }));
    controller.abort();
    expect(await opening).toBe("aborted");
  });
});

describe("a source of one's own", () => {
  /** Fails, hangs, gives other bytes: whatever `answer` does. */
  function source(answer: (start: number, end: number) => unknown) {
    const slice = (start: number, end: number) =>
      (answer(start, end) ?? bytes.subarray(start, end)) as Uint8Array;
    return { byteLength: bytes.length, slice };
  }

  test("that fails, is short or long, or gives nonsense is named, and may recover", async () => {
    let answer: (start: number, end: number) => unknown = () => undefined;
    const file = await openHere(source((start, end) => answer(start, end)));
    const node = (await file.node("root.t")) as T7Node;
    const answers: Record<string, [typeof answer, string]> = {
      throws: [
        () => {
          throw new Error("the cable");
        },
        "source_failed",
      ],
      rejects: [() => Promise.reject("no reason"), "source_failed"],
      short: [(start, end) => bytes.subarray(start, end - 1), "source_short"],
      empty: [() => new Uint8Array(0), "source_short"],
      long: [(start, end) => new Uint8Array(end - start + 1), "source_short"],
      text: [() => "bytes", "source_failed"],
    };
    for (const [name, [bad, expected]] of Object.entries(answers)) {
      answer = bad;
      expect(await code(file.stats(node)), name).toBe(expected);
      expect(await code(file.read(node, [500])), name).toBe(expected);
      answer = () => undefined;
      expect((await file.stats(node)).mean, name).toBe(1.5);
    }
    await file.close();
  });

  test("that fails in the middle of a tensor spoils nothing", async () => {
    let reads = 0;
    const file = await openHere(
      source(() => (++reads > 12 ? Promise.reject(new Error("gone")) : undefined)),
    );
    const node = (await file.node("root.turned")) as T7Node;
    reads = 10;
    expect(await code(file.stats(node))).toBe("source_failed");
    reads = -1e9;
    expect(await file.stats(node)).toMatchObject({ count: 1_000_000, max: 3, zeros: 250_000 });
    await file.close();
  });

  test("that writes after it was cancelled writes into nothing of ours", async () => {
    const late: Array<() => void> = [];
    let slow = false;
    const file = await openHere({
      ...source(() => undefined),
      readInto(target: Uint8Array, start: number) {
        const write = () => target.set(bytes.subarray(start, start + target.length));
        if (!slow) {
          write();
          return target.length;
        }
        return new Promise<number>(() => {
          late.push(() => target.fill(255));
        });
      },
    } as never);
    const node = (await file.node("root.t")) as T7Node;
    slow = true;
    const controller = new AbortController();
    const cancelled = code(file.stats(node, { signal: controller.signal }));
    await sleep(10);
    controller.abort();
    expect(await cancelled).toBe("aborted");
    slow = false;
    const stats = file.stats(node);
    for (const write of late) write();
    expect((await stats).mean).toBe(1.5);
    await file.close();
  });

  test("that hangs does not keep close() waiting", async () => {
    let hang = false;
    const file = await openHere(source(() => (hang ? new Promise(() => {}) : undefined)));
    hang = true;
    const call = code(file.stats((await file.node("root.t")) as T7Node));
    await sleep(10);
    await file.close();
    expect(await call).toBe("closed");
  });
});
