/**
 * Makes JavaScript values of a graph. Objects are made first and filled then, so shared references
 * and cycles need no recursion and no stack. `load` converts a finished graph at once; for readers
 * of custom classes a graph that grows is converted as far as it is asked for.
 */

import { T7Error } from "../base/errors.js";
import { Flag, type Graph, Kind, none } from "../index/graph.js";
import { toT7Error } from "../index/issues.js";
import { pathText } from "../index/locate.js";
import { isGuessed, partSteps, Tree, upvaluesOf } from "../index/tree.js";
import { ArrayMaker, type ArrayPayload } from "./array-maker.js";
import {
  LuaFunction,
  type LuaKey,
  LuaTable,
  type LuaValue,
  setFields,
  setOwn,
  TorchObject,
} from "./values.js";

/** What values are made; see `LoadOptions`. */
export interface ValueOptions {
  tables?: "map";
  strings?: "latin1" | "bytes";
}

/** V8's `Map` holds no more. */
const maxMapEntries = 2 ** 24;

/** Payload that is at hand. */
export interface Payload {
  /** Apart from the rest, because tensors keep it. */
  arrays: ArrayPayload;
  /** Of storages whose elements could not be read, by object id. */
  errors?: ReadonlyMap<number, T7Error>;
  /** Bytes of a long string by string id, of a dump by object id, of raw bytes by node id. */
  string(string: number): Uint8Array;
  dump(object: number): Uint8Array;
  bytes(node: number): Uint8Array;
}

export class Converter {
  readonly #graph: Graph;
  readonly #tree: Tree;
  readonly #payload: Payload;
  readonly #arrays: ArrayMaker;
  readonly #options: ValueOptions;
  /** Made for each object id. */
  readonly #made: LuaValue[] = [];
  /** Text of each string id as a key, and as a value. */
  readonly #keys: Array<string | Uint8Array> = [];
  readonly #values: Array<string | Uint8Array>;
  /** By string id: 1 once its key is the engine's own copy for names, which is found faster. */
  #named = new Uint8Array(0);
  /** Names of the record that is being filled. */
  readonly #names: string[] = [];
  #issuesSeen = 0;
  #finished = false;
  /** Made, but not filled. */
  readonly #unfilled: number[] = [];
  /** Incomplete objects that the object being filled refers to. */
  readonly #missing = new Set<number>();
  /** By incomplete object: those to be filled again when it has its value. */
  readonly #waitersOf = new Map<number, number[]>();
  /** For how many objects each of those waits. */
  readonly #missingCount = new Map<number, number>();

  constructor(graph: Graph, payload: Payload, options: ValueOptions) {
    this.#graph = graph;
    this.#tree = new Tree(graph);
    this.#payload = payload;
    this.#arrays = new ArrayMaker(this.#tree, payload.arrays);
    this.#options = options;
    for (const [object, error] of payload.errors ?? []) {
      this.#arrays.issues.set(object, () => error);
    }
    this.#values = options.strings === undefined ? this.#keys : [];
  }

  /** The top-level values of a finished graph, which must stay as it is while they have tensors. */
  convert(): LuaValue[] {
    this.#addTextsAndIssues();
    this.#finished = true;
    const count = this.#graph.objectCount;
    for (let object = 0; object < count; object++) this.#made.push(undefined as never);
    // From the last on: what stands inside an object comes behind it in the file and is whole by
    // then, and the garbage collector finds old values in new objects, not the other way round.
    for (let object = count - 1; object >= 0; object--) {
      const kind = this.#graph.kind(this.#graph.node(object));
      // Storages are made when somebody asks for them.
      if (kind === Kind.storage) continue;
      this.#made[object] ??= this.#make(object);
      if (kind !== Kind.tensor) this.#fill(object);
    }
    this.#unfilled.length = 0;
    return this.#graph.roots.map((node) => this.#value(node));
  }

  /**
   * The value of a node of a graph that goes on being read. In what is not complete yet (objects
   * whose bodies are being read) references are left undefined, and filled in when it is.
   */
  convertNode(node: number): LuaValue {
    this.#addTextsAndIssues();
    const value = this.#value(node);
    this.#fillAll();
    return value;
  }

  /** Gives an object the value that its reader has made; what refers to it is filled in. */
  setValue(object: number, value: LuaValue): void {
    this.#made[object] = value;
    this.#resolve(object);
    this.#fillAll();
  }

  /** When nothing is being read any more: fills in what nobody has asked for. */
  finish(): void {
    this.#addTextsAndIssues();
    for (const object of [...this.#waitersOf.keys()]) this.#valueWhenAsked(object);
    this.#fillAll();
  }

  /** Strings and issues that the graph has got since. */
  #addTextsAndIssues(): void {
    const graph = this.#graph;
    graph.addTexts(this.#keys, (string) => decode(this.#payload.string(string)));
    const { strings } = this.#options;
    for (let string = this.#values.length; string < graph.stringCount; string++) {
      const bytes = graph.isLocated(string)
        ? this.#payload.string(string)
        : graph.stringBytes(string).slice();
      this.#values.push(strings === "bytes" ? bytes : latin1(bytes));
    }
    for (; this.#issuesSeen < graph.issues.length; this.#issuesSeen++) {
      const issue = graph.issues[this.#issuesSeen];
      // The path cannot be told while the values around are being read.
      const parent = graph.parent(issue.object);
      const open = parent !== none && graph.has(parent, Flag.open);
      this.#arrays.issues.set(issue.object, () => toT7Error(issue, open ? null : graph));
    }
  }

  /** Makes an object that is asked for; `undefined` while it is being read. */
  #valueWhenAsked(object: number): LuaValue {
    const made = this.#made[object];
    if (made !== undefined) return made;
    if (this.#graph.has(object, Flag.open)) {
      this.#missing.add(object);
      return undefined as unknown as LuaValue;
    }
    const value = this.#make(object);
    this.#made[object] = value;
    this.#unfilled.push(object);
    this.#resolve(object);
    return value;
  }

  #fillAll(): void {
    for (let object = this.#unfilled.pop(); object !== undefined; object = this.#unfilled.pop()) {
      this.#missing.clear();
      this.#empty(object);
      this.#fill(object);
      if (this.#missing.size === 0) continue;
      this.#missingCount.set(object, this.#missing.size);
      for (const missing of this.#missing) {
        const waiters = this.#waitersOf.get(missing);
        if (waiters === undefined) this.#waitersOf.set(missing, [object]);
        else waiters.push(object);
      }
    }
    this.#missing.clear();
  }

  /** An object has its value: those that wait for nothing else are filled again. */
  #resolve(object: number): void {
    const waiters = this.#waitersOf.get(object);
    if (waiters === undefined) return;
    this.#waitersOf.delete(object);
    for (const other of waiters) {
      const left = (this.#missingCount.get(other) as number) - 1;
      this.#missingCount.set(other, left);
      if (left > 0) continue;
      this.#missingCount.delete(other);
      this.#unfilled.push(other);
    }
  }

  /** Before it is filled, perhaps again: so the entries of a `Map` come in the file's order. */
  #empty(object: number): void {
    const made = this.#made[object];
    if (made instanceof LuaTable) made.clear();
    if (made instanceof LuaFunction) made.upvalues.length = 0;
  }

  // --- Making ---

  #make(object: number): LuaValue {
    const graph = this.#graph;
    switch (graph.kind(graph.node(object))) {
      case Kind.table:
        return this.#makeTable(object);
      case Kind.hash:
        this.#checkMap(object);
        return new LuaTable(null, graph.classOf(object).name);
      case Kind.vec:
        return new Array(graph.count(object));
      case Kind.object:
        return new TorchObject(graph.classOf(object).name, graph.classOf(object).version);
      case Kind.storage:
        return this.#arrays.storage(object);
      case Kind.tensor:
        return this.#arrays.tensor(object, !this.#finished);
      default: {
        const type = graph.first(object) === none ? 8 : graph.dump(object).type;
        const damaged = graph.first(object) === none || this.#arrays.issues.has(object);
        const bytes = damaged ? noBytes : this.#payload.dump(object);
        return new LuaFunction(type, bytes, []);
      }
    }
  }

  #makeTable(object: number): LuaValue {
    const flags = this.#graph.flags(object);
    const asMap = this.#options.tables === "map";
    if (!asMap && (flags & Flag.list) !== 0) return new Array(this.#graph.count(object) >> 1);
    if (!asMap && (flags & Flag.record) !== 0) return {};
    this.#checkMap(object);
    return new LuaTable();
  }

  /** Throws `too_large` for more entries than a `Map` holds. */
  #checkMap(object: number): void {
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
        return this.#payload.bytes(node);
      default: {
        const object = graph.ref(node);
        return this.#made[object] ?? this.#valueWhenAsked(object);
      }
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
      if (Array.isArray(made)) this.#fillList(object, made);
      else if (made instanceof LuaTable) this.#fillMap(object, made);
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
    const count = graph.count(object) >> 1;
    const names = this.#names;
    let plain = true;
    for (let i = 0; i < count; i++) {
      const string = graph.ref(graph.child(first + 2 * i));
      if (this.#named[string] !== 1) this.#makeName(string);
      names[i] = this.#keys[string] as string;
      if (names[i] === "__proto__") plain = false;
    }
    const value = (i: number) => this.#value(graph.child(first + 2 * i + 1));
    let i = 0;
    // Written out, because each of these stores sees one name and one class of objects where
    // records are alike, and the engine makes it a store into a known place; a loop searches.
    if (plain && count > 0) {
      record[names[0]] = value(0);
      if (count > 1) record[names[1]] = value(1);
      if (count > 2) record[names[2]] = value(2);
      if (count > 3) record[names[3]] = value(3);
      if (count > 4) record[names[4]] = value(4);
      if (count > 5) record[names[5]] = value(5);
      i = 6;
    }
    for (; i < count; i++) setOwn(record, names[i], value(i));
  }

  /** Replaces the text of a string that is a key by the copy that the engine keeps for names. */
  #makeName(string: number): void {
    if (this.#named.length < this.#keys.length) {
      const named = new Uint8Array(this.#keys.length);
      named.set(this.#named);
      this.#named = named;
    }
    this.#keys[string] = Object.keys({ [this.#keys[string] as string]: 0 })[0];
    this.#named[string] = 1;
  }

  #fillMap(object: number, map: LuaTable): void {
    const graph = this.#graph;
    const first = graph.first(object);
    for (let i = 0; i < graph.count(object); i += 2) {
      const key = this.#key(graph.child(first + i));
      const value = this.#value(graph.child(first + i + 1));
      if (key !== undefined) map.set(key, value);
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
    const extraFields: Array<[string, LuaValue]> = [];
    const rest: LuaValue[] = [];
    let listName = "";
    for (const [i, step] of partSteps(names, count, false).entries()) {
      const node = graph.child(first + i);
      if (step === "*" && graph.kind(node) === Kind.table) {
        // Not `push(...)`: a call takes some ten thousand arguments at most.
        for (const entry of this.#entries(graph.ref(node))) entries.push(entry);
      } else if (step === "*") {
        extraFields.push(["value", this.#value(node)]);
      } else if (typeof step === "string" && names[i] === step) {
        extraFields.push([step, this.#value(node)]);
      } else if (step !== null) {
        listName = String(step).replace(/_\d+$/, "");
        rest.push(this.#value(node));
      }
    }
    if (listName !== "") {
      extraFields.push([listName, listName === "tensors" ? devicePairs(rest) : rest]);
    }
    // Torch5 classes have nothing but named parts: these are their fields.
    const own = names.includes("*") || kindsWithExtraFields.has(names[0]);
    if (!own) for (const [name, value] of extraFields) entries.push(name, value);
    setFields(made, entries);
    if (own) for (const [name, value] of extraFields) setOwn(made, name, value);
  }
}

/** Bodies that are one value and no fields: tds.AtomicCounter, torch.Generator. */
const kindsWithExtraFields = new Set(["value", "bytes"]);

/** Of torch.MultiCudaTensor: devices and tensors in turn. */
function devicePairs(values: LuaValue[]): LuaValue[] {
  const pairs: LuaValue[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    pairs.push({ device: values[i], tensor: values[i + 1] });
  }
  return pairs;
}

const noBytes = new Uint8Array(0);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as text where they are valid UTF-8. */
export function decode(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

/** Each byte as the character of that number. */
export function latin1(bytes: Uint8Array): string {
  const piece = 8192;
  let text = "";
  for (let i = 0; i < bytes.length; i += piece) {
    text += String.fromCharCode(...bytes.subarray(i, i + piece));
  }
  return text;
}
