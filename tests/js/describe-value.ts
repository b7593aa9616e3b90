/** What `load` gave, with `tables: "map"`, as JSON: the notation of `docs/format.md`, cycles and all. */

import {
  fields,
  LuaFunction,
  LuaTable,
  Storage,
  type T7Error,
  Tensor,
  TorchObject,
  typename,
  version,
} from "../../wasm/js/index.node.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A number as JSON has it; what JSON lacks, and 64-bit integers, as text. */
function describeNumber(value: number | bigint): Json {
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value).replace("Infinity", "inf").toLowerCase();
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

const step = (key: unknown) =>
  typeof key === "string" && /^[a-z_]\w*$/i.test(key) ? `.${key}` : `[${key}]`;

class Describer {
  /** Where each object was met first. */
  readonly #paths = new Map<object, string>();

  value(value: unknown, path: string): Json {
    if (typeof value === "number" || typeof value === "bigint") return describeNumber(value);
    if (value === null || typeof value !== "object") return value as Json;
    if (value instanceof Uint8Array) return { $bytes: hex(value) };
    const known = this.#paths.get(value);
    if (known !== undefined) return { $same: known };
    this.#paths.set(value, path);
    if (value instanceof LuaTable) return this.#table(value, path);
    if (value instanceof Tensor) return this.#tensor(value, path);
    if (value instanceof Storage) {
      return { $storage: value.typename, elements: Array.from(value.data, describeNumber) };
    }
    if (value instanceof LuaFunction) return this.#function(value, path);
    if (value instanceof TorchObject) return this.#object(value, path);
    return (value as unknown[]).map((item, i) => this.value(item, `${path}[${i + 1}]`));
  }

  #table(table: LuaTable, path: string): Json {
    const keys = [...table.keys()];
    const entries = [...table];
    if (typename(table) === undefined) {
      const sorted = keys.filter((key) => typeof key === "number").sort((a, b) => a - b);
      if (sorted.length === keys.length && sorted.every((key, i) => key === i + 1)) {
        return sorted.map((key) => this.value(table.get(key), path + step(key)));
      }
      if (keys.every((key) => typeof key === "string")) {
        return Object.fromEntries(entries.map(([k, v]) => [k, this.value(v, path + step(k))]));
      }
    }
    const name = typename(table) === undefined ? "$table" : "$hash";
    const pairs = entries.map(([k, v]) => [
      this.value(k, `${path}.key`),
      this.value(v, path + step(k)),
    ]);
    return { [name]: pairs };
  }

  #tensor(tensor: Tensor, path: string): Json {
    const { shape, strides, storageOffset: offset } = tensor;
    const storage = this.value(tensor.storage, `${path}.storage`);
    const rest = { shape: [...shape], strides: [...strides], offset, storage };
    try {
      const values = Array.from(tensor.data as Float64Array, describeNumber);
      return { $tensor: tensor.typename, ...rest, values };
    } catch (error) {
      return { $tensor: tensor.typename, ...rest, error: (error as T7Error).code };
    }
  }

  #object(object: TorchObject, path: string): Json {
    const all = fields(object);
    const result: Json = {
      $object: typename(object) as string,
      version: version(object) as number | null,
      fields: Object.fromEntries(
        [...all].map(([key, value]) => [String(key), this.value(value, path + step(key))]),
      ),
    };
    for (const [name, value] of Object.entries(object)) {
      if (!all.has(name)) result[name] = this.value(value, path + step(name));
    }
    return result;
  }

  #function(made: LuaFunction, path: string): Json {
    return {
      $function: made.type,
      producer: made.header?.producer ?? null,
      source: made.header?.source ?? null,
      bytes: made.bytecode.length,
      upvalues: made.upvalues.map(({ name, id, value }, i) => ({
        name,
        id,
        value: this.value(value, `${path}.upvalues[${i + 1}]`),
      })),
    };
  }
}

/** Describes one value, or with `roots` the list of all top-level values. */
export function describeValue(value: unknown, roots = false): Json {
  const describer = new Describer();
  if (!roots) return describer.value(value, "root");
  return (value as unknown[]).map((root, i) =>
    describer.value(root, i === 0 ? "root" : `roots[${i + 1}]`),
  );
}
