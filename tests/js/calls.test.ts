/** Odd calls: whatever is passed, what comes back is right, a `T7Error` that says what to pass, or the caller's own error. */

import { createReadStream, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { Graph } from "../../wasm/js/index/graph.js";
import {
  fields,
  LuaTable,
  load,
  open,
  type SourceInput,
  T7Error,
  T7Reader,
  type Tensor,
  TorchObject,
} from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";
import { T7Writer } from "./t7-writer.js";

const matrix = () => new Bytes().tensor(1, "Float", [2, 2], [2, 1]).float(1, 2, 3, 4).done();
const tensor = async () => (await load(matrix())) as Tensor;

const never = undefined as never;

async function errorOf(work: () => unknown): Promise<T7Error> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(T7Error);
    return error as T7Error;
  }
  throw new Error("nothing was thrown");
}

describe("options", () => {
  it.each<[string, object]>([
    ["load", { strings: "utf8" }],
    ["load", { strings: null }],
    ["load", { tables: "object" }],
    ["load", { all: 1 }],
    ["load", { readers: new Map() }],
    ["load", { readers: { "a.B": 7 } }],
    ["load", { onprogress: () => {} }],
    ["load", { encoding: null }],
    ["load", { encoding: 5 }],
    ["load", { byteOrder: "BE" }],
    ["load", { longSize: 3 }],
    ["load", { schema: null }],
    ["load", { signal: {} }],
    ["open", { readers: {} }],
    ["open", { maxUnpacked: -1 }],
    ["T7Reader", { byteOrder: "BE" }],
    ["T7Reader", { strings: "string" }],
  ])("%s refuses %o", async (call, options) => {
    const calls: Record<string, (o: never) => unknown> = {
      load: (o) => load(matrix(), o),
      open: (o) => open(matrix(), o),
      T7Reader: (o) => T7Reader.from(matrix(), o),
    };
    const error = await errorOf(() => calls[call]?.(options as never));
    expect(error.code).toBe("bad_option");
    expect(error.expected).not.toBeNull();
    expect(error.message.length).toBeLessThan(300);
  });

  it.each([null, 7, "all", []])("are an object, not %j", async (options) => {
    for (const call of [load, open, T7Reader.from]) {
      expect((await errorOf(() => call(matrix(), options as never))).code).toBe("bad_option");
    }
  });

  it("of a schema are its own words only", async () => {
    expect((await errorOf(() => load(matrix(), { schema: "constructor" }))).code).toBe(
      "bad_schema",
    );
  });

  it("of calls on a tensor", async () => {
    const t = await tensor();
    const odd: Array<() => unknown> = [
      () => t.quantiles([1n] as never),
      () => t.quantiles(["0.5"] as never),
      () => t.quantiles([null] as never),
      () => t.quantiles(never),
      () => t.histogram({ range: false } as never),
      () => t.histogram({ range: "" } as never),
      () => t.histogram({ range: [0, 1, 2] } as never),
      () => t.histogram({ bins: Symbol("7") } as never),
      () => t.histogram(null as never),
      () => t.grid({ rows: "2" } as never),
      () => t.difference({} as never),
    ];
    for (const call of odd) expect((await errorOf(call)).code).toBe("bad_option");
    expect(t.copy().stats().mean).toBe(2.5);
  });

  it("of calls on an open file", async () => {
    const file = await open(matrix());
    const codes = await Promise.all(
      [
        () => file.children(0, 0.5),
        () => file.children(0, Number.NaN),
        () => file.children(0, -1),
        () => file.children(0, 1e20),
        () => file.node(never),
        () => file.node(7 as never),
        () => file.stats(0, null as never),
        () => file.stats(0, { signal: 7 } as never),
        () => file.quantiles(0, never),
        () => file.histogram(0, { range: false } as never),
        () => file.grid(0, { slice: "" } as never),
        () => file.difference(0, 0, { file: 7 } as never),
      ].map(async (call) => (await errorOf(call)).code),
    );
    expect(new Set(codes)).toEqual(new Set(["bad_option"]));
    for (const slice of [null, [{}], [[0, 1, 2]], ["0"], 0]) {
      expect((await errorOf(() => file.read(0, slice as never))).code).toBe("bad_slice");
    }
    for (const ref of [null, undefined, {}, "0", -1, 0.5]) {
      expect((await errorOf(() => file.path(ref as never))).code).toBe("no_node");
    }
    await file.close();
  });
});

describe("sources", () => {
  const whole = async (input: SourceInput) => ((await load(input)) as Tensor).shape;

  it.each<[string, () => unknown]>([
    ["a response", () => new Response(matrix() as BodyInit)],
    ["a promise of bytes", () => Promise.resolve(matrix())],
    ["a promise of a response", async () => new Response(matrix() as BodyInit)],
    ["a file handle", () => ({ getFile: async () => new Blob([matrix() as BlobPart]) })],
    ["a buffer of Node", () => Buffer.from(matrix())],
    ["a data view", () => new DataView(Uint8Array.from(matrix()).buffer)],
    ["a stream of ArrayBuffers", () => new Blob([matrix() as BlobPart]).stream()],
    [
      "pieces of all types",
      async function* pieces() {
        const bytes = matrix();
        yield Uint8Array.from(bytes.subarray(0, 8)).buffer;
        yield new DataView(Uint8Array.from(bytes.subarray(8, 10)).buffer);
        yield new Int32Array(Uint8Array.from(bytes.subarray(10, 14)).buffer);
        yield bytes.subarray(14);
      },
    ],
    [
      "bytes of another realm",
      () => ({
        byteLength: matrix().length,
        slice: (start: number, end: number) =>
          runInNewContext("Uint8Array.from(bytes)", { bytes: [...matrix().subarray(start, end)] }),
      }),
    ],
  ])("can be %s", async (_name, make) => {
    const input =
      typeof make === "function" && make.constructor.name === "AsyncGeneratorFunction"
        ? make()
        : await make();
    expect(await whole(input as SourceInput)).toEqual([2, 2]);
  });

  it("can be a stream of Node, a promise of text, and the text of an ASCII file", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "calls-")), "a.t7");
    writeFileSync(path, matrix());
    expect(await whole(createReadStream(path) as unknown as SourceInput)).toEqual([2, 2]);
    expect(await load("1\n0.5\n")).toBe(0.5);
  });

  it.each<[string, () => unknown]>([
    ["a Map", () => new Map()],
    ["a number", () => 7],
    ["nothing", () => undefined],
    ["null", () => null],
    ["an array", () => [1, 2]],
    ["a function", () => () => matrix()],
    ["a symbol", () => Symbol("x")],
    ["a binary file's content as text", () => Buffer.from(matrix()).toString("utf8")],
    ["a long text", () => "a".repeat(100_000)],
    ["a file address of another computer", () => new URL("file://host/a.t7")],
    ["a file address that is none", () => "file:///%zz"],
  ])("%s is refused in a sentence", async (_name, make) => {
    const error = await errorOf(() => load(make() as SourceInput));
    expect(error.code).toBe("bad_source");
    expect(error.message.length).toBeLessThan(300);
  });

  it("that are in use, used up or given away are named", async () => {
    const locked = new Blob([matrix() as BlobPart]).stream();
    locked.getReader();
    const used = new Response(matrix() as BodyInit);
    await used.arrayBuffer();
    const given = Uint8Array.from(matrix()).buffer;
    structuredClone(given, { transfer: [given] });
    for (const input of [locked, used, given]) {
      expect((await errorOf(() => load(input as SourceInput))).code).toBe("bad_source");
    }
    expect((await errorOf(() => load(new Response("no", { status: 404 }) as never))).code).toBe(
      "source_failed",
    );
  });

  it("that give no bytes have failed", async () => {
    async function* texts() {
      yield "abc";
    }
    async function* nothing() {
      yield undefined;
    }
    for (const stream of [texts(), nothing()]) {
      expect((await errorOf(() => load(stream as never))).code).toBe("source_failed");
    }
  });

  it("that shrink while they are open are noticed", async () => {
    const bytes = matrix();
    const buffer = new (
      ArrayBuffer as unknown as new (
        length: number,
        options: object,
      ) => ArrayBuffer
    )(bytes.length, { maxByteLength: bytes.length });
    new Uint8Array(buffer).set(bytes);
    const file = await open(buffer);
    (buffer as ArrayBuffer & { resize(length: number): void }).resize(8);
    expect((await errorOf(() => file.read(0))).code).toBe("source_short");
    await file.close();
  });
});

describe("what the caller's functions throw", () => {
  const mine = new Error("mine");
  const onProgress = () => {
    throw mine;
  };

  it.each<[string, () => SourceInput]>([
    ["gzip", () => gzipSync(matrix())],
    ["a stream", () => new Blob([matrix() as BlobPart]).stream()],
  ])("is theirs: progress of %s", async (_name, make) => {
    await expect(load(make(), { onProgress })).rejects.toBe(mine);
  });

  it("does not end the process: a reader that gives a promise", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const bytes = new Bytes().object(1, "my.Class").done();
    const readers = { "my.Class": async () => Promise.reject(mine) };
    expect((await errorOf(() => load(bytes, { readers }))).code).toBe("reader_failed");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).not.toHaveBeenCalled();
    process.off("unhandledRejection", unhandled);
  });

  it("a reader that closes the reader that calls it harms nothing", async () => {
    const bytes = new Bytes().object(1, "my.Class").done();
    const reader: T7Reader = await T7Reader.from(bytes, {
      readers: { "my.Class": (r) => r.close() },
    });
    expect((await errorOf(() => reader.readObject())).code).toBe("reader_failed");
    reader.close();
    expect((await tensor()).size).toBe(4);
  });
});

describe("bounds", () => {
  it("a tensor of one element shown 2⁶² times is not gone through", async () => {
    const writer = new T7Writer();
    const shape = [2 ** 31 - 1, 2 ** 31 - 1];
    writer.tensor({ dtype: "float32", shape, strides: [0, 0], elements: new Float32Array(1) });
    const t = (await load(writer.bytes())) as Tensor;
    for (const call of [
      () => t.stats(),
      () => t.histogram(),
      () => t.quantiles([0.5]),
      () => t.difference(t),
      () => t.grid(),
      () => t.toJSON(),
    ]) {
      expect((await errorOf(call)).code).toBe("too_large");
    }
  });

  it("shape and strides cannot be changed from outside", async () => {
    const t = await tensor();
    expect(Object.isFrozen(t.shape) && Object.isFrozen(t.strides)).toBe(true);
    expect(() => (t.shape as number[]).reverse()).toThrow();
  });

  it("copies do not keep the file", async () => {
    const before = process.memoryUsage().arrayBuffers;
    const kept: Tensor[] = [];
    for (let i = 0; i < 40; i++) {
      const writer = new T7Writer();
      writer.table(2);
      writer.number(1).tensor({ dtype: "float32", shape: [4e6], elements: new Float32Array(4e6) });
      writer.number(2).tensor({ dtype: "float32", shape: [3], elements: new Float32Array(3) });
      const [, small] = (await load(writer.bytes())) as Tensor[];
      kept.push((small as Tensor).copy());
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    (globalThis as { gc?: () => void }).gc?.();
    expect(kept.every(({ size }) => size === 3)).toBe(true);
    const held = process.memoryUsage().arrayBuffers - before;
    if ((globalThis as { gc?: () => void }).gc) expect(held).toBeLessThan(100e6);
  }, 120_000);

  it("many calls that share a signal do not warn", async () => {
    const warned = vi.fn();
    process.on("warning", warned);
    const { signal } = new AbortController();
    const file = await open(matrix());
    await Promise.all(Array.from({ length: 50 }, () => file.stats(0, { signal })));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(warned).not.toHaveBeenCalled();
    process.off("warning", warned);
    await file.close();
  });
});

describe("work grows with the file, not faster", () => {
  /** How often the graph is asked for a child while `work` runs. */
  async function steps(work: () => Promise<unknown>): Promise<number> {
    const spy = vi.spyOn(Graph.prototype, "child");
    await work();
    const { length } = spy.mock.calls;
    spy.mockRestore();
    return length;
  }

  /** A body whose values have a name each. */
  const dataSet = (items: number) => {
    const writer = new Bytes().object(1, "nn.DataSet").int(1).int(items);
    for (let i = 0; i < items; i++) writer.number(i);
    return writer.done();
  };

  it.each<[string, (size: number) => Uint8Array]>([["a body of many values", dataSet]])(
    "%s",
    async (_name, make) => {
      const all = async (size: number) => {
        const file = await open(make(size));
        const children = await file.children(0);
        for (const child of children.slice(0, 50)) await file.path(child);
        await file.close();
      };
      const [once, twice] = [await steps(() => all(2000)), await steps(() => all(4000))];
      expect(twice / once).toBeLessThan(2.2);
    },
  );
});

describe("toJSON", () => {
  it("gives the elements, and strings for what JSON has no number for", async () => {
    const writer = new T7Writer();
    writer.table(2);
    const odd = Float32Array.from([
      1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    writer.string("f").tensor({ dtype: "float32", shape: [2, 2], elements: odd });
    const long = BigInt64Array.from([2n ** 62n]);
    writer.string("l").tensor({ dtype: "int64", shape: [1], elements: long });
    expect(JSON.parse(JSON.stringify(await load(writer.bytes())))).toEqual({
      f: [
        [1, "NaN"],
        ["Infinity", "-Infinity"],
      ],
      l: ["4611686018427387904"],
    });
  });

  it("names classes, and has pairs for keys of any type", () => {
    const table = new LuaTable([
      [1, "a"],
      [true, null],
    ]);
    expect(JSON.parse(JSON.stringify({ table }))).toEqual({
      table: {
        entries: [
          [1, "a"],
          [true, null],
        ],
      },
    });
    const object = new TorchObject("nn.Tanh", 1);
    expect(JSON.stringify(object)).toBe('{"typename":"nn.Tanh","version":1,"fields":{}}');
    expect([...fields(object)]).toEqual([]);
  });

  it("says where a value contains itself", async () => {
    const table = new LuaTable();
    table.set("a", new LuaTable([["b", table]]));
    const error = await errorOf(() => JSON.stringify(table));
    expect([error.code, error.path]).toEqual(["not_json", "root.a.b"]);
  });

  it("bounds what shared parts unfold to", async () => {
    let table = new LuaTable();
    for (let i = 0; i < 40; i++) {
      table = new LuaTable([
        [1, table],
        [2, table],
      ]);
    }
    expect((await errorOf(() => table.toJSON())).code).toBe("too_large");
    let deep = new LuaTable();
    for (let i = 0; i < 5000; i++) deep = new LuaTable([[1, deep]]);
    expect((await errorOf(() => deep.toJSON())).code).toBe("too_deep");
    // Eight million values are made before the bound is met: slow on a busy machine.
  }, 240_000);
});

it("a console shows what a tensor is in a line", async () => {
  const t = await tensor();
  expect(inspect(t)).toBe("Tensor float32 2×2 [1, 2, 3, 4]");
  expect(Object.prototype.toString.call(t)).toBe("[object Tensor float32 2×2]");
  expect(Object.prototype.toString.call(t.storage)).toBe("[object Storage float32 4]");
});

describe("progress of load", () => {
  it("goes on while elements are read, and ends at the end", async () => {
    const size = 48 << 20;
    const head = new Bytes().tensor(1, "Byte", [size], [1]).done();
    const bytes = new Uint8Array(head.length + size);
    bytes.set(head);
    const source = {
      byteLength: bytes.length,
      slice: async (start: number, end: number) => bytes.slice(start, end),
    };
    const positions: number[] = [];
    await load(source, { onProgress: ({ position }) => positions.push(position) });
    expect(positions.length).toBeGreaterThan(1);
    expect(positions.at(-1)).toBe(bytes.length);
  });
});
