/** Compares what `load` gives with what Torch had in memory (tests/oracle/README.md). */

import { crc32 } from "node:zlib";
import {
  fields,
  LuaFunction,
  LuaTable,
  type LuaValue,
  Storage,
  Tensor,
  TorchObject,
  typename,
  version,
} from "../../wasm/js/index.node.js";

// biome-ignore lint/suspicious/noExplicitAny: the oracle is free-form JSON; its README is the schema
export type Oracle = any;

/** The oracle's statistic; a deviation whose squares were too large for Torch, from its elements. */
function statistic(oracle: Oracle, name: "min" | "max" | "mean" | "std"): number | null {
  if (oracle[name] === null) return null;
  const torchs = toNumber(oracle[name]);
  if (name !== "std" || Number.isFinite(torchs)) return torchs;
  const small = oracle.values
    .map((value: Oracle) => toNumber(value) * 2 ** -600)
    .filter((value: number) => Number.isFinite(value));
  const mean = small.reduce((sum: number, value: number) => sum + value / small.length, 0);
  const squares = small.map((value: number) => (value - mean) ** 2);
  const sum = squares.reduce((total: number, square: number) => total + square, 0);
  return Math.sqrt(sum / (small.length - 1)) * 2 ** 600;
}

/** Compares one file's values; identity is part of it. Collects every difference as a line. */
export class Comparison {
  readonly differences: string[] = [];
  readonly #byId = new Map<number, unknown>();
  readonly #ids = new Map<unknown, number>();

  value(actual: unknown, oracle: Oracle, at: string) {
    switch (oracle.kind) {
      case "nil":
        return this.#same(actual, null, at);
      case "number":
        return this.#same(actual, toNumber(oracle.value), at);
      case "boolean":
        return this.#same(actual, oracle.value, at);
      case "string":
        return this.#string(actual, oracle, at);
      case "ref":
        return this.#is(actual === this.#byId.get(oracle.id), `${at} is object ${oracle.id}`);
      case "table":
      case "hash":
        return this.#table(actual, oracle, at);
      case "vec":
        return this.#vec(actual, oracle, at);
      case "tensor":
        return this.#tensor(actual, oracle, at);
      case "storage":
        return this.#storage(actual, oracle, at);
      case "function":
        return this.#function(actual, oracle, at);
      case "object":
        return this.#object(actual, oracle, at);
      default:
        this.differences.push(`${at}: the oracle has a ${oracle.kind}`);
    }
  }

  #is(condition: boolean, what: string) {
    if (!condition) this.differences.push(what);
  }

  #same(actual: unknown, expected: unknown, at: string) {
    this.#is(
      Object.is(actual, expected),
      `${at}: ${String(actual)} instead of ${String(expected)}`,
    );
  }

  /** One object for one id, and one id for one object. */
  #remember(actual: unknown, id: number | null, at: string) {
    if (id === null) return;
    this.#is(!this.#byId.has(id) && !this.#ids.has(actual), `${at}: object ${id} is another one`);
    this.#byId.set(id, actual);
    this.#ids.set(actual, id);
  }

  #string(actual: unknown, oracle: Oracle, at: string) {
    const text = typeof actual === "string" ? Buffer.from(actual) : actual;
    if (!(text instanceof Uint8Array)) return this.#is(false, `${at}: no string`);
    const hex = Buffer.from(text).toString("hex");
    this.#same(text.length, oracle.length, `${at} length`);
    if (oracle.hex !== undefined) return this.#same(hex, oracle.hex, at);
    this.#same(hexOf(crc32(text)), oracle.crc32, `${at} crc32`);
    this.#is(hex.startsWith(oracle.hexFirst) && hex.endsWith(oracle.hexLast), `${at} ends`);
  }

  #entries(actual: Map<unknown, unknown>, entries: Oracle[], at: string) {
    this.#same(actual.size, entries.length, `${at} size`);
    let i = 0;
    for (const [key, value] of actual) {
      if (i >= entries.length) return;
      this.value(key, entries[i][0], `${at} key ${i}`);
      this.value(value, entries[i][1], `${at}[${i}]`);
      i++;
    }
  }

  #table(actual: unknown, oracle: Oracle, at: string) {
    if (!(actual instanceof LuaTable)) return this.#is(false, `${at}: no LuaTable`);
    this.#remember(actual, oracle.id, at);
    if (oracle.kind === "hash") this.#same(typename(actual), oracle.class, `${at} class`);
    this.#entries(actual, oracle.entries, at);
  }

  #vec(actual: unknown, oracle: Oracle, at: string) {
    if (!Array.isArray(actual)) return this.#is(false, `${at}: no Array`);
    this.#remember(actual, oracle.id, at);
    this.#same(actual.length, oracle.items.length, `${at} length`);
    for (const [i, item] of oracle.items.entries()) this.value(actual[i], item, `${at}[${i}]`);
  }

  #tensor(actual: unknown, oracle: Oracle, at: string) {
    if (!(actual instanceof Tensor)) return this.#is(false, `${at}: no Tensor`);
    this.#remember(actual, oracle.id, at);
    const empty = oracle.size.length === 0;
    this.#same(actual.typename, oracle.class, `${at} class`);
    this.#same(actual.shape.join(), empty ? "0" : oracle.size.join(), `${at} shape`);
    this.#same(actual.strides.join(), empty ? "1" : oracle.stride.join(), `${at} strides`);
    this.#same(actual.storageOffset, oracle.offset, `${at} storageOffset`);
    this.#same(actual.size, oracle.count, `${at} size`);
    if (oracle.storage.kind === "nil") this.#same(actual.storage, null, `${at} storage`);
    else this.value(actual.storage, oracle.storage, `${at} storage`);
    this.#elements(actual.data, oracle, at);
    this.#stats(actual, oracle, at);
  }

  #elements(data: ArrayLike<number | bigint>, oracle: Oracle, at: string) {
    const compare = (expected: Oracle[], start: number) => {
      for (const [i, value] of expected.entries()) {
        this.#same(data[start + i], toElement(value), `${at}[${start + i}]`);
      }
    };
    if (oracle.values !== undefined) compare(oracle.values, 0);
    if (oracle.valuesFirst !== undefined) compare(oracle.valuesFirst, 0);
    if (oracle.valuesLast !== undefined)
      compare(oracle.valuesLast, data.length - oracle.valuesLast.length);
  }

  #stats(actual: Tensor, oracle: Oracle, at: string) {
    const stats = actual.stats();
    for (const [ours, theirs] of [
      [stats.count, oracle.count],
      [stats.nan, oracle.nan],
      [stats.posInf, oracle.posinf],
      [stats.negInf, oracle.neginf],
    ]) {
      this.#same(ours, theirs, `${at} counts`);
    }
    for (const name of ["min", "max", "mean", "std"] as const) {
      const ours = stats[name] === null ? null : Number(stats[name]);
      const theirs = statistic(oracle, name);
      const scale = Math.max(Math.abs(oracle.min ?? 0), Math.abs(oracle.max ?? 0));
      const near =
        ours === null || theirs === null
          ? ours === theirs
          : ours === theirs ||
            Math.abs(ours - theirs) <= (name === "min" || name === "max" ? 0 : 1e-12 * scale);
      this.#is(near, `${at} ${name}: ${ours} instead of ${theirs}`);
    }
  }

  #storage(actual: unknown, oracle: Oracle, at: string) {
    if (!(actual instanceof Storage)) return this.#is(false, `${at}: no Storage`);
    this.#remember(actual, oracle.id, at);
    this.#same(actual.typename, oracle.class, `${at} class`);
    this.#same(actual.length, oracle.length, `${at} length`);
    const { data, raw } = actual;
    const stored = raw ?? data;
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    // A 4-byte file cannot say how wide its longs were in memory: the oracle speaks of memory.
    this.#same(stored.BYTES_PER_ELEMENT, oracle.elementSize, `${at} element`);
    this.#same(hexOf(crc32(bytes)), oracle.crc32, `${at} crc32`);
    this.#elements(data, { valuesFirst: oracle.first, valuesLast: oracle.last }, at);
  }

  #function(actual: unknown, oracle: Oracle, at: string) {
    if (!(actual instanceof LuaFunction)) return this.#is(false, `${at}: no LuaFunction`);
    this.#remember(actual, oracle.id, at);
    const { bytecode, upvalues } = actual;
    this.#same(actual.type, oracle.type, `${at} type`);
    this.#same(bytecode.length, oracle.bytecodeLength, `${at} bytecode`);
    this.#same(hexOf(crc32(bytecode)), oracle.bytecode_crc32, `${at} bytecode crc32`);
    const expected = oracle.upvalues ?? oracle.upvalueList ?? [];
    this.#same(upvalues.length, expected.length, `${at} upvalues`);
    for (const [i, upvalue] of expected.entries()) {
      const where = `${at} upvalue ${i}`;
      if (upvalues[i] === undefined) return;
      if (oracle.upvalues === undefined) {
        this.value(upvalues[i].value, upvalue[1], where);
        continue;
      }
      this.#same(upvalues[i].name, upvalue.name, `${where} name`);
      this.#same(upvalues[i].id, upvalue.id ?? null, `${where} id`);
      this.value(upvalues[i].value, upvalue.value ?? { kind: "nil" }, where);
    }
  }

  #object(actual: unknown, oracle: Oracle, at: string) {
    if (!(actual instanceof TorchObject)) return this.#is(false, `${at}: no TorchObject`);
    this.#remember(actual, oracle.id, at);
    this.#same(typename(actual), oracle.class, `${at} class`);
    this.#same(version(actual), oracle.version, `${at} version`);
    if (oracle.custom === true) return this.#custom(actual, oracle, at);
    this.#entries(fields(actual), oracle.entries, at);
  }

  /** What a class's own `write` wrote: raw bytes, nothing, or objects, which we have guessed. */
  #custom(actual: TorchObject, oracle: Oracle, at: string) {
    if (oracle.raw.length === 0) return this.#same(fields(actual).size, 0, `${at} fields`);
    if (oracle.raw[0].op === "bytes") {
      const bytes = actual.bytes as unknown as Uint8Array;
      this.#same(bytes.length, oracle.raw[0].length, `${at} bytes`);
      return this.#same(hexOf(crc32(bytes)), oracle.raw[0].crc32, `${at} bytes crc32`);
    }
    const parts = (actual.parts ?? [
      actual.gpuAssignments ?? actual.header,
      fields(actual),
    ]) as LuaValue[];
    this.#same(parts.length, oracle.raw.length, `${at} parts`);
    for (const [i, raw] of oracle.raw.entries()) this.value(parts[i], raw.value, `${at} part ${i}`);
  }
}

const hexOf = (crc: number) => crc.toString(16).padStart(8, "0");

function toNumber(value: number | string): number {
  if (typeof value === "number") return value;
  return { nan: Number.NaN, inf: Infinity, "-inf": -Infinity }[value] ?? Number(value);
}

/** An element: decimal strings are longs. */
function toElement(value: number | string): number | bigint {
  if (typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value);
  return toNumber(value);
}
