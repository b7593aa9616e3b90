/** Making instances of the module in engines that refuse it. */

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { T7Error } from "../../wasm/js/base/errors.js";
import "../../wasm/js/index.node.js";
import { configure, Instance } from "../../wasm/js/index/instance.js";
import { platform } from "../../wasm/js/source/platform.js";
import { connect, openInWorker } from "../../wasm/js/worker/client.js";

function refuse(): never {
  throw new RangeError("could not allocate memory");
}

describe("an instance", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is made at once where the engine allows it", async () => {
    const later = vi.spyOn(WebAssembly, "instantiate");
    const instance = await Instance.create();
    expect(later).not.toHaveBeenCalled();
    expect(instance.allocate(100)).toBeGreaterThan(0);
  });

  it("is made in another thread where the engine wants that", async () => {
    vi.spyOn(WebAssembly, "Instance").mockImplementation(refuse);
    const instance = await Instance.create();
    expect(instance.allocate(100)).toBeGreaterThan(0);
  });

  it("that the engine has no memory for is an error, and the next one may work", async () => {
    vi.spyOn(WebAssembly, "Instance").mockImplementation(refuse);
    vi.spyOn(WebAssembly, "instantiate").mockImplementation(async () => refuse());
    const error = await Instance.create().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(T7Error);
    expect(error).toMatchObject({ code: "out_of_memory", cause: expect.any(RangeError) });
    vi.restoreAllMocks();
    expect((await Instance.create()).dead).toBe(false);
  });
});

describe("t7.wasm", () => {
  const before = platform.wasm;
  afterEach(() => {
    platform.wasm = before;
    configure({ wasm: readFileSync("wasm/js/index/t7.wasm") });
  });

  const page = () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  it.each<[string, () => Promise<Response | Uint8Array>]>([
    ["is a page", async () => page()],
    ["is missing", async () => new Response("", { status: 404 })],
    ["is empty", async () => new Uint8Array()],
    ["is another module", async () => Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)],
    ["cannot be reached", async () => Promise.reject(new TypeError("fetch failed"))],
  ])("that %s is an error that says so", async (_name, wasm) => {
    configure({ wasm: new Uint8Array() });
    platform.wasm = wasm as typeof platform.wasm;
    const error = await Instance.create().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(T7Error);
    expect(error.code).toBe("wasm_unavailable");
    expect(error.hint).toContain("configure");
  });

  it("may be given as bytes or as a module", async () => {
    const bytes = readFileSync("wasm/js/index/t7.wasm");
    for (const wasm of [bytes, new WebAssembly.Module(bytes)]) {
      configure({ wasm });
      expect((await Instance.create()).dead).toBe(false);
    }
  });
});

const silentWorker = () =>
  Object.assign(new EventTarget(), { postMessage() {}, terminate: vi.fn() });

describe("a worker", () => {
  it("that is terminated answers every call with an error", async () => {
    const worker = silentWorker();
    const { terminate } = worker;
    const connected = connect(worker as unknown as Worker);
    const opening = openInWorker(new Uint8Array(8), {}, connected);
    worker.terminate();
    expect(terminate).toHaveBeenCalledTimes(1);
    await expect(opening).rejects.toMatchObject({ code: "worker_failed" });
    await expect(openInWorker(new Uint8Array(8), {}, connected)).rejects.toThrow(/terminated/);
  });

  it("is only sent what can be posted", async () => {
    const connected = connect(silentWorker() as unknown as Worker);
    const source = { byteLength: 8, slice: () => new Uint8Array(8) };
    for (const input of ["http://[", source, 7, null, undefined]) {
      const opening = openInWorker(input as never, {}, connected);
      await expect(opening).rejects.toMatchObject({ code: "bad_source" });
    }
    const readers = { "a.B": () => null };
    const opening = openInWorker(new Uint8Array(8), { readers } as never, connected);
    await expect(opening).rejects.toMatchObject({ code: "bad_option" });
  });
});

describe("a worker whose script does not load", () => {
  it("is an error for every call, and not silence", async () => {
    const worker = silentWorker();
    const connected = connect(worker as unknown as Worker);
    expect(connect(worker as unknown as Worker)).toBe(connected);
    const opening = openInWorker(new Uint8Array(8), {}, connected);
    worker.dispatchEvent(Object.assign(new Event("error"), { message: "" }));
    await expect(opening).rejects.toMatchObject({ code: "worker_failed" });
    await expect(openInWorker(new Uint8Array(8), {}, connected)).rejects.toThrow(/did not load/);
  });
});
