/**
 * For `load`: makes JavaScript values of a graph. All objects are made first and filled then, so
 * shared references and cycles need no recursion and no stack.
 */

import { T7Error } from "./errors.js";
import { Flag, type Graph, Kind, none } from "./graph.js";
import { toT7Error } from "./issues.js";
import type { LoadOptions } from "./load.js";
import { pathText } from "./locate.js";
import { type Kernels, Storage } from "./storage.js";
import { Tensor } from "./tensor.js";
import { isGuessed, partSteps, Tree, upvaluesOf } from "./tree.js";
import {
  LuaFunction,
  type LuaKey,
  LuaTable,
  type LuaValue,
  setFields,
  setOwn,
  TorchObject,
} from "./values.js";

/** V8's `Map` holds no more. */
const maxMapEntries = 2 ** 24;

/** Payload that is in JavaScript's hands by now. */
export interface Payload {
  kernels: Kernels;
  /** Address of each storage's elements in the kernels' memory, by object id. */
  addresses: Map<number, number>;
  /** Bytes of long strings by string id, of dumps by object id, of raw bytes by node id. */
  strings: Map<number, Uint8Array>;
  dumps: Map<number, Uint8Array>;
  bytes: Map<number, Uint8Array>;
}

export class Converter {
  readonly #graph: Graph;
  readonly #tree: Tree;
  readonly #payload: Payload;
  readonly #options: LoadOptions;
  /** Made for each object id. */
  readonly #made: LuaValue[];
  /** Text of each string id as a key, and as a value. */
  readonly #keys: Array<string | Uint8Array>;
  readonly #values: Array<string | Uint8Array>;
  /** Errors of single values, by object id. */
  readonly #invalid = new Map<number, T7Error>();

  constructor(graph: Graph, payload: Payload, options: LoadOptions) {
    this.#graph = graph;
    this.#tree = new Tree(graph);
    this.#payload = payload;
    this.#options = options;
    this.#made = new Array(graph.objectCount);
    this.#keys = this.#decodeKeys();
    this.#values = options.strings === undefined ? this.#keys : this.#decodeValues(options.strings);
    for (const issue of graph.issues) this.#invalid.set(issue.object, toT7Error(issue, graph));
  }

  /** The top-level values. */
  convert(): LuaValue[] {
    for (let object = 0; object < this.#graph.objectCount; object++) {
      this.#made[object] ??= this.#make(object);
    }
    for (let object = 0; object < this.#graph.objectCount; object++) this.#fill(object);
    return this.#graph.roots.map((node) => this.#value(node));
  }

  #decodeKeys(): Array<string | Uint8Array> {
    const texts = this.#graph.allTexts();
    const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    for (const [string, bytes] of this.#payload.strings) {
      try {
        texts[string] = utf8.decode(bytes);
      } catch {
        texts[string] = bytes;
      }
    }
    return texts as Array<string | Uint8Array>;
  }

  #decodeValues(form: "latin1" | "bytes"): Array<string | Uint8Array> {
    return this.#keys.map((_, string) => {
      const bytes = this.#payload.strings.get(string) ?? this.#graph.stringBytes(string).slice();
      return form === "bytes" ? bytes : latin1(bytes);
    });
  }

  // --- Making ---

  #make(object: number): LuaValue {
    const graph = this.#graph;
    switch (graph.kind(graph.node(object))) {
      case Kind.table:
        return this.#makeTable(object);
      case Kind.hash:
        return new LuaTable(null, graph.classOf(object).name);
      case Kind.vec:
        return new Array(graph.count(object));
      case Kind.object:
        return new TorchObject(graph.classOf(object).name, graph.classOf(object).version);
      case Kind.storage:
        return this.#makeStorage(object);
      case Kind.tensor:
        return this.#makeTensor(object);
      default: {
        const type = graph.first(object) === none ? 8 : graph.dump(object).type;
        const bytes = this.#payload.dumps.get(object) ?? new Uint8Array(0);
        return new LuaFunction(type, bytes, []);
      }
    }
  }

  #makeTable(object: number): LuaValue {
    const flags = this.#graph.flags(object);
    const asMap = this.#options.tables === "map";
    if (!asMap && (flags & Flag.list) !== 0) return new Array(this.#graph.count(object) >> 1);
    if (!asMap && (flags & Flag.record) !== 0) return {};
    const pairs = this.#graph.count(object) >> 1;
    if (pairs > maxMapEntries) {
      throw new T7Error("too_large", `a table has ${pairs} entries, more than a Map can hold`, {
        offset: this.#graph.offset(this.#graph.node(object)),
        path: pathText(this.#tree, this.#graph.node(object)),
        found: `${pairs} entries`,
        expected: `at most ${maxMapEntries}`,
        hint: "Use open() and children(): they read tables of any size in parts.",
      });
    }
    return new LuaTable();
  }

  #makeStorage(object: number): Storage {
    const graph = this.#graph;
    const { name, dtype } = graph.classOf(object);
    const incomplete = graph.has(object, Flag.incomplete);
    return new Storage({
      kernels: this.#payload.kernels,
      typename: name,
      dtype,
      length: incomplete ? 0 : graph.extent(object).length,
      address: this.#payload.addresses.get(object) ?? 0,
      error: incomplete ? this.#incomplete(object) : null,
    });
  }

  #incomplete(object: number): T7Error {
    const node = this.#graph.node(object);
    return new T7Error("truncated", "the elements of this storage are not all in the file", {
      offset: this.#graph.offset(node),
      path: pathText(this.#tree, node),
    });
  }

  /** The storage is made by then or comes right behind: it may be first met inside this tensor. */
  #makeTensor(object: number): Tensor {
    const graph = this.#graph;
    const { name, dtype } = graph.classOf(object);
    const incomplete = graph.has(object, Flag.incomplete);
    const invalid = this.#invalid.get(object) ?? (incomplete ? this.#incomplete(object) : null);
    const known = graph.first(object) !== none;
    const storageObject = known ? graph.storageOf(object) : none;
    if (storageObject !== none) this.#made[storageObject] ??= this.#makeStorage(storageObject);
    return new Tensor({
      kernels: this.#payload.kernels,
      typename: name,
      dtype,
      ...(known ? graph.view(object) : { shape: [], strides: [], storageOffset: 0 }),
      storage: storageObject === none ? null : (this.#made[storageObject] as Storage),
      error: invalid,
    });
  }

  // --- Filling ---

  #value(node: number): LuaValue {
    const graph = this.#graph;
    switch (graph.kind(node)) {
      case Kind.number:
        return graph.number(node);
      case Kind.string:
        return this.#values[graph.ref(node)];
      case Kind.boolean:
        return graph.ref(node) === 1;
      case Kind.nil:
        return null;
      case Kind.integer:
        return graph.integer(node);
      case Kind.bytes:
        return this.#payload.bytes.get(node) ?? new Uint8Array(0);
      default:
        return this.#made[graph.ref(node)];
    }
  }

  #key(node: number): LuaKey {
    const graph = this.#graph;
    if (graph.kind(node) === Kind.string) return this.#keys[graph.ref(node)];
    return this.#value(node) as LuaKey;
  }

  #fill(object: number): void {
    const graph = this.#graph;
    const made = this.#made[object];
    const kind = graph.kind(graph.node(object));
    if (kind === Kind.table || kind === Kind.hash) {
      if (made instanceof LuaTable) this.#fillMap(object, made);
      else if (Array.isArray(made)) this.#fillList(object, made);
      else this.#fillRecord(object, made as Record<string, LuaValue>);
    } else if (kind === Kind.vec) {
      const first = graph.first(object);
      const list = made as LuaValue[];
      for (let i = 0; i < list.length; i++) list[i] = this.#value(graph.child(first + i));
    } else if (kind === Kind.object) {
      this.#fillObject(object, made as TorchObject);
    } else if (kind === Kind.function) {
      for (const { name, id, value } of upvaluesOf(graph, object)) {
        const captured = value === none ? null : this.#value(value);
        (made as LuaFunction).upvalues.push({ name, id, value: captured });
      }
    }
  }

  #fillList(object: number, list: LuaValue[]): void {
    const graph = this.#graph;
    const first = graph.first(object);
    for (let i = 0; i < 2 * list.length; i += 2) {
      list[graph.number(graph.child(first + i)) - 1] = this.#value(graph.child(first + i + 1));
    }
  }

  #fillRecord(object: number, record: Record<string, LuaValue>): void {
    const graph = this.#graph;
    const first = graph.first(object);
    const end = first + graph.count(object);
    for (let i = first; i < end; i += 2) {
      const key = this.#keys[graph.ref(graph.child(i))] as string;
      if (key === "__proto__") setOwn(record, key, this.#value(graph.child(i + 1)));
      else record[key] = this.#value(graph.child(i + 1));
    }
  }

  #fillMap(object: number, map: LuaTable): void {
    const graph = this.#graph;
    const first = graph.first(object);
    for (let i = 0; i < graph.count(object); i += 2) {
      map.set(this.#key(graph.child(first + i)), this.#value(graph.child(first + i + 1)));
    }
  }

  /** Keys and values of a table, in turn. */
  #entries(table: number): LuaValue[] {
    const graph = this.#graph;
    const first = graph.first(table);
    const entries: LuaValue[] = [];
    for (let i = 0; i < graph.count(table); i += 2) {
      entries.push(this.#key(graph.child(first + i)), this.#value(graph.child(first + i + 1)));
    }
    return entries;
  }

  /** The fields of the body's table, and what its layout names beside it. */
  #fillObject(object: number, made: TorchObject): void {
    const graph = this.#graph;
    const { names } = graph.classOf(object);
    const count = graph.count(object);
    const first = graph.first(object);
    if (isGuessed(graph, object)) {
      const parts: LuaValue[] = [];
      for (let i = 0; i < count; i++) parts.push(this.#value(graph.child(first + i)));
      setOwn(made, "parts", parts);
      return;
    }
    const entries: LuaValue[] = [];
    const beside: Array<[string, LuaValue]> = [];
    const rest: LuaValue[] = [];
    let restName = "";
    for (const [i, step] of partSteps(names, count, false).entries()) {
      const node = graph.child(first + i);
      if (step === "*" && graph.kind(node) === Kind.table) {
        entries.push(...this.#entries(graph.ref(node)));
      } else if (step === "*") {
        beside.push(["value", this.#value(node)]);
      } else if (typeof step === "string" && names[i] === step) {
        beside.push([step, this.#value(node)]);
      } else if (step !== null) {
        restName = String(step).replace(/_\d+$/, "");
        rest.push(this.#value(node));
      }
    }
    if (restName !== "") {
      beside.push([restName, restName === "tensors" ? devicePairs(rest) : rest]);
    }
    // Torch5 classes have nothing but named parts: these are their fields.
    const own = names.includes("*") || kindsBeside.has(names[0]);
    if (!own) for (const [name, value] of beside) entries.push(name, value);
    setFields(made, entries);
    if (own) for (const [name, value] of beside) setOwn(made, name, value);
  }
}

/** Bodies that are one value and no fields: tds.AtomicCounter, torch.Generator. */
const kindsBeside = new Set(["value", "bytes"]);

/** Of torch.MultiCudaTensor: devices and tensors in turn. */
function devicePairs(values: LuaValue[]): LuaValue[] {
  const pairs: LuaValue[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    pairs.push({ device: values[i], tensor: values[i + 1] });
  }
  return pairs;
}

/** Each byte as the character of that number. */
function latin1(bytes: Uint8Array): string {
  const piece = 8192;
  let text = "";
  for (let i = 0; i < bytes.length; i += piece) {
    text += String.fromCharCode(...bytes.subarray(i, i + piece));
  }
  return text;
}
