/** Exports against what Torch had in memory, read by small parsers of the formats' own. */

import { readdirSync, readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import {
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  exportTo,
  open,
  T7Error,
} from "../../wasm/js/index.node.js";
import { JsonComparison } from "./json-comparison.js";
import type { Oracle } from "./oracle.js";

const fixtures = readdirSync("testfiles_x86_64").filter((name) => name.endsWith(".t7"));
const contentOf = (file: string) => file.replace(/(\.(ascii|b32|be|be32))?\.t7$/, "");
const oracleOf = (file: string): Oracle =>
  JSON.parse(readFileSync(`tests/oracle/${contentOf(file)}.json`, "utf8"));

/** Read in part only; the conformance test says what must happen instead. */
const unreadable = /^(class_custom_layout|class_custom_layout_in_table|stream_multi)$/;
const whole = fixtures.filter((name) => !unreadable.test(contentOf(name)));

async function written(
  name: string,
  format: ExportFormat,
  options: ExportOptions = {},
  path?: string,
): Promise<Buffer> {
  const file = await open(`testfiles_x86_64/${name}`);
  try {
    const { chunks, byteLength } = await exportTo(file, format, path, options);
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    const bytes = Buffer.concat(parts);
    if (byteLength !== null) expect(bytes.length).toBe(byteLength);
    return bytes;
  } finally {
    await file.close();
  }
}

interface Array_ {
  shape: number[];
  values: Array<number | bigint>;
}

const readers: Record<string, [number, (view: DataView, at: number) => number | bigint]> = {
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  i8: [8, (view, at) => view.getBigInt64(at, true)],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
  f2: [2, (view, at) => half(view.getUint16(at, true))],
};

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * mantissa * 2 ** -24
    : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function elements(bytes: Buffer, type: string, count: number): Array<number | bigint> {
  const [width, read] = readers[type] as (typeof readers)[string];
  expect(bytes.length).toBe(count * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, at) => read(view, at * width));
}

const product = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

function parseNpy(bytes: Buffer): Array_ {
  expect(bytes.subarray(0, 8).toString("latin1")).toBe("\x93NUMPY\x01\0");
  const length = bytes.readUInt16LE(8);
  expect((10 + length) % 64).toBe(0);
  const header = bytes.subarray(10, 10 + length).toString("latin1");
  const match =
    /^\{'descr': '[<|](..)', 'fortran_order': False, 'shape': \((.*?),?\), \} *\n$/.exec(header);
  if (match === null) throw new Error(header);
  const shape = (match[2] as string).split(", ").map(Number);
  return {
    shape,
    values: elements(bytes.subarray(10 + length), match[1] as string, product(shape)),
  };
}

/** A stored zip, by its central directory. */
function parseZip(bytes: Buffer): Map<string, Buffer> {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const files = new Map<string, Buffer>();
  for (let i = 0; i < count; i++) {
    expect(bytes.readUInt16LE(at + 10), "stored").toBe(0);
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const name = bytes.subarray(at + 46, at + 46 + nameLength).toString("utf8");
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    expect(files.has(name), name).toBe(false);
    files.set(name, bytes.subarray(start, start + size));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return files;
}

const types: Record<string, string> = {
  U8: "u1",
  I8: "i1",
  I16: "i2",
  I32: "i4",
  I64: "i8",
  F16: "f2",
  F32: "f4",
  F64: "f8",
};

function parseSafetensors(bytes: Buffer): {
  tensors: Map<string, Array_>;
  aliases: Record<
    string,
    { of: string; storageOffset: number; shape: number[]; strides: number[] }
  >;
} {
  const length = Number(bytes.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  const { __metadata__: metadata, ...header } = JSON.parse(
    bytes.subarray(8, 8 + length).toString("utf8"),
  );
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, Array_>();
  let end = 0;
  const entries = Object.entries(header) as Array<
    [string, { dtype: string; shape: number[]; data_offsets: [number, number] }]
  >;
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries.sort(
    (a, b) =>
      a[1].data_offsets[0] - b[1].data_offsets[0] || a[1].data_offsets[1] - b[1].data_offsets[1],
  )) {
    expect(offsets[0], "no hole").toBe(end);
    end = offsets[1];
    const values = elements(data.subarray(...offsets), types[dtype] as string, product(shape));
    tensors.set(name, { shape, values });
  }
  expect(data.length).toBe(end);
  return { tensors, aliases: metadata?.aliases ? JSON.parse(metadata.aliases) : {} };
}

/** Tensors, and storages on their own, as the walk of an export meets them; keys are not walked. */
function tensorsOf(oracle: Oracle): Oracle[] {
  const found: Oracle[] = [];
  const visit = (value: Oracle): void => {
    if (value.kind === "tensor" || value.kind === "storage") found.push(value);
    for (const [, child] of value.entries ?? []) visit(child);
    for (const child of value.items ?? []) visit(child.value ?? child);
    for (const { value: child } of value.upvalues ?? []) visit(child);
  };
  visit(oracle);
  return found;
}

const toElement = (value: number | string): number | bigint => {
  const words: Record<string, number> = {
    nan: Number.NaN,
    "-nan": Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
    "-0": -0,
  };
  if (typeof value === "number") return value;
  return words[value] ?? BigInt(value);
};

function expectSame({ shape, values }: Array_, oracle: Oracle, at: string) {
  const size = oracle.size === undefined ? [oracle.length] : oracle.size.length ? oracle.size : [0];
  expect(shape, `${at} shape`).toEqual(size);
  const first = oracle.values ?? oracle.valuesFirst ?? oracle.first ?? [];
  const last = oracle.valuesLast ?? oracle.last ?? [];
  expect(values.slice(0, first.length), at).toEqual(first.map(toElement));
  if (last.length > 0) expect(values.slice(-last.length), at).toEqual(last.map(toElement));
}

describe("every fixture", () => {
  it("as npz has the tensors that Torch had", async () => {
    let compared = 0;
    for (const name of whole) {
      const expected = tensorsOf(oracleOf(name));
      if (expected.length === 0) continue;
      const files = [...parseZip(await written(name, "npz"))];
      expect(files.length, name).toBe(expected.length);
      for (const [at, [entry, bytes]] of files.entries()) {
        expect(entry).toMatch(/\.npy$/);
        expectSame(parseNpy(bytes), expected[at], `${name} ${entry}`);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it("as safetensors has each of them, as elements or as a view of some", async () => {
    let compared = 0;
    for (const name of whole) {
      const expected = tensorsOf(oracleOf(name));
      if (expected.length === 0) continue;
      const names = [...parseZip(await written(name, "npz")).keys()].map((entry) =>
        entry.slice(0, -4),
      );
      const { tensors, aliases } = parseSafetensors(await written(name, "safetensors"));
      for (const [at, tensor] of names.entries()) {
        const alias = aliases[tensor];
        const array = alias ? viewOf(alias, tensors.get(alias.of) as Array_) : tensors.get(tensor);
        expect(array, `${name} ${tensor}`).toBeDefined();
        expectSame(array as Array_, expected[at], `${name} ${tensor}`);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it("as JSON is the graph that Torch had, by the schema", async () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync("wasm/js/export/schema.json", "utf8")),
    );
    for (const name of whole) {
      const json = JSON.parse((await written(name, "json")).toString("utf8"));
      expect(validate(json), `${name}: ${JSON.stringify(validate.errors?.slice(0, 2))}`).toBe(true);
      const oracle = oracleOf(name);
      if (oracle.kind === "stream") continue;
      const comparison = new JsonComparison();
      comparison.value(json.roots[0], oracle, "root");
      expect(comparison.differences, name).toEqual([]);
    }
  });

  it("as simple JSON is JSON", async () => {
    for (const name of whole) {
      JSON.parse((await written(name, "json", { simple: true })).toString("utf8"));
    }
  });
});

function viewOf(
  { storageOffset, shape, strides }: { storageOffset: number; shape: number[]; strides: number[] },
  whole: Array_,
): Array_ {
  const values = Array.from({ length: product(shape) }, (_, at) => {
    let rest = at;
    let place = storageOffset;
    for (let d = shape.length - 1; d >= 0; d--) {
      place += (rest % (shape[d] as number)) * (strides[d] as number);
      rest = Math.floor(rest / (shape[d] as number));
    }
    return whole.values[place] as number;
  });
  return { shape, values };
}

describe("shared elements", () => {
  it("are written once, or each if asked for", async () => {
    const once = parseSafetensors(await written("tensor_shared_storage.t7", "safetensors"));
    expect([...once.tensors.keys()]).toHaveLength(1);
    expect(Object.keys(once.aliases)).toHaveLength(1);
    const each = parseSafetensors(
      await written("tensor_shared_storage.t7", "safetensors", { copies: true }),
    );
    expect([...each.tensors.keys()].sort()).toEqual(["a", "b"]);
    expect(each.aliases).toEqual({});
  });
});

describe("text formats", () => {
  const text = async (...args: Parameters<typeof written>) =>
    (await written(...args)).toString("utf8");

  it("write a matrix as rows", async () => {
    expect(await text("doubletensor.t7", "csv")).toBe("1,2,3\n4,5,6.9\n");
    expect(await text("doubletensor.t7", "tsv")).toBe("1\t2\t3\n4\t5\t6.9\n");
    expect(await text("doubletensor.t7", "jsonl")).toBe("[1,2,3]\n[4,5,6.9]\n");
    expect(JSON.parse(await text("doubletensor.t7", "json", { simple: true }))).toEqual([
      [1, 2, 3],
      [4, 5, 6.9],
    ]);
  });

  it("write the values of a list, and a string", async () => {
    expect(await text("captions_table.t7", "csv", {}, "root.word")).toBe(
      "value\na bird with red wings\nthis bird is small\na yellow beak\n",
    );
    expect(await text("captions_table.t7", "jsonl", {}, "root.word")).toBe(
      '"a bird with red wings"\n"this bird is small"\n"a yellow beak"\n',
    );
    expect(await text("captions_table.t7", "txt", {}, "root.word[2]")).toBe("this bird is small");
  });
});

/** The rows of a PNG, each behind its filter. */
function rowsOfPng(bytes: Buffer): Buffer {
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const chunk = bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at));
    if (bytes.subarray(at + 4, at + 8).toString() === "IDAT") data.push(chunk);
  }
  return inflateSync(Buffer.concat(data));
}

describe("png of a batch", () => {
  it("has the pixels of its image, each scaled by itself", async () => {
    const file = await open("testfiles_x86_64/networks/vgg.t7");
    const input = await file.node("root.input");
    const elements = (await file.read(input!, [1])) as Float64Array;
    const low = Math.min(...elements);
    const high = Math.max(...elements);
    const data = rowsOfPng(await written("networks/vgg.t7", "png", { image: 1 }, "root.input"));
    const pixel = data[1 + 3 * 5 + 2];
    // Row 0, column 5, blue.
    const value = elements[2 * 256 + 5] as number;
    expect(pixel).toBe(Math.round((value - low) * (255 / (high - low))));
    const failure = await exportTo(file, "png", "root.input", { image: 2 }).catch((error) => error);
    expect(failure).toMatchObject({ code: "not_exportable" });
    await file.close();
  });
});

describe("png", () => {
  it("is an image of the elements", async () => {
    const bytes = await written("captions_table.t7", "png", {}, "root.char");
    expect(bytes.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([20, 4]);
    const lines = rowsOfPng(bytes);
    const file = await open("testfiles_x86_64/captions_table.t7");
    const node = await file.node("root.char");
    const expected = await file.read(node!);
    const pixels = Array.from({ length: 4 }, (_, y) => [
      ...lines.subarray(y * 21 + 1, y * 21 + 21),
    ]);
    expect(pixels.flat()).toEqual([...(expected as Uint8Array)]);
    await file.close();
  });
});

describe("what does not fit", () => {
  it("is an error that names it", async () => {
    for (const format of ["npy", "csv", "png", "txt"] as const) {
      const error = await written("checkpoint_training.t7", format).catch((problem) => problem);
      expect(error, format).toBeInstanceOf(T7Error);
      expect([error.code, error.path]).toEqual(["not_exportable", "root"]);
    }
  });

  it("is a file that was cut, whatever the format", async () => {
    const cut = readFileSync("testfiles_x86_64/checkpoint_training.t7").subarray(0, 5000);
    const file = await open(new Uint8Array(cut));
    for (const format of ["npz", "safetensors", "json"] as const) {
      const write = async () => {
        const { chunks } = await exportTo(file, format);
        for await (const chunk of chunks) void chunk;
      };
      await expect(write(), format).rejects.toMatchObject({ code: "truncated" });
    }
    await file.close();
  });

  it("is refused before anything is read", async () => {
    const file = await open("testfiles_x86_64/doubletensor.t7");
    const wrong = (await exportTo(file, "exe" as never).catch((error) => error)) as T7Error;
    expect(wrong.code).toBe("bad_option");
    for (const format of exportFormats) expect(wrong.expected).toContain(format);
    const nothing = await exportTo(file, "npy", "root.x").catch((error) => error);
    expect(nothing.code).toBe("no_node");
    await file.close();
  });

  it("stops where a signal says so", async () => {
    const file = await open("testfiles_x86_64/doubletensor.t7");
    const stop = new AbortController();
    const { chunks } = await exportTo(file, "npy", undefined, { signal: stop.signal });
    const iterator = chunks[Symbol.asyncIterator]();
    await iterator.next();
    stop.abort();
    await expect(iterator.next()).rejects.toMatchObject({ code: "aborted" });
    await file.close();
  });
});
