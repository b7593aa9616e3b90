/** What other readers of `.t7` get wrong, one test each: none of it may ever happen here. */

import { describe, expect, it } from "vitest";
import {
  fields,
  LuaFunction,
  LuaTable,
  type LuaValue,
  load,
  open,
  type Storage,
  type T7Error,
  type Tensor,
  TorchObject,
  typename,
} from "../../wasm/js/index.node.js";
import { Bytes, dialectNames } from "./bytes.js";
import { failure } from "./failure.js";

const fixture = (name: string) => new URL(`../../testfiles_x86_64/${name}.t7`, import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: what comes out is what the tests are about
const read = (bytes: Bytes, options = {}): Promise<any> => load(bytes.done(), options);

describe("tables", () => {
  it("with the key true are no lists, and true is not 1", async () => {
    const one = await read(new Bytes().table(1, 1).boolean(true).string("x"));
    expect(one).toBeInstanceOf(LuaTable);
    expect([...one]).toEqual([[true, "x"]]);
    const both = new Bytes().table(1, 2).number(1).string("one").boolean(true).string("true");
    expect([...(await read(both))]).toEqual([
      [1, "one"],
      [true, "true"],
    ]);
  });

  it("with the keys 0 and 3 lose nothing", async () => {
    const value = await read(new Bytes().table(1, 2).number(0).string("a").number(3).string("b"));
    expect([...value]).toEqual([
      [0, "a"],
      [3, "b"],
    ]);
  });

  it("with holes, fractions or negative keys are no lists; in any order they are", async () => {
    for (const keys of [
      [1, 3],
      [1, 1.5],
      [-1, 1],
      [0, 1],
      [2, 3],
    ]) {
      const bytes = new Bytes().table(1, 2).number(keys[0]).number(0).number(keys[1]).number(0);
      expect(await read(bytes)).toBeInstanceOf(LuaTable);
    }
    const list = new Bytes().table(1, 3).number(3).string("c").number(1).string("a").number(2);
    expect(await read(list.string("b"))).toEqual(["a", "b", "c"]);
  });

  it("that are lists and contain themselves are one Array", async () => {
    const list = await read(new Bytes().table(1, 2).number(1).same(3, 1).number(2).string("x"));
    expect(Array.isArray(list)).toBe(true);
    expect(list[0]).toBe(list);
    // A child sees the very list that the caller sees.
    const child = new Bytes().table(1, 1).number(1).table(2, 1).string("parent").same(3, 1);
    const parent = await read(child);
    expect(parent[0].parent).toBe(parent);
  });

  it("may be keys, lists and tensors too", async () => {
    const bytes = new Bytes().table(1, 3).table(2, 1).number(1).string("in").string("list");
    bytes.tensor(3, "Byte", [1], [1]).raw([7]).string("tensor").same(3, 1).string("self");
    const table: LuaTable = await read(bytes);
    const [list, tensor, self] = table.keys();
    expect(list).toEqual(["in"]);
    expect(table.get(list)).toBe("list");
    expect((tensor as Tensor).get(0)).toBe(7);
    expect(table.get(tensor)).toBe("tensor");
    expect(self).toBe(table);
  });

  it("keep equal tables apart as keys", async () => {
    const bytes = new Bytes().table(1, 2).table(2, 0).string("a").table(3, 0).string("b");
    expect([...(await read(bytes)).values()]).toEqual(["a", "b"]);
  });

  it("with keys like __proto__ harm nobody", async () => {
    const bytes = new Bytes().table(1, 4).string("__proto__").table(2, 1).string("polluted");
    bytes.boolean(true).string("constructor").number(1).string("toString").number(2);
    const value = await read(bytes.string("hasOwnProperty").number(3));
    expect(Object.keys(value)).toEqual(["__proto__", "constructor", "toString", "hasOwnProperty"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value.polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toEqual({ polluted: true });
    const object = new Bytes().object(1, "nn.X").table(2, 2).string("__proto__").number(1);
    const made = await read(object.string("constructor").number(2));
    expect(made).toBeInstanceOf(TorchObject);
    expect([...fields(made)]).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(typename(made)).toBe("nn.X");
  });

  it("whose class body has keys 1 … n keep them as fields", async () => {
    const bytes = new Bytes().object(1, "my.List").table(2, 2).number(1).string("a").number(2);
    const made = await read(bytes.string("b"));
    expect([made[1], made[2], fields(made).get(1)]).toEqual(["a", "b", "a"]);
  });

  it("that are empty, or shared and empty, stay one value", async () => {
    const bytes = new Bytes().table(1, 2).string("a").table(2, 0).string("b").same(3, 2);
    const value = await read(bytes);
    expect(value.a).toEqual([]);
    expect(value.b).toBe(value.a);
  });
});

describe("numbers and strings", () => {
  it("1e300 is 1e300, and -0, NaN and the infinities are themselves", async () => {
    const numbers = [1e300, -0, Number.NaN, Infinity, -Infinity, 2 ** 53 + 2, 5e-324];
    const bytes = new Bytes().table(1, numbers.length);
    for (const [i, number] of numbers.entries()) bytes.number(i + 1).number(number);
    expect(await read(bytes)).toEqual(numbers);
    expect(Object.is((await read(bytes))[1], -0)).toBe(true);
  });

  it("UTF-8 is text, other bytes stay bytes, NUL and a byte order mark stay", async () => {
    expect(await read(new Bytes().string(Buffer.from("größe €")))).toBe("größe €");
    expect(await read(new Bytes().string("gr\xf6\xdfe"))).toEqual(
      Uint8Array.from(Buffer.from("größe", "latin1")),
    );
    expect(await read(new Bytes().string("gr\xf6\xdfe"), { strings: "latin1" })).toBe("größe");
    expect(await read(new Bytes().string("a\0b"))).toBe("a\0b");
    expect(await read(new Bytes().string("\xef\xbb\xbfa"))).toBe("\ufeffa");
  });

  it("booleans are true only for 1, as in Torch, and say when they are odd", async () => {
    const codes: string[] = [];
    const onWarning = (warning: T7Error) => codes.push(warning.code);
    expect(await read(new Bytes().int(5).int(2), { onWarning })).toBe(false);
    expect(codes).toEqual(["odd_boolean"]);
  });

  it("int64 is never rounded", async () => {
    const value = 2n ** 62n + 1n;
    for (const dialect of ["LE64", "BE64", "ASCII"] as const) {
      const bytes = new Bytes(dialect).tensor(1, "Long", [2], [1]).long(value, -value);
      expect([...((await read(bytes)) as Tensor).data]).toEqual([value, -value]);
    }
  });
});

describe.each(dialectNames)("tensors in %s", (dialect) => {
  it("transposed, expanded and offset ones come in their own order", async () => {
    const bytes = new Bytes(dialect).table(1, 3).number(1);
    bytes.tensor(2, "Float", [3, 2], [1, 3], 1, 6).float(1, 2, 3, 4, 5, 6);
    bytes.number(2).object(4, "torch.FloatTensor").int(2).long(2, 3).long(0, 1).long(4).same(4, 3);
    bytes.number(3).object(5, "torch.FloatTensor").int(1).long(2).long(2).long(3).same(4, 3);
    const [transposed, expanded, stepped] = (await read(bytes)) as Tensor[];
    expect(transposed.toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(expanded.toArray()).toEqual([
      [4, 5, 6],
      [4, 5, 6],
    ]);
    expect([...stepped.data]).toEqual([3, 5]);
    expect(stepped.storage).toBe(transposed.storage);
  });

  it("CudaLong, CudaDouble and CudaByte are what they say", async () => {
    const bytes = new Bytes(dialect).table(1, 4).string("l").tensor(2, "CudaLong", [2], [1]);
    bytes.long(1, -2).string("d").tensor(4, "CudaDouble", [1], [1]).double(0.5);
    bytes.string("f").tensor(6, "Cuda", [1], [1]).float(0.25).string("end").boolean(true);
    const { l, d, f, end } = await read(bytes);
    expect([...l.data]).toEqual([1n, -2n]);
    expect([d.get(0), d.dtype, f.get(0), f.dtype, end]).toEqual([
      ...[0.5, "float64", 0.25, "float32", true],
    ]);
  });

  it("Half is converted, of the CPU and of CUDA", async () => {
    const bytes = new Bytes(dialect).table(1, 3).string("h").tensor(2, "Half", [3], [1]);
    // 1, -2, 65504 as bits; in ASCII halves are written as numbers.
    const half = (values: Bytes) =>
      dialect === "ASCII" ? values.float(1, -2, 65504) : values.short(0x3c00, -0x4000, 0x7bff);
    half(bytes).string("c").tensor(4, "CudaHalf", [3], [1]);
    const { h, c, end } = await read(half(bytes).string("end").number(1));
    expect([...h.data]).toEqual([1, -2, 65504]);
    expect([...(h as Tensor).raw!]).toEqual([0x3c00, 0xc000, 0x7bff]);
    expect([...c.data, end]).toEqual([1, -2, 65504, 1]);
  });

  it("empty ones, without storage too, end nothing", async () => {
    const bytes = new Bytes(dialect).table(1, 4).number(1).object(2, "torch.IntTensor").int(0);
    bytes.long(1).nil().number(2).object(3, "torch.IntTensor").int(0).long(1);
    bytes.storage(4, "Int", 0).number(3).storage(5, "Char", 0).number(4).string("end");
    const [bare, empty, storage, end] = await read(bytes);
    expect([bare.shape, bare.size, bare.storage, [...bare.data]]).toEqual([[0], 0, null, []]);
    expect([empty.size, empty.storage.length, storage.length, end]).toEqual([0, 0, 0, "end"]);
  });

  it("Char storages are signed bytes", async () => {
    const bytes = new Bytes(dialect).storage(1, "Char", 4).byte(-1, 10, 65, -128);
    expect([...((await read(bytes)) as Storage).data]).toEqual([-1, 10, 65, -128]);
  });

  it("tds containers count with a long", async () => {
    const bytes = new Bytes(dialect).table(1, 3).string("h").object(2, "tds.Hash").long(1);
    bytes.number(1).string("x").string("v").object(3, "tds.Vec").long(2).nil().string("y");
    const { h, v, end } = await read(bytes.string("end").boolean(true));
    expect([...h]).toEqual([[1, "x"]]);
    expect([v, end]).toEqual([[null, "y"], true]);
    const counter = new Bytes(dialect).table(1, 1).string("c").object(2, "tds.AtomicCounter");
    expect((await read(counter.long(7))).c.value).toBe(7n);
  });
});

describe("tensors that leave their storage", () => {
  it("do not show other memory, whatever the strides", async () => {
    for (const [shape, stride, offset] of [
      [1_000_000, 1, 1],
      [2, -1, 1],
      [2, 2 ** 53, 1],
      [2, 1, 0],
      [1, 1, 3],
      [2, 1, -5],
    ]) {
      const bytes = new Bytes().tensor(1, "Byte", [shape], [stride], offset, 2).raw([1, 2]);
      const tensor = (await read(bytes)) as Tensor;
      expect(tensor.error?.code).toBe("view_out_of_range");
      expect(() => tensor.data).toThrow(tensor.error as T7Error);
    }
  });
});

describe("functions", () => {
  const dump = "\x1bLuaQ\0\x01\x04\x08\x04\x08\0";

  it("of type 6 have no index, and what follows stays in step", async () => {
    const bytes = new Bytes().table(1, 2).string("f").int(6).text(dump).table(2, 0);
    const { f, end } = await read(bytes.string("end").table(3, 0));
    expect(f).toBeInstanceOf(LuaFunction);
    expect([f.type, f.bytecode.length, end]).toEqual([6, 12, []]);
  });

  it("that capture themselves are one function", async () => {
    const bytes = new Bytes().int(8).int(1).text(dump).table(2, 1).number(1).table(3, 2);
    const f = await read(bytes.string("name").string("self").string("value").same(8, 1));
    expect(f.upvalues).toEqual([{ name: "self", id: null, value: f }]);
    expect(f.upvalues[0].value).toBe(f);
  });

  it("with newlines in ASCII are counted, not read by lines", async () => {
    const lines = `${dump}\n\n3\n`;
    const bytes = new Bytes("ASCII").table(1, 2).string("f").int(8).int(2).text(lines).table(3, 0);
    const { f, end } = await read(bytes.string("end").boolean(true));
    expect([Buffer.from(f.bytecode).toString("latin1"), end]).toEqual([lines, true]);
  });
});

describe("classes", () => {
  it("torch.Generator is bytes, and what follows stays in step", async () => {
    const value = (await load(fixture("table_with_generator"))) as Record<string, LuaValue>;
    const generator = Object.values(value).find(
      (other) => typename(other) === "torch.Generator",
    ) as TorchObject;
    expect((generator.bytes as Uint8Array).length).toBe(5048);
    expect(Object.keys(value).length).toBeGreaterThan(1);
  });

  it("nn.GPU and nn.DataParallelTable have two objects", async () => {
    const bytes = new Bytes().table(1, 2).string("g").object(2, "nn.GPU").table(3, 2).number(1);
    bytes.string("torch.FloatTensor").number(2).number(1).table(4, 1).string("device").number(1);
    const { g, end } = await read(bytes.string("end").boolean(true));
    expect([g.device, g.header, end]).toEqual([1, ["torch.FloatTensor", 1], true]);
    const parallel = (await load(fixture("synthetic_data_parallel_table"))) as {
      net: TorchObject;
    };
    expect(parallel.net.gpuAssignments).toEqual([1, 2]);
  });

  it("of before versions have version null; any other text is a name", async () => {
    const old = new Bytes().object(1, "my.Old", null).table(2, 0);
    expect(typename(await read(old))).toBe("my.Old");
    const odd = new Bytes().int(4).int(1).text("V1x").table(2, 0);
    expect(typename(await read(odd))).toBe("V1x");
  });

  it("that refer to themselves while they are read do so afterwards", async () => {
    const bytes = new Bytes().object(1, "nn.Node").table(2, 1).string("self").same(4, 1);
    const node = await read(bytes);
    expect(node.self).toBe(node);
  });

  it("a reference with the code of another kind is an error, not another value", async () => {
    const bytes = new Bytes().table(1, 2).string("a").table(2, 0).string("b").same(4, 2);
    const error = await failure(read(bytes));
    expect(error).toMatchObject({ code: "wrong_kind", path: "root.b" });
  });
});

describe("ASCII", () => {
  it("strings with newlines, digits and blanks are counted", async () => {
    const bytes = new Bytes("ASCII").table(1, 2).string("a\nb").string("1\n2\n").string("\n");
    expect(await read(bytes.string(" \n "))).toEqual({ "a\nb": "1\n2\n", "\n": " \n " });
  });

  it("Byte and Char storages are raw, also those full of newlines", async () => {
    const bytes = new Bytes("ASCII").table(1, 2).number(1).storage(2, "Byte", 3).byte(10, 10, 10);
    const [storage, end] = await read(bytes.number(2).string("end"));
    expect([...storage.data, end]).toEqual([10, 10, 10, "end"]);
  });

  it("empty storages have no line", async () => {
    const bytes = new Bytes("ASCII").table(1, 2).number(1).storage(2, "Float", 0).number(2).nil();
    expect((await read(bytes, { tables: "map" })).get(1).length).toBe(0);
  });

  it("starts with blanks, ends without a newline, has nan, inf and hex", async () => {
    const text = " 3\n1\n3\n1\n1\n1\nnan\n1\n2\n1\n-inf\n1\n3\n1\n0x1p3";
    expect(await load(Buffer.from(text))).toEqual([Number.NaN, -Infinity, 8]);
  });

  it("survives line ends that a transfer changed", async () => {
    const text = "3\r\n1\r\n1\r\n2\r\n3\r\na\r\nb\r\n1\r\n2.5\r\n";
    expect(await load(Buffer.from(text))).toEqual({ "a\nb": 2.5 });
  });

  it("does not give out bytes of which nobody knows whether a transfer changed them", async () => {
    const bytes = new Bytes("ASCII").table(1, 3);
    bytes.number(1).tensor(2, "Byte", [3], [1]).raw("a\nb\n");
    bytes.number(2).tensor(4, "Byte", [3], [1]).raw("abc\n");
    bytes.number(3).int(8).int(6).text("\x1bLJ\n 12345678").table(7, 0);
    const text = Buffer.from(bytes.done()).toString("latin1").replaceAll("\n", "\r\n");
    const damaged = Buffer.from(text, "latin1");
    const [changed, whole, dump] = (await load(damaged)) as [Tensor, Tensor, LuaFunction];
    expect([...whole.data]).toEqual([97, 98, 99]);
    expect(() => changed.data).toThrow(/line ends/);
    expect(changed.storage?.error).toMatchObject({ code: "carriage_returns", path: "root[1]" });
    expect(dump.bytecode.length).toBe(0);
    const file = await open(damaged);
    const [first, second, third] = await file.children(file.roots[0]);
    expect(await file.read(second)).toEqual(whole.data);
    for (const job of [file.read(first), file.stats(first), file.value(third)]) {
      await expect(job).rejects.toMatchObject({ code: "carriage_returns" });
    }
    expect(third.error?.code).toBe("carriage_returns");
    await file.close();
  });
});

describe("whole files", () => {
  it("hold several objects: all of them, with references between", async () => {
    const roots = await load(fixture("stream_two_objects"), { all: true });
    expect(roots.length).toBe(4);
    expect((roots[1] as Record<string, LuaValue>).again).toBe(roots[0]);
    expect(roots[2]).toBe(roots[0]);
  });

  it("were appended to: objects numbered 1 again are new ones", async () => {
    const bytes = new Bytes().table(1, 1).string("a").number(1).table(1, 1).string("b").number(2);
    const codes: string[] = [];
    const onWarning = (warning: T7Error) => codes.push(warning.code);
    expect(await read(bytes, { all: true, onWarning })).toEqual([{ a: 1 }, { b: 2 }]);
    expect(codes).toContain("appended_session");
  });

  it("of 32-bit and big-endian machines need no option", async () => {
    for (const variant of ["", ".b32", ".be", ".be32"]) {
      const value = (await load(fixture(`captions_table${variant}`))) as object;
      expect(Object.keys(value).length).toBeGreaterThan(0);
    }
  });
});
