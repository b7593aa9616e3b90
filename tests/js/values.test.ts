import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { readDumpHeader } from "../../wasm/js/values/dump.js";
import {
  fields,
  LuaFunction,
  LuaTable,
  type LuaValue,
  setFields,
  TorchObject,
  typename,
  version,
} from "../../wasm/js/values/values.js";

function objectOf(name: string, ...entries: LuaValue[]): TorchObject {
  const object = new TorchObject(name, 1);
  setFields(object, entries);
  return object;
}

describe("LuaTable", () => {
  it("is a Map in file order with keys by identity", () => {
    const key = new LuaTable();
    const table = new LuaTable([
      [1, "a"],
      [true, "b"],
      [key, "c"],
      ["1", "d"],
    ]);
    expect(table).toBeInstanceOf(Map);
    expect([...table.values()]).toEqual(["a", "b", "c", "d"]);
    expect(table.get(true)).toBe("b");
    expect(table.get(key)).toBe("c");
    expect(table.get(new LuaTable())).toBeUndefined();
    expect(typename(table)).toBeUndefined();
    expect(typename(new LuaTable(null, "tds.Hash"))).toBe("tds.Hash");
  });
});

describe("TorchObject", () => {
  it("has fields with string and number keys as own properties", () => {
    const object = objectOf("nn.X", "weight", 1, 2, "two", true, "odd", "typename", "mine");
    expect(Object.keys(object)).toEqual(["2", "weight", "typename"]);
    expect(object.weight).toBe(1);
    expect(object[2]).toBe("two");
    expect(typename(object)).toBe("nn.X");
    expect(version(object)).toBe(1);
    expect([...fields(object)]).toEqual([
      ["weight", 1],
      [2, "two"],
      [true, "odd"],
      ["typename", "mine"],
    ]);
  });

  it("takes __proto__ and names of Object.prototype as fields", () => {
    const object = objectOf("nn.X", "__proto__", 5, "toString", 6, "constructor", 7);
    expect(Object.keys(object)).toEqual(["__proto__", "toString", "constructor"]);
    expect(Object.getPrototypeOf(object)).toBe(TorchObject.prototype);
    expect(Object.getOwnPropertyDescriptor(object, "__proto__")?.value).toBe(5);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(object).toBeInstanceOf(TorchObject);
  });

  it("lets the last of two equal keys win", () => {
    const object = objectOf("nn.X", "a", 1, "b", 2, "a", 3);
    expect(object.a).toBe(3);
    expect([...fields(object)]).toEqual([
      ["a", 3],
      ["b", 2],
    ]);
  });

  it("has no own property without fields, and no version before versions", () => {
    const object = new TorchObject("tds.AtomicCounter", null);
    expect(Reflect.ownKeys(object)).toEqual([]);
    expect(version(object)).toBeNull();
    expect(fields(object).size).toBe(0);
    expect([typename({}), typename(null), version([])]).toEqual([undefined, undefined, undefined]);
  });

  it("prints its class and survives cycles and depth", () => {
    const object = new TorchObject("nn.Linear", 1);
    setFields(object, ["bias", 1, "self", object]);
    const expected = "<ref *1> TorchObject [nn.Linear] { bias: 1, self: [Circular *1] }";
    expect(inspect(object)).toBe(expected);
    expect(inspect(object, { depth: Infinity })).toBe(expected);
    expect(String(TorchObject.prototype)).toBe("[object TorchObject]");
  });
});

describe("LuaFunction", () => {
  it("keeps its upvalues and prints without following them", () => {
    const bytecode = new Uint8Array([0x1b, 0x4c, 0x4a, 1, 2]);
    const f = new LuaFunction(8, bytecode);
    f.upvalues.push({ name: "self", id: 1, value: f }, { name: null, id: null, value: null });
    expect(inspect(f)).toBe("[LuaFunction: LuaJIT 2.0, 5 bytes, upvalues self, ?]");
    expect(inspect(new LuaFunction(6, new Uint8Array(3)))).toContain("unknown bytecode, 3 bytes");
    expect(typeof f).toBe("object");
  });
});

/** The dump of a fixture that holds one function of type 8: code, index, size, then the dump. */
function dumpOf(name: string, header = 12): Uint8Array {
  const bytes = readFileSync(`testfiles_x86_64/${name}.t7`);
  const size = bytes.readUInt32LE(header - 4);
  return bytes.subarray(header, header + size);
}

describe("readDumpHeader", () => {
  const none = { stripped: null, ffi: null, gc64: null };

  it.each([
    ["function_plain", "LuaJIT 2.1", { stripped: false, ffi: false, gc64: true }],
    ["function_plain_luajit21_gc32", "LuaJIT 2.1", { stripped: false, ffi: false, gc64: false }],
    ["function_plain_lua51", "Lua 5.1", none],
    ["function_plain_lua52", "Lua 5.2", none],
  ])("reads %s", (name, producer, expected) => {
    const header = readDumpHeader(dumpOf(name));
    expect(header).toMatchObject({ producer, byteOrder: "little", ...expected });
    // Lua 5.2 has the name at the end of the dump, which is not read.
    if (producer === "Lua 5.2") expect(header?.source).toBeNull();
    else expect(header?.source).toMatch(/^@.+\.lua$/);
  });

  it("reads LuaJIT 2.0 and Lua 5.3 built by hand", () => {
    const jit = [0x1b, 0x4c, 0x4a, 1, 1, 6, ...Buffer.from("@f.lua"), 0];
    expect(readDumpHeader(new Uint8Array(jit))).toMatchObject({
      ...{ producer: "LuaJIT 2.0", byteOrder: "big", source: "@f.lua", gc64: null },
    });
    expect(readDumpHeader(new Uint8Array([0x1b, 0x4c, 0x4a, 2, 2, 6, 64, 65]))).toMatchObject({
      ...{ producer: "LuaJIT 2.1", stripped: true, source: null, gc64: false },
    });
    const lua53 = Buffer.concat([
      Buffer.from("1b4c7561530019930d0a1a0a0408040808", "hex"),
      Buffer.from("7856000000000000" + "0000000000287740" + "01", "hex"),
      Buffer.from("\x07@g.lua"),
    ]);
    expect(readDumpHeader(lua53)).toMatchObject({
      ...{ producer: "Lua 5.3", byteOrder: "little", source: "@g.lua" },
    });
  });

  it("never reads past a dump that is cut or claims too much", () => {
    const whole = [dumpOf("function_plain"), dumpOf("function_plain_lua51")];
    for (const dump of whole) {
      for (let n = 0; n < 40; n++) {
        const header = readDumpHeader(dump.slice(0, n));
        if (header?.source) expect(n).toBeGreaterThan(header.source.length);
      }
    }
    const lying = [0x1b, 0x4c, 0x4a, 2, 0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x40];
    expect(readDumpHeader(new Uint8Array(lying))?.source).toBeNull();
    expect(readDumpHeader(Buffer.from("\x1bNotLua at all"))).toBeNull();
  });
});
