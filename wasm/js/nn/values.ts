/** A network as it is in memory: tables and modules with their fields, tensors without their elements. */

import type { PathStep, T7FileApi, T7Node } from "../base/api.js";
import { parsePath } from "../base/path.js";
import { checkWhole, childrenOf, type Visit } from "../open/walk.js";

export type NnKey = string | number | boolean | NnTable;

export type NnValue =
  | null
  | boolean
  | number
  | string
  | NnTable
  | NnTensor
  | NnStorage
  /** A function, bytes, an int64: nothing that describes a network. */
  | undefined;

/** A tensor with one element or more; one without storage has shape `[0]`. */
export interface NnTensor {
  kind: "tensor";
  path: string;
  node: T7Node;
  /** Not in the file: Torch computes it of others when it reads the module. */
  computed?: true;
}

export interface NnStorage {
  kind: "storage";
  path: string;
  node: T7Node;
  /** Of short ones: sizes, strides. */
  elements: number[] | null;
}

/** A table, in the order of the file. Keys that are objects are compared by identity. */
export class NnTable {
  readonly entries = new Map<NnKey, NnValue>();
  constructor(
    readonly path: string,
    readonly offset: number,
  ) {}

  get(key: NnKey): NnValue {
    return this.entries.get(key);
  }

  /** The values of 1 … n. */
  get list(): NnValue[] {
    const values: NnValue[] = [];
    for (let at = 1; this.entries.has(at); at++) values.push(this.entries.get(at));
    return values;
  }
}

/** An object of a Torch class. */
export class NnModule extends NnTable {
  constructor(
    path: string,
    offset: number,
    readonly typename: string,
    readonly version: number | null,
  ) {
    super(path, offset);
  }

  /** A field that is a module, or nothing. */
  module(name: string): NnModule | undefined {
    const value = this.get(name);
    return value instanceof NnModule ? value : undefined;
  }

  /** The modules in a list such as `modules`. */
  modules(name = "modules"): NnModule[] {
    const value = this.get(name);
    if (!(value instanceof NnTable)) return [];
    return value.list.filter((each) => each instanceof NnModule);
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    return typeof value === "number" ? value : undefined;
  }

  /** A field that is a tensor with elements, or nothing. */
  tensor(name: string): NnTensor | undefined {
    const value = this.get(name);
    return isTensor(value) && !value.node.shape?.includes(0) ? value : undefined;
  }

  /** Sizes in a LongStorage or a list of numbers, or nothing. */
  sizes(name: string): number[] | undefined {
    const value = this.get(name);
    if (value instanceof NnTable) {
      const { list } = value;
      return list.every((each) => typeof each === "number") ? list : undefined;
    }
    return isStorage(value) ? (value.elements ?? undefined) : undefined;
  }
}

const hasKind = (value: NnValue): value is NnTensor | NnStorage =>
  typeof value === "object" && value !== null && "kind" in value;

export const isTensor = (value: NnValue): value is NnTensor =>
  hasKind(value) && value.kind === "tensor";

export const isStorage = (value: NnValue): value is NnStorage =>
  hasKind(value) && value.kind === "storage";

/** Elements of storages that are read at once with the structure. */
const SHORT = 64;

/** Longest string that is a name or a mode. */
const LONGEST_TEXT = 1 << 16;

/** `nn.WeightNorm` is written without the weight that its `v` and `g` decide. */
function restoreWeight(table: NnTable): void {
  if (!(table instanceof NnModule) || !table.typename.endsWith(".WeightNorm")) return;
  const [child] = table.modules();
  const direction = table.tensor("v");
  const shape = table.sizes("weightSize");
  if (!child || !direction || !shape || child.tensor("weight")) return;
  const { path, node } = direction;
  child.entries.set("weight", { kind: "tensor", path, node: { ...node, shape }, computed: true });
}

const containers: ReadonlySet<T7Node["kind"]> = new Set(["table", "object", "hash", "vec"]);

class Snapshot {
  /** By the first occurrence of each table. */
  private readonly tables = new Map<number, NnTable>();
  private readonly byIndex = new Map<number, NnTable>();
  private readonly waiting: Array<{ table: NnTable; visit: Visit }> = [];

  constructor(
    private readonly file: T7FileApi,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async take(start: Visit): Promise<NnValue> {
    const value = await this.value(start);
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) {
      for await (const child of childrenOf(this.file, next.visit, this.signal)) {
        next.table.entries.set(await this.key(child), await this.value(child));
      }
    }
    for (const table of this.tables.values()) restoreWeight(table);
    return value;
  }

  private async value(visit: Visit): Promise<NnValue> {
    const { node, path } = visit;
    checkWhole(this.file, visit);
    if (containers.has(node.kind)) return this.table(visit);
    switch (node.kind) {
      case "nil":
        return null;
      case "tensor":
        return { kind: "tensor", path, node };
      case "storage":
        return { kind: "storage", path, node, elements: await this.elements(node) };
      case "number":
      case "boolean":
        return node.value as number | boolean;
      case "string":
        return this.text(node);
      default:
        return undefined;
    }
  }

  private table(visit: Visit): NnTable {
    const { node, path } = visit;
    const id = node.sameAs ?? node.id;
    const known = this.tables.get(id);
    if (known !== undefined) return known;
    const { kind, typename = "", version = null, offset } = node;
    const table =
      kind === "object" ? new NnModule(path, offset, typename, version) : new NnTable(path, offset);
    this.tables.set(id, table);
    if (node.index !== undefined) this.byIndex.set(node.index, table);
    this.waiting.push({ table, visit });
    return table;
  }

  private async key({ node, path }: Visit): Promise<NnKey> {
    const key = node.key ?? "";
    if (/^[A-Za-z_]\w*$/.test(key)) return key;
    const number = /^\[(\d{1,15})\]$/.exec(key);
    if (number) return Number(number[1]);
    const step = parsePath(path).steps.at(-1) as PathStep;
    if (typeof step !== "object") return step;
    if (step instanceof Uint8Array || "upvalue" in step) return key;
    const known = this.byIndex.get(step.index);
    if (known !== undefined) return known;
    const own = `#${step.index}`;
    const object = await this.file.node(own, { signal: this.signal });
    if (object === null || !containers.has(object.kind)) return key;
    return this.table({ node: object, path: own, depth: 0 });
  }

  private async text(node: T7Node): Promise<NnValue> {
    if (typeof node.value === "string") return node.value;
    if ((node.byteLength ?? 0) > LONGEST_TEXT) return undefined;
    const value = await this.file.value(node, { signal: this.signal });
    return typeof value === "string" ? value : undefined;
  }

  private async elements(node: T7Node): Promise<number[] | null> {
    if ((node.size ?? 0) > SHORT) return null;
    const elements = await this.file.read(node, [], { signal: this.signal });
    return Array.from(elements as ArrayLike<number | bigint>, Number);
  }
}

/** All that is below a node, without the elements of its tensors. */
export async function snapshot(
  file: T7FileApi,
  node: T7Node,
  signal?: AbortSignal,
): Promise<NnValue> {
  return new Snapshot(file, signal).take({ node, path: await file.path(node), depth: 0 });
}
