/** The JavaScript values that `load` gives for what JavaScript does not have itself. */

import { type JsonForm, type JsonPart, jsonForm, toJson } from "../base/to-json.js";
import { type DumpHeader, readDumpHeader } from "./dump.js";
import { Storage } from "./storage.js";
import { Tensor } from "./tensor.js";

/** Everything that `load` can give. */
export type LuaValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | LuaValue[]
  | LuaObject
  | LuaTable
  | TorchObject
  | Tensor
  | Storage
  | LuaFunction;

/** A table whose keys are all strings of valid UTF-8. */
export type LuaObject = { [key: string]: LuaValue };

/** A key of a Lua table: anything but nil. Strings that are not UTF-8 are `Uint8Array`. */
export type LuaKey = Exclude<LuaValue, null>;

// Ways into private fields, set by the classes below.
let tableTypename: (table: LuaTable) => string | undefined;
let objectTypename: (object: TorchObject) => string;
let objectVersion: (object: TorchObject) => number | null;
let objectEntries: (object: TorchObject) => readonly LuaValue[];

/**
 * Gives an object its fields, `[key, value, key, value …]` in file order. Objects are made before
 * their fields, which can refer to them. The array belongs to the object from then on. Not public.
 */
export let setFields: (object: TorchObject, entries: readonly LuaValue[]) => void;

/**
 * A Lua table with any keys, in file order. Keys are compared as in Lua: `true` is not 1, and
 * tables, tensors and byte strings by identity.
 */
export class LuaTable extends Map<LuaKey, LuaValue> {
  readonly #typename: string | undefined;

  /** `typename` is given for containers that are not plain tables, such as `tds.Hash`. */
  constructor(entries?: Iterable<readonly [LuaKey, LuaValue]> | null, typename?: string) {
    super(entries);
    this.#typename = typename;
  }

  /** `{ entries: [[key, value], …] }`, with `typename` where it is not a plain table. Throws `not_json`. */
  toJSON(): unknown {
    return toJson(this);
  }

  [jsonForm](): JsonForm {
    const entries: unknown[][] = [];
    const parts: JsonPart[] = [];
    for (const [key, value] of this) {
      const into: unknown[] = [];
      entries.push(into);
      const step = typeof key === "string" || typeof key === "number" ? key : null;
      parts.push({ value: key, into, key: 0, step: null }, { value, into, key: 1, step });
    }
    const name = this.#typename;
    return { made: name === undefined ? { entries } : { typename: name, entries }, parts };
  }

  override get [Symbol.toStringTag](): string {
    return (#typename in this ? this.#typename : undefined) ?? "LuaTable";
  }

  static {
    tableTypename = (table) => table.#typename;
  }
}

/**
 * A Torch object. Fields with string or number keys are own properties; `fields(object)` has all
 * of them in file order, `typename(object)` the class, `version(object)` its version. Objects
 * without fields or with more than fields have, where it applies, own properties
 * `value` (`bigint`), `bytes`, `header`, `gpuAssignments`, `tensors` and `parts`.
 *
 * `JSON.stringify` writes `{ typename, version, fields }`, tensors inside as nested arrays. It throws
 * `not_json` where the object contains itself, `too_large` above 8,388,608 values and elements.
 */
export class TorchObject {
  [field: string | number]: LuaValue;
  readonly #typename: string;
  readonly #version: number | null;
  /** Keys and values in turn, in file order. */
  #entries: readonly LuaValue[] = [];

  constructor(typename: string, version: number | null) {
    this.#typename = typename;
    this.#version = version;
  }

  [jsonForm](): JsonForm {
    const into: Record<string, unknown> = {};
    const parts: JsonPart[] = [];
    for (let i = 0; i < this.#entries.length; i += 2) {
      const [key, value] = [this.#entries[i], this.#entries[i + 1]];
      const name = typeof key === "object" ? `<${typename(key) ?? "table"}>` : String(key);
      parts.push({ value, into, key: name, step: name });
    }
    const made = { typename: this.#typename, version: this.#version, fields: into };
    return { made, parts };
  }

  /** The class, so that consoles print `TorchObject [nn.Linear] { … }`, cycles and all. */
  get [Symbol.toStringTag](): string {
    // The prototype itself is asked too, and has no class.
    return #typename in this ? this.#typename : "TorchObject";
  }

  static {
    // Not declared: every name is a field. A field of this name comes before it, as in JavaScript.
    const toJSON = function (this: TorchObject) {
      return toJson(this);
    };
    Object.defineProperty(TorchObject.prototype, "toJSON", { value: toJSON, configurable: true });
    objectTypename = (object) => object.#typename;
    objectVersion = (object) => object.#version;
    objectEntries = (object) => object.#entries;
    setFields = (object, entries) => {
      object.#entries = entries;
      for (let i = 0; i < entries.length; i += 2) {
        const key = entries[i];
        if (typeof key === "string" || typeof key === "number") {
          setOwn(object, key, entries[i + 1]);
        }
      }
    };
  }
}

/** One captured variable of a function. */
export interface LuaUpvalue {
  /** Its name in the source; `null` where the file has none (files written before June 2015). */
  name: string | null;
  /** Closures that share the variable have the same id; `null` where the file has none. */
  id: number | null;
  value: LuaValue;
}

/** A Lua function: its bytecode and what it captured. It cannot be called and nothing runs it. */
export class LuaFunction {
  /** The type code it was written with; it tells the time: 6 until 2014, 7 until 2015, then 8. */
  readonly type: 6 | 7 | 8;
  /** What `string.dump` gave; empty where the file is damaged or ends. */
  readonly bytecode: Uint8Array;
  readonly upvalues: LuaUpvalue[];
  #header: DumpHeader | null | undefined;

  constructor(type: 6 | 7 | 8, bytecode: Uint8Array, upvalues: LuaUpvalue[] = []) {
    this.type = type;
    this.bytecode = bytecode;
    this.upvalues = upvalues;
  }

  /** What the dump says about itself; `null` if it does not start like any Lua's dump. */
  get header(): DumpHeader | null {
    if (this.#header === undefined) this.#header = readDumpHeader(this.bytecode);
    return this.#header;
  }

  /** What it is and what it captured; not the bytecode. */
  toJSON(): unknown {
    return toJson(this);
  }

  [jsonForm](): JsonForm {
    const upvalues = this.upvalues.map(({ name, id }) => ({ name, id, value: null as unknown }));
    const parts = this.upvalues.map(({ value, name }, i) => ({
      value,
      into: upvalues[i],
      key: "value",
      step: { upvalue: name ?? i + 1 },
    }));
    const producer = this.header?.producer ?? null;
    return {
      made: { function: this.type, producer, bytes: this.bytecode.length, upvalues },
      parts,
    };
  }

  get [Symbol.toStringTag](): string {
    return "LuaFunction";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const names = this.upvalues.map((upvalue) => upvalue.name ?? "?").join(", ");
    const producer = this.header?.producer ?? "unknown bytecode";
    const captured = names === "" ? "" : `, upvalues ${names}`;
    return `[LuaFunction: ${producer}, ${this.bytecode.length} bytes${captured}]`;
  }
}

/** Makes an own property of any name, `__proto__` too, as an object literal would. Not public. */
export function setOwn(target: object, key: string | number, value: unknown): void {
  if (key === "__proto__") {
    const attributes = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(target, key, attributes);
  } else {
    (target as Record<string | number, unknown>)[key] = value;
  }
}

/**
 * The Torch class of a value, such as `nn.Linear`, `torch.FloatTensor` or `tds.Hash`; `undefined`
 * for everything that is not of a class (and for `tds.Vec`, which becomes a plain `Array`).
 */
export function typename(value: unknown): string | undefined {
  if (value instanceof TorchObject) return objectTypename(value);
  if (value instanceof Tensor || value instanceof Storage) return value.typename;
  return value instanceof LuaTable ? tableTypename(value) : undefined;
}

/**
 * The version of the class that wrote an object; `null` for files from before versions (2012),
 * `undefined` for values that are not a `TorchObject`.
 */
export function version(value: unknown): number | null | undefined {
  return value instanceof TorchObject ? objectVersion(value) : undefined;
}

/** All fields of an object in file order, with keys of every type: a new table at each call. */
export function fields(object: TorchObject): LuaTable {
  const table = new LuaTable();
  const entries = objectEntries(object);
  for (let i = 0; i < entries.length; i += 2) table.set(entries[i] as LuaKey, entries[i + 1]);
  return table;
}
