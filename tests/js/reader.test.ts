/** `T7Reader`: raw values and objects of files written by hand, in every dialect. */

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { load, open, Storage, T7Error, T7Reader, Tensor } from "../../wasm/js/index.node.js";
import { Bytes, dialectNames, dialectOptions } from "./bytes.js";
import { Comparison } from "./oracle.js";

const fixture = (name: string) => new URL(`../../testfiles_x86_64/${name}.t7`, import.meta.url);
const variants = [
  ["stream_multi", dialectOptions.LE64],
  ["stream_multi.b32", dialectOptions.LE32],
  ["stream_multi.be", dialectOptions.BE64],
  ["stream_multi.be32", dialectOptions.BE32],
] as const;
const items = JSON.parse(
  readFileSync(new URL("../oracle/stream_multi.json", import.meta.url), "utf8"),
).items as { op: string; value: unknown }[];

function failure(work: () => unknown): T7Error {
  try {
    work();
  } catch (error) {
    if (error instanceof T7Error) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const read: Record<string, (reader: T7Reader) => unknown> = {
  bool: (reader) => reader.readBoolean(),
  object: (reader) => reader.readObject(),
  int: (reader) => reader.readInt(),
  long: (reader) => reader.readLong(),
  double: (reader) => reader.readDouble(),
  float: (reader) => reader.readFloat(),
  short: (reader) => reader.readShort(),
  byte: (reader) => reader.readByte(),
  char: (reader) => reader.readChar(),
};

/** Compares values of a stream with the oracle's items. */
function compare(values: unknown[]): void {
  const comparison = new Comparison();
  expect(values.length).toBe(items.length);
  for (const [i, { op, value }] of items.entries()) {
    if (op === "object") comparison.value(values[i], value, `item ${i}`);
    else expect(values[i], op).toBe(op === "long" ? BigInt(value as number) : value);
  }
  expect(comparison.differences).toEqual([]);
}

describe("a stream that Torch wrote", () => {
  for (const [name, options] of variants) {
    it(`reads ${name} by hand`, async () => {
      const reader = await T7Reader.from(fixture(name), { ...options, tables: "map" });
      compare(items.map(({ op }) => read[op](reader)));
      expect(reader.atEnd).toBe(true);
      reader.close();
    });

    it(`loads and opens ${name} with a schema`, async () => {
      const schema = items.map(({ op }) => op).join(",");
      compare(await load(fixture(name), { schema, all: true, tables: "map" }));
      const file = await open(fixture(name), { schema });
      expect(file.error).toBeNull();
      expect(file.roots.map((root) => root.kind)).toEqual([
        ...["boolean", "table", "number", "integer", "number"],
        ...["number", "number", "number", "number", "table"],
      ]);
      expect(file.roots[2].value).toBe(456);
      expect((await file.node("roots[10].again.hello"))?.value).toBe(123);
      await file.close();
    });
  }

  it("says where a schema does not fit", async () => {
    const wrong = async (schema: string) =>
      (await load(fixture("stream_multi"), { schema }).catch((error) => error)) as T7Error;
    expect(await wrong("bool,object,object*")).toMatchObject({
      code: "bad_type_code",
      path: "roots[3]",
      found: "type code 456",
      hint: expect.stringContaining("the schema does not fit"),
    });
    const warnings: T7Error[] = [];
    const onWarning = (warning: T7Error) => warnings.push(warning);
    expect(await load(fixture("stream_multi"), { schema: "bool", onWarning })).toBe(false);
    expect(warnings).toMatchObject([{ code: "trailing_bytes", offset: 4 }]);
    const long = await wrong("bool,object,int,long,double,float,short,byte,char,object,double");
    expect(long).toMatchObject({ code: "truncated", path: "roots[11]", partial: false });
    expect(await wrong("bool,thing")).toMatchObject({ code: "bad_schema", found: "thing" });
  });
});

/** writeBool(false), writeObject({hello=123}), writeInt(456), and one of everything else. */
function write(bytes: Bytes): Bytes {
  bytes.int(0).table(1, 1).string("hello").number(123).int(456);
  bytes
    .int(1)
    .int(2)
    .byte(200)
    .byte(-65)
    .short(-7)
    .long(-(2n ** 31n))
    .float(0.5)
    .double(-1e300);
  bytes.text("größe").text("\xff\n\0").text("");
  bytes.byte(1, 2, 10).byte(-1, 10).short(1, -2).int(3, -4, 5).long(6, -7);
  bytes.float(0.25, Number.NaN, -Infinity).double(1e300, -0, 5e-324).int().double();
  return bytes.table(2, 1).string("again").same(3, 1).int(9);
}

describe.each(dialectNames)("raw values, %s", (dialect) => {
  const bytes = write(new Bytes(dialect)).done();
  const options = dialectOptions[dialect];

  it("come as they were written", async () => {
    const reader = await T7Reader.from(bytes, options);
    expect(reader.byteLength).toBe(bytes.length);
    expect([reader.readBoolean(), reader.readObject(), reader.readInt()]).toEqual([
      false,
      { hello: 123 },
      456,
    ]);
    expect([reader.readBoolean(), reader.readBoolean()]).toEqual([true, false]);
    expect([reader.readByte(), reader.readChar(), reader.readShort()]).toEqual([200, -65, -7]);
    expect([reader.readLong(), reader.readFloat(), reader.readDouble()]).toEqual([
      -(2n ** 31n),
      0.5,
      -1e300,
    ]);
    expect(reader.readString()).toEqual(Uint8Array.from(Buffer.from("größe", "latin1")));
    expect(reader.readString()).toEqual(Uint8Array.of(0xff, 10, 0));
    expect(reader.readString()).toBe("");
    expect(reader.readBytes(3)).toEqual(Uint8Array.of(1, 2, 10));
    expect(reader.readChars(2)).toEqual(Int8Array.of(-1, 10));
    expect(reader.readShorts(2)).toEqual(Int16Array.of(1, -2));
    expect(reader.readInts(3)).toEqual(Int32Array.of(3, -4, 5));
    expect(reader.readLongs(2)).toEqual(BigInt64Array.of(6n, -7n));
    expect(reader.readFloats(3)).toEqual(Float32Array.of(0.25, Number.NaN, -Infinity));
    expect(reader.readDoubles(3)).toEqual(Float64Array.of(1e300, -0, 5e-324));
    expect(reader.readInts(0)).toEqual(new Int32Array(0));
    const { again } = reader.readObject() as { again: unknown };
    expect(again).toEqual({ hello: 123 });
    expect(reader.atEnd).toBe(false);
    expect(reader.readInt()).toBe(9);
    expect([reader.atEnd, reader.position]).toEqual([true, bytes.length]);
    reader.close();
  });

  it("keep objects the same over all of the file, backwards too", async () => {
    const reader = await T7Reader.from(bytes, options);
    reader.readInt();
    const start = reader.position;
    const hello = reader.readObject();
    const { position } = reader;
    reader.position = start;
    expect(reader.readInt()).toBe(3);
    reader.position = start;
    expect(reader.readObject()).toBe(hello);
    // A reference has no body: the reading ends behind the index.
    expect(reader.position).toBeLessThan(position);
    reader.close();
  });

  it("are truncated at every place without losing the position", async () => {
    for (let length = 0; length < bytes.length; length += 7) {
      const reader = await T7Reader.from(bytes.subarray(0, length), options);
      const error = failure(() => reader.readDoubles(1000));
      expect(error).toMatchObject({ code: expect.stringMatching(/truncated|bad_number/) });
      expect(reader.position).toBe(0);
      expect(failure(() => reader.readBytes(length + 1)).code).toBe("truncated");
      expect(reader.readBytes(length).length).toBe(length);
      reader.close();
    }
  });
});

describe("T7Reader", () => {
  it("checks counts against the bytes that are left before it allocates", async () => {
    const reader = await T7Reader.from(new Uint8Array(100));
    for (const count of [2 ** 53 - 1, 2 ** 31, 13]) {
      const error = failure(() => reader.readDoubles(count));
      expect(error).toMatchObject({ code: "truncated", offset: 0 });
      expect(error.found).toBe("100 bytes to the end of the file");
    }
    for (const count of [-1, 0.5, Number.NaN, Infinity]) {
      expect(failure(() => reader.readInts(count)).code).toBe("bad_option");
    }
    expect(reader.readDoubles(12).length).toBe(12);
  });

  it("reads tensors and their storage with kernels of their own", async () => {
    const bytes = new Bytes("BE32").tensor(1, "Int", [2, 2], [1, 2]).int(1, 2, 3, 4).int(5);
    const reader = await T7Reader.from(bytes.done(), dialectOptions.BE32);
    const tensor = reader.readObject() as Tensor;
    expect(reader.readInt()).toBe(5);
    reader.close();
    expect(tensor).toBeInstanceOf(Tensor);
    expect(tensor.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(tensor.stats()).toMatchObject({ count: 4, min: 1, max: 4, mean: 2.5 });
    expect([...tensor.histogram({ bins: 2 }).counts]).toEqual([2, 2]);
    expect(tensor.storage).toBeInstanceOf(Storage);
    expect([...(tensor.storage as Storage).data]).toEqual([1, 2, 3, 4]);
  });

  it("reads from gzip, streams and Blobs, and gives strings as told", async () => {
    const bytes = new Bytes().text("\xe9").int(7).done();
    const blob = new Blob([gzipSync(bytes)]);
    for (const source of [blob, blob.stream()]) {
      const reader = await T7Reader.from(source, { strings: "latin1" });
      expect([reader.readString(), reader.readInt()]).toEqual(["é", 7]);
    }
    const reader = await T7Reader.from(bytes, { strings: "bytes" });
    expect(reader.readString()).toEqual(Uint8Array.of(0xe9));
  });

  it("reads nothing from an empty file, and says so", async () => {
    for (const options of Object.values(dialectOptions)) {
      const reader = await T7Reader.from(new Uint8Array(0), options);
      expect(reader.atEnd).toBe(true);
      for (const method of ["readInt", "readObject", "readByte", "readString"] as const) {
        expect(failure(() => reader[method]())).toMatchObject({ code: "truncated", offset: 0 });
      }
      reader.close();
    }
  });

  it("names a string and a position that cannot be", async () => {
    const reader = await T7Reader.from(new Bytes().int(-5).done());
    expect(failure(() => reader.readString())).toMatchObject({ code: "bad_length", offset: 0 });
    expect(reader.position).toBe(0);
    for (const position of [-1, 5, 0.5]) {
      expect(failure(() => (reader.position = position)).code).toBe("bad_option");
    }
    reader.position = 4;
    expect(reader.atEnd).toBe(true);
  });

  it("fails at a damaged object, and goes on with raw values", async () => {
    const bytes = new Bytes().table(1, 2).string("a").number(1).string("b").int(99).int(8);
    const reader = await T7Reader.from(bytes.done());
    const error = failure(() => reader.readObject());
    expect(error).toMatchObject({ code: "bad_type_code", path: "root.b", found: "type code 99" });
    expect(reader.position).toBe(0);
    expect(failure(() => reader.readObject()).code).toBe("bad_type_code");
    reader.position = bytes.length - 4;
    expect(reader.readInt()).toBe(8);
  });

  it("has been closed when it has been closed", async () => {
    const reader = await T7Reader.from(new Bytes().int(1).done());
    reader.close();
    reader.close();
    expect(failure(() => reader.readInt()).code).toBe("closed");
    expect(failure(() => reader.readObject()).code).toBe("closed");
    expect(failure(() => reader.position).code).toBe("closed");
  });

  it("reads many objects in little time, and long payloads between them", async () => {
    const bytes = new Bytes();
    for (let i = 1; i <= 20_000; i++) bytes.table(i, 1).string("x").number(i);
    const many = bytes.done();
    const reader = await T7Reader.from(many);
    const start = performance.now();
    for (let i = 1; i <= 20_000; i++) expect((reader.readObject() as { x: number }).x).toBe(i);
    expect(performance.now() - start).toBeLessThan(5000);
    expect(reader.atEnd).toBe(true);
    const large = new Bytes();
    for (let i = 0; i < 3; i++)
      large.tensor(2 * i + 1, "Byte", [300_000], [1]).raw(new Uint8Array(300_000).fill(i));
    const tensors = await T7Reader.from(large.done());
    for (let i = 0; i < 3; i++) expect((tensors.readObject() as Tensor).get(299_999)).toBe(i);
    expect(tensors.atEnd).toBe(true);
  });

  it("understands ASCII files whose line ends a transfer has changed", async () => {
    const text = new Bytes("ASCII").int(1).string("a\nb").text("c\n").byte(65, 66).int(3).done();
    const damaged = Buffer.from(Buffer.from(text).toString("latin1").replaceAll("\n", "\r\n"));
    const reader = await T7Reader.from(damaged, { encoding: "ascii" });
    expect(reader.readInt()).toBe(1);
    expect(reader.readObject()).toBe("a\nb");
    expect(reader.readString()).toBe("c\n");
    expect([...reader.readBytes(2), reader.readInt()]).toEqual([65, 66, 3]);
    expect(reader.atEnd).toBe(true);
  });
});
