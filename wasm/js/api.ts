/**
 * The types that users of the package meet: sources, options, nodes, files.
 * `T7File` (in this thread) and the worker's client implement the one interface `T7FileApi`.
 */

import type { Dtype, TypedArray } from "./dtype.js";
import type { T7Error } from "./errors.js";

/** A length and a way to read: hyparquet's AsyncBuffer. `end` is exclusive. */
export interface ByteSource {
  byteLength: number;
  slice(start: number, end: number): ArrayBuffer | Uint8Array | Promise<ArrayBuffer | Uint8Array>;
}

/**
 * Anything a `.t7` file can come from. A string is a path (Node) or a URL; a stream is collected
 * into memory. Gzip is unpacked, whatever it comes from.
 */
export type SourceInput =
  | Uint8Array
  | ArrayBuffer
  | Blob
  | URL
  | string
  | ByteSource
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** How the bytes of a file are laid out (`docs/format.md` § Dialects). */
export interface T7Format {
  encoding: "binary" | "ascii";
  /** `null` for ASCII files. */
  byteOrder: "little" | "big" | null;
  /** Width of a C `long` in bytes, or `null` where no long occurs in the file. */
  longSize: 4 | 8 | null;
  /** True if the source was gzip and has been unpacked. */
  gzip: boolean;
  /** Why we believe so: one plain sentence each. */
  evidence: string[];
}

/** Totals over the whole file; known as soon as the index is complete. */
export interface T7Summary {
  /** Bytes of the (unpacked) file. */
  byteLength: number;
  /** Every occurrence of a key or value. */
  nodes: number;
  /** Distinct tables, torch objects, tensors, storages and functions. */
  objects: number;
  tensors: number;
  storages: number;
  /** Bytes of all storages as they are in the file. */
  storageBytes: number;
  /** Bytes that were really read from the source so far. */
  bytesRead: number;
}

export type T7Kind =
  | "nil"
  | "boolean"
  | "number"
  | "integer"
  | "string"
  | "table"
  | "object"
  | "tensor"
  | "storage"
  | "function"
  | "hash"
  | "vec"
  | "bytes";

/** One occurrence of a value, as plain data that can be posted between threads. */
export interface T7Node {
  /** Stable for one file: the occurrence's number in file order, from 0. */
  id: number;
  kind: T7Kind;
  /** The key under its parent as it is displayed: `weight`, `[1]`, `["odd key"]`, `[true]`, `<nn.Linear #12>`. Absent for roots. */
  key?: string;
  /** Torch class, such as `nn.Linear` or `torch.FloatTensor`. */
  typename?: string;
  /** Class version; `null` for files from before versioning. */
  version?: number | null;
  /** Number of children that `children()` gives; 0 or absent means a leaf. */
  count?: number;
  /** For a table: its keys are exactly 1…n. */
  list?: boolean;
  dtype?: Dtype;
  shape?: number[];
  /** In elements of the storage. */
  strides?: number[];
  /** For a tensor: first element in its storage, counted from 0. */
  storageOffset?: number;
  /** For a tensor: the storage's node (first occurrence) and how many tensors in the file view it; `null` for a null storage. */
  storage?: {
    id: number;
    index: number;
    length: number;
    byteLength: number;
    sharedBy: number;
  } | null;
  contiguous?: boolean;
  /** Elements of a tensor or storage. */
  size?: number;
  /** Bytes of the value itself: a string's or dump's length, elements × element width of a tensor or storage. */
  byteLength?: number;
  /** Number of the object in the file (1, 2, 3 …; what `#12` means), where it has one. */
  index?: number;
  /** Byte offset in the (unpacked) file where this occurrence starts. */
  offset: number;
  /** Of scalars and short strings. Bytes that are not UTF-8 stay bytes. */
  value?: null | boolean | number | bigint | string | Uint8Array;
  /** One line for a tree row: `list of 12`, `64×3×7×7`, `"adam"`, `0.001`. Printable, at most 200 characters. */
  preview: string;
  /** The file ends or is damaged inside this value. */
  incomplete?: boolean;
  /** The layout of this object was guessed (`docs/format.md` § Unknown classes). */
  guessed?: boolean;
  /** This occurrence refers back to an object that was read before: the id of that first occurrence. */
  sameAs?: number;
  /** The value itself is unusable (a tensor that leaves its storage); the rest of the file is not. */
  error?: T7ErrorInfo;
}

/** A `T7Error` as plain data. */
export interface T7ErrorInfo {
  code: string;
  message: string;
  offset: number | null;
  path: string | null;
  found: string | null;
  expected: string | null;
  hint: string | null;
}

/** Over all elements of a tensor; `min max mean std` over the finite ones, `null` where undefined. */
export interface TensorStats {
  count: number;
  nan: number;
  posInf: number;
  negInf: number;
  zeros: number;
  min: number | bigint | null;
  max: number | bigint | null;
  mean: number | null;
  /** Divided by n − 1. */
  std: number | null;
}

/** numpy's histogram: `edges` has one more entry than `counts`, the right edge of the last bin is closed. */
export interface TensorHistogram {
  counts: Float64Array;
  edges: Float64Array;
  below: number;
  above: number;
  nan: number;
  posInf: number;
  negInf: number;
}

export interface HistogramOptions {
  /** 1 … 65,536; 128 unless told. */
  bins?: number;
  /** Finite, lower < upper; the finite range of the values unless told. */
  range?: [number, number];
}

/** A part of a tensor: one entry per dimension, an index (counted from 0) or a half-open range. */
export type TensorSlice = Array<number | [start: number, end: number]>;

/** A node or its id. */
export type NodeRef = T7Node | number;

/** A step of a path, as Lua has it: names, numbers (from 1), booleans, raw bytes, or `{ index: 12 }` for a key that is object 12. */
export type PathStep =
  | string
  | number
  | boolean
  | Uint8Array
  | { index: number }
  | { upvalue: string | number };

/** An opened file: the index is in memory, payloads stay where they are. */
export interface T7FileApi {
  readonly format: T7Format;
  readonly summary: T7Summary;
  /** The first top-level value, or `null` if there is none. */
  readonly root: T7Node | null;
  readonly roots: T7Node[];
  /** Damage to the structure; what was read before it is there. */
  readonly error: T7Error | null;
  readonly warnings: T7Error[];
  /** The node at a path, `null` if there is none. */
  node(path: string | PathStep[]): Promise<T7Node | null>;
  /** Children in file order, `from` inclusive, `to` exclusive. */
  children(node: NodeRef, from?: number, to?: number): Promise<T7Node[]>;
  path(node: NodeRef): Promise<string>;
  /** Elements in row-major order; the array belongs to the caller. */
  read(tensor: NodeRef, slice?: TensorSlice): Promise<TypedArray>;
  stats(tensor: NodeRef): Promise<TensorStats>;
  histogram(tensor: NodeRef, options?: HistogramOptions): Promise<TensorHistogram>;
  /** The node's own value in full: a scalar, a whole string, the bytes of a dump, the elements of a tensor or storage. */
  value(
    node: NodeRef,
  ): Promise<null | boolean | number | bigint | string | Uint8Array | TypedArray>;
  close(): Promise<void>;
}

/** What is going on while a file is opened. */
export interface Progress {
  /** Position in the file, in bytes. */
  position: number;
  byteLength: number;
  /** Bytes really read from the source. */
  bytesRead: number;
  /** Keys and values found so far. */
  values: number;
}

/** Options of `open` and, extended, of `load`. */
export interface OpenOptions {
  /** What a hand-written file holds, such as `"bool,object,int"`; the last entry may end in `*`. */
  schema?: string;
  encoding?: "binary" | "ascii";
  byteOrder?: "little" | "big";
  longSize?: 4 | 8;
  /** Most bytes that a gzip file may unpack to; 2 GiB unless told. */
  maxUnpacked?: number;
  onProgress?: (progress: Progress) => void;
  onWarning?: (warning: T7Error) => void;
  signal?: AbortSignal;
  /**
   * When `signal` fires after something of the structure was read, `open` resolves with that and
   * `error` is `aborted`, instead of rejecting. `load` rejects in any case.
   */
  keepPartial?: boolean;
}
