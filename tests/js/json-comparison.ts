/** Compares exported JSON with what Torch had in memory (tests/oracle/README.md). */

import { crc32 } from "node:zlib";
import type { Oracle } from "./oracle.js";

// biome-ignore lint/suspicious/noExplicitAny: the schema says what it may be
type Json = any;

const arrays: Record<string, new (values: never[]) => ArrayBufferView> = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as never;

const numberOf = (value: Json): number =>
  typeof value === "number" ? value : Number(typeof value === "object" ? value.value : value);

/** The oracle writes what JSON has no number for as text, in Lua's words. */
const expectedNumber = (value: Json): number => {
  const words: Record<string, number> = {
    nan: Number.NaN,
    "-nan": Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
    "-0": -0,
  };
  return typeof value === "string" ? (words[value] ?? Number(value)) : value;
};

export class JsonComparison {
  readonly differences: string[] = [];
  private readonly ids = new Map<number, number>();

  private is(condition: boolean, what: string) {
    if (!condition) this.differences.push(what);
  }

  private remember(json: Json, oracle: Oracle, at: string) {
    if (oracle.id === null) return;
    this.is(!this.ids.has(oracle.id), `${at}: object ${oracle.id} twice`);
    this.ids.set(oracle.id, json.id);
  }

  value(json: Json, oracle: Oracle, at: string) {
    switch (oracle.kind) {
      case "nil":
        return this.is(json === null, `${at} is no nil`);
      case "number":
        return this.is(
          Object.is(numberOf(json), expectedNumber(oracle.value)),
          `${at}: ${JSON.stringify(json)} for ${oracle.value}`,
        );
      case "boolean":
        return this.is(json === oracle.value, `${at}: ${json}`);
      case "string":
        return this.string(json, oracle, at);
      case "ref":
        return this.is(json?.ref === this.ids.get(oracle.id), `${at} is not object ${oracle.id}`);
      case "tensor":
        return this.tensor(json, oracle, at);
      case "storage":
        return this.storage(json, oracle, at);
      case "function":
        return this.function(json, oracle, at);
      case "vec":
        this.remember(json, oracle, at);
        this.is(json.list.length === oracle.items.length, `${at} length`);
        for (const [i, item] of oracle.items.entries())
          this.value(json.list[i], item, `${at}[${i}]`);
        return;
      default:
        return this.entries(json, oracle, at);
    }
  }

  private string(json: Json, oracle: Oracle, at: string) {
    const bytes = typeof json === "string" ? Buffer.from(json) : Buffer.from(json.base64, "base64");
    this.is(bytes.length === oracle.length, `${at} length`);
    if (oracle.hex !== undefined)
      return this.is(bytes.toString("hex") === oracle.hex, `${at} bytes`);
    this.is(crc32(bytes).toString(16).padStart(8, "0") === oracle.crc32, `${at} crc32`);
  }

  private entries(json: Json, oracle: Oracle, at: string) {
    this.is(json?.kind === oracle.kind, `${at}: a ${json?.kind} for a ${oracle.kind}`);
    this.remember(json, oracle, at);
    if (oracle.kind === "object") {
      this.is(json.class === oracle.class && json.version === oracle.version, `${at} class`);
    }
    const pairs = json.entries ?? json.list.map((value: Json, index: number) => [index + 1, value]);
    // Bodies that are no table of fields have no entries in the oracle.
    if (oracle.entries === undefined) return;
    this.is(pairs.length === oracle.entries.length, `${at} size`);
    for (const [i, [key, value]] of oracle.entries.entries()) {
      this.value(pairs[i][0], key, `${at} key ${i}`);
      this.value(pairs[i][1], value, `${at}[${i}]`);
    }
  }

  private tensor(json: Json, oracle: Oracle, at: string) {
    this.remember(json, oracle, at);
    const isEmpty = oracle.size.length === 0;
    this.is(json.class === oracle.class, `${at} class`);
    this.is(json.shape.join() === (isEmpty ? "0" : oracle.size.join()), `${at} shape`);
    this.is(json.strides.join() === (isEmpty ? "1" : oracle.stride.join()), `${at} strides`);
    this.is(json.storageOffset === oracle.offset, `${at} offset`);
    this.value(json.storage, oracle.storage, `${at} storage`);
  }

  private storage(json: Json, oracle: Oracle, at: string) {
    this.remember(json, oracle, at);
    this.is(json.class === oracle.class, `${at}: ${json.class} for ${oracle.class}`);
    this.is(json.elements.length === oracle.length, `${at} length`);
    const Type = arrays[json.dtype];
    // JSON has one NaN, Torch many: their bits are not compared.
    if (Type === undefined || json.elements.includes("NaN")) {
      const same = (value: Json, i: number) =>
        Object.is(numberOf(json.elements[i]), expectedNumber(value));
      return this.is(oracle.first.every(same), `${at} elements`);
    }
    const values = json.elements.map((value: Json) =>
      json.dtype === "int64" ? BigInt(value) : numberOf(value),
    );
    const array = new Type(values as never[]);
    const bytes = new Uint8Array(array.buffer, 0, array.byteLength);
    this.is(crc32(bytes).toString(16).padStart(8, "0") === oracle.crc32, `${at} crc32`);
  }

  private function(json: Json, oracle: Oracle, at: string) {
    this.remember(json, oracle, at);
    const bytes = Buffer.from(json.bytecode, "base64");
    this.is(crc32(bytes).toString(16).padStart(8, "0") === oracle.bytecode_crc32, `${at} bytecode`);
    for (const [i, upvalue] of (oracle.upvalues ?? []).entries()) {
      // What a function captured as nil is not in the file.
      const pair = json.upvalues.find(([key]: Json[]) => key === upvalue.name || key === i + 1);
      this.value(pair?.[1] ?? null, upvalue.value, `${at} upvalue ${i}`);
    }
  }
}
