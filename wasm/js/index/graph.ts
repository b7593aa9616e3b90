/**
 * The index of a file, read directly from the core's memory: `wasm/core/graph/graph.h` has the layout,
 * docs/design.md § Memory explains it. Nothing is copied and no call crosses the boundary per node.
 */

import { type Dtype, dtypes } from "../base/dtype.js";
import type { Instance } from "./instance.js";
import type { CoreFile, CoreIssue } from "./t7.mjs";

/** In the order of `enum class Kind` in `wasm/core/graph/graph.h`. */
export const Kind = {
  nil: 0,
  boolean: 1,
  number: 2,
  integer: 3,
  string: 4,
  table: 5,
  object: 6,
  tensor: 7,
  storage: 8,
  function: 9,
  hash: 10,
  vec: 11,
  bytes: 12,
} as const;

export const kindNames = [
  "nil",
  "boolean",
  "number",
  "integer",
  "string",
  "table",
  "object",
  "tensor",
  "storage",
  "function",
  "hash",
  "vec",
  "bytes",
] as const;

/** Flags of an object. */
export const Flag = {
  incomplete: 1,
  guessed: 2,
  list: 4,
  record: 8,
  invalid: 16,
  noIndex: 32,
  session: 64,
  open: 128,
} as const;

export const none = 0xffffffff;
const backReference = 1 << 8;

// Bits of a chunk's length and words of an element, as in graph.h.
const nodeBits = 12;
const nodeMask = (1 << nodeBits) - 1;
const objectBits = 11;
const objectMask = (1 << objectBits) - 1;
const childBits = 13;
const childMask = (1 << childBits) - 1;
const longBits = 11;
const longMask = (1 << longBits) - 1;
const stringBits = 11;
const stringMask = (1 << stringBits) - 1;

/** Storages are placed in steps of so many bytes: `Placement::kAlignment`. */
export const placeBytes = 16;

const located = 1;
const utf8Flag = 2;
const asciiFlag = 4;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A torch class of one version. */
export interface GraphClass {
  name: string;
  /** `null` for files from before versioning. */
  version: number | null;
  dtype: Dtype;
  /** Names of the values of a body that is not one table; see `wasm/core/graph/body_layouts.h`. */
  names: string[];
}

export class Graph {
  readonly ascii: boolean;
  readonly bigEndian: boolean;
  nodeCount = 0;
  objectCount = 0;
  stringCount = 0;
  /** Bit k: there are nodes of kind k. Bit 31: there are strings that stay in the file. */
  #kinds = 0;
  readonly roots: number[] = [];
  readonly classes: GraphClass[] = [];
  readonly issues: CoreIssue[] = [];
  readonly warnings: CoreIssue[] = [];
  readonly #instance: Instance;
  readonly #file: CoreFile;
  /** Addresses of the chunks of each list. */
  readonly #chunks: Record<"nodes" | "objects" | "children" | "longs" | "strings", number[]> = {
    nodes: [],
    objects: [],
    children: [],
    longs: [],
    strings: [],
  };
  #nodes: Uint32Array[] = [];
  #numbers: Float64Array[] = [];
  #integers: BigInt64Array[] = [];
  #objects: Uint32Array[] = [];
  #children: Uint32Array[] = [];
  /** Lower and upper half of each word: numbers are made of them faster than of a bigint. */
  #longs: Int32Array[] = [];
  #strings: Uint32Array[] = [];
  /** So many classes at the start of the list have got their layout, which stays. */
  #settledClasses = 0;

  /** Reads the index as it is now; the file must not be advanced while it is in use. */
  constructor(instance: Instance, file: CoreFile) {
    this.#instance = instance;
    this.#file = file;
    this.ascii = file.ascii();
    this.bigEndian = file.bigEndian();
    this.update();
  }

  /** Takes in what has been read since; for a file that goes on being read. */
  update(): void {
    const file = this.#file;
    // Growth ends all views over the memory: chunks stay where they are, only the views are new.
    this.#instance.onGrow = () => this.#makeViews();
    if (this.#nodes.length > 0 && this.#nodes[0].buffer !== this.#buffer) this.#makeViews();
    this.nodeCount = file.nodeCount();
    this.objectCount = file.objectCount();
    this.stringCount = file.stringCount();
    this.#kinds = file.kinds();
    const { nodes, objects, children, longs, strings } = this.#chunks;
    this.#addChunks(nodes, file.nodes(), this.nodeCount, nodeBits);
    this.#addChunks(objects, file.objects(), this.objectCount, objectBits);
    this.#addChunks(children, file.children(), file.childCount(), childBits);
    this.#addChunks(longs, file.longs(), file.longCount(), longBits);
    this.#addChunks(strings, file.strings(), this.stringCount, stringBits);
    this.#addViews();
    const roots = new Uint32Array(this.#buffer, file.roots(), file.rootCount());
    for (let i = this.roots.length; i < roots.length; i++) this.roots.push(roots[i]);
    this.#readClasses();
    for (let i = this.issues.length; i < file.issueCount(); i++) this.issues.push(file.issue(i));
    for (let i = this.warnings.length; i < file.warningCount(); i++) {
      this.warnings.push(file.warning(i));
    }
  }

  get #buffer(): ArrayBuffer {
    return this.#instance.memory.buffer;
  }

  #addChunks(chunks: number[], directory: number, count: number, bits: number): void {
    const addresses = new Uint32Array(this.#buffer, directory, Math.ceil(count / (1 << bits)));
    for (let i = chunks.length; i < addresses.length; i++) chunks.push(addresses[i]);
  }

  #makeViews(): void {
    this.#nodes = [];
    this.#numbers = [];
    this.#integers = [];
    this.#objects = [];
    this.#children = [];
    this.#longs = [];
    this.#strings = [];
    this.#addViews();
  }

  /** Views of the chunks that have none. */
  #addViews(): void {
    const buffer = this.#buffer;
    const { nodes, objects, children, longs, strings } = this.#chunks;
    for (const address of nodes.slice(this.#nodes.length)) {
      this.#nodes.push(new Uint32Array(buffer, address, 4 << nodeBits));
      this.#numbers.push(new Float64Array(buffer, address, 2 << nodeBits));
      this.#integers.push(new BigInt64Array(buffer, address, 2 << nodeBits));
    }
    for (const address of objects.slice(this.#objects.length)) {
      this.#objects.push(new Uint32Array(buffer, address, 6 << objectBits));
    }
    for (const address of children.slice(this.#children.length)) {
      this.#children.push(new Uint32Array(buffer, address, 1 << childBits));
    }
    for (const address of longs.slice(this.#longs.length)) {
      this.#longs.push(new Int32Array(buffer, address, 2 << longBits));
    }
    for (const address of strings.slice(this.#strings.length)) {
      this.#strings.push(new Uint32Array(buffer, address, 4 << stringBits));
    }
  }

  #readClasses(): void {
    this.classes.length = this.#settledClasses;
    for (let i = this.classes.length; i < this.#file.classCount(); i++) {
      const view = new DataView(this.#buffer, this.#file.classes() + i * 24, 24);
      const [name, version] = [view.getUint32(0, true), view.getFloat64(8, true)];
      const [layout, dtype] = [view.getUint32(16, true), view.getUint8(20)];
      const names = this.#file.layoutNames(layout);
      if (layout !== none && i === this.#settledClasses) this.#settledClasses++;
      this.classes.push({
        name: this.text(name) as string,
        version: Number.isNaN(version) ? null : version,
        dtype: dtypes[dtype],
        names: names === "" ? [] : names.split(" "),
      });
    }
  }

  /** False if no value of this kind occurs, so that nobody needs to look for one. */
  hasKind(kind: number): boolean {
    return (this.#kinds & (1 << kind)) !== 0;
  }
  get hasLocatedStrings(): boolean {
    return this.#kinds >= 2 ** 31;
  }

  // --- Nodes: one occurrence of a value each ---

  kind(node: number): number {
    return this.#nodes[node >>> nodeBits][(node & nodeMask) << 2] & 0xff;
  }

  isBackReference(node: number): boolean {
    return (this.#nodes[node >>> nodeBits][(node & nodeMask) << 2] & backReference) !== 0;
  }

  /** Byte in the file where the value starts. */
  offset(node: number): number {
    const chunk = this.#nodes[node >>> nodeBits];
    const at = (node & nodeMask) << 2;
    return (chunk[at] >>> 16) + chunk[at + 1] * 65536;
  }

  /** Object id, string id, place in `longs`, or 0/1: what the kind says. */
  ref(node: number): number {
    return this.#nodes[node >>> nodeBits][((node & nodeMask) << 2) + 2];
  }

  number(node: number): number {
    return this.#numbers[node >>> nodeBits][((node & nodeMask) << 1) + 1];
  }

  integer(node: number): bigint {
    return this.#integers[node >>> nodeBits][((node & nodeMask) << 1) + 1];
  }

  // --- Objects ---

  #object(object: number, word: number): number {
    return this.#objects[object >>> objectBits][(object & objectMask) * 6 + word];
  }
  /** The first occurrence. */
  node(object: number): number {
    return this.#object(object, 0);
  }
  /** Number in the file, from 1. */
  index(object: number): number {
    return this.#object(object, 1);
  }
  parent(object: number): number {
    return this.#object(object, 2);
  }
  /** First child in the list of children; for tensors, storages and functions a place in `longs`. */
  first(object: number): number {
    return this.#object(object, 3);
  }
  /** Children, keys and values counted each; for a tensor: dimensions; a storage: see `placeOf`. */
  count(object: number): number {
    return this.#object(object, 4);
  }
  flags(object: number): number {
    return this.#object(object, 5) & 0xff;
  }
  has(object: number, flag: number): boolean {
    return (this.#object(object, 5) & flag) !== 0;
  }
  classOf(object: number): GraphClass {
    return this.classes[this.#object(object, 5) >>> 8];
  }

  /** Node id of the i-th entry in the list of children. */
  child(i: number): number {
    return this.#children[i >>> childBits][i & childMask];
  }

  /** A word of `longs` as a number; file offsets and counts below 2^53. */
  long(i: number): number {
    const chunk = this.#longs[i >>> longBits];
    const at = (i & longMask) << 1;
    return (chunk[at] >>> 0) + chunk[at + 1] * 2 ** 32;
  }

  // --- Strings ---

  #string(string: number, word: number): number {
    return this.#strings[string >>> stringBits][((string & stringMask) << 2) + word];
  }
  stringLength(string: number): number {
    return this.#string(string, 2);
  }
  /** True for a long value that stayed in the file, at `stringOffset`. */
  isLocated(string: number): boolean {
    return (this.#string(string, 3) & located) !== 0;
  }
  stringOffset(string: number): number {
    return this.#string(string, 0) + this.#string(string, 1) * 2 ** 32;
  }

  /** The bytes of a pooled string: a view that ends when the memory grows. */
  stringBytes(string: number): Uint8Array {
    const { memory } = this.#instance;
    return new Uint8Array(memory.buffer, this.#string(string, 0), this.stringLength(string));
  }

  /** A pooled string as text where it is valid UTF-8, else a copy of its bytes. */
  text(string: number): string | Uint8Array {
    const bytes = this.stringBytes(string);
    return (this.#string(string, 3) & utf8Flag) !== 0 ? utf8.decode(bytes) : bytes.slice();
  }

  /**
   * Adds the strings from `texts.length` on; `locate` gives those that stay in the file. Runs of
   * ASCII that lie behind each other are decoded in one call, which is many times faster than one
   * call a string.
   */
  addTexts(
    texts: Array<string | Uint8Array>,
    locate: (string: number) => string | Uint8Array,
  ): void {
    const { buffer } = this.#instance.memory;
    const maxRun = 16384;
    for (let i = texts.length; i < this.stringCount; ) {
      if ((this.#string(i, 3) & asciiFlag) === 0) {
        texts.push(this.isLocated(i) ? locate(i) : this.text(i));
        i++;
        continue;
      }
      const start = this.#string(i, 0);
      let end = start + this.stringLength(i);
      let j = i + 1;
      while (
        j < this.stringCount &&
        this.#string(j, 0) === end &&
        (this.#string(j, 3) & asciiFlag) !== 0 &&
        end - start < maxRun
      ) {
        end += this.stringLength(j);
        j++;
      }
      const run = utf8.decode(new Uint8Array(buffer, start, end - start));
      for (let at = 0; i < j; i++) {
        const length = this.stringLength(i);
        texts.push(run.substring(at, at + length));
        at += length;
      }
    }
  }

  // --- Tensors, storages, functions ---

  /**
   * Storage offset (from 0), shape and strides of a tensor whose header has been read. Torch's empty
   * tensor has no dimensions in the file and shape [0] here (docs/format.md § Tensors).
   */
  view(tensor: number): { storageOffset: number; shape: number[]; strides: number[] } {
    const first = this.first(tensor);
    const ndim = this.count(tensor);
    if (ndim === 0) return { storageOffset: this.long(first), shape: [0], strides: [1] };
    // Of the right length at once: an array that grows takes room for 17.
    const shape = new Array<number>(ndim);
    const strides = new Array<number>(ndim);
    for (let d = 0; d < ndim; d++) {
      shape[d] = this.long(first + 1 + d);
      strides[d] = this.long(first + 1 + ndim + d);
    }
    return { storageOffset: this.long(first), shape, strides };
  }

  /** The object of a tensor's storage, or `none` for a null storage or one that is not there. */
  storageOf(tensor: number): number {
    const node = this.node(tensor) + 1;
    return node < this.nodeCount && this.kind(node) === Kind.storage ? this.ref(node) : none;
  }

  /** Where a storage's elements are in the file, how many, and how many bytes they take there. */
  extent(storage: number): { offset: number; length: number; byteLength: number } {
    const first = this.first(storage);
    return {
      offset: this.long(first),
      length: this.long(first + 1),
      byteLength: this.long(first + 2),
    };
  }

  /** Elements of a storage. */
  lengthOf(storage: number): number {
    return this.long(this.first(storage) + 1);
  }

  /** Where `load` has put a storage's elements: bytes behind the first storage's; -1 if it has none. */
  placeOf(storage: number): number {
    const place = this.count(storage);
    return place === 0 ? -1 : (place - 1) * placeBytes;
  }

  /** In an ASCII file: where the elements step × 65,536 of a number storage start. */
  textMark(storage: number, step: number): number {
    const first = this.first(storage);
    return this.long(step === 0 ? first : first + 2 + step);
  }

  /** Where a function's dump is, and its type. */
  dump(object: number): { offset: number; byteLength: number; type: 6 | 7 | 8 } {
    const first = this.first(object);
    const type = this.long(first + 2) as 6 | 7 | 8;
    return { offset: this.long(first), byteLength: this.long(first + 1), type };
  }

  /** The table of a function's upvalues, or `none`. */
  upvaluesOf(object: number): number {
    const node = this.node(object) + 1;
    if (node >= this.nodeCount || this.kind(node) !== Kind.table) return none;
    return this.isBackReference(node) ? none : this.ref(node);
  }
}
