/// <reference lib="esnext.disposable" preserve="true" />

/**
 * The types that users of the package meet: sources, options, nodes, files.
 * `T7File` (in this thread) and the worker's client implement the one interface `T7FileApi`.
 */

import type { Dtype, TypedArray } from "./dtype.js";
import type { T7Error, T7ErrorInfo } from "./errors.js";

export type { T7ErrorInfo } from "./errors.js";

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
export interface T7Totals {
  /** Bytes of the (unpacked) file. */
  byteLength: number;
  /** Where the last value ends: bytes behind belong to none. Where reading stopped, in a damaged file. */
  end: number;
  /** Every occurrence of a key or value. */
  nodes: number;
  /** Distinct tables, torch objects, tensors, storages and functions. */
  objects: number;
  tensors: number;
  storages: number;
  /** Bytes of all storages as they are in the file. */
  storageBytes: number;
  /** Bytes that were really read from the source so far: opening and everything since. */
  bytesRead: number;
  /** Reads that this took: system calls, requests to a server, or calls of `slice`. */
  requests: number;
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
  /** Where the key is an object: its node, which `children()`, `node()` and the other calls take. */
  keyNode?: number;
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
  /** For a function: its type code in the file (`docs/format.md` § Functions). */
  functionType?: 6 | 7 | 8;
  /** For a function: its captured variables in order, at most 255; those that are nil have no node. */
  upvalues?: Array<{ name: string | null; id: number | null; node: number | null }>;
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

export interface HistogramOptions extends JobOptions {
  /** 1 … 65,536; 128 unless told. */
  bins?: number;
  /** Finite, lower < upper; the finite range of the values unless told. */
  range?: [number, number];
}

/** Values below which given parts of the finite elements lie. */
export interface TensorQuantiles {
  /**
   * One for each `p`, at rank p · (n − 1), between two elements by linear interpolation as numpy
   * does it; `null` where no element is finite. Of int64 rounded to doubles.
   */
  values: Array<number | null>;
  /** Finite elements. */
  count: number;
  /**
   * How far each value may be off at most, in units of the values. 0 up to 4,096 elements, for types of
   * 8 and 16 bits, and for whole numbers up to 256; else at most 1/128 of the value, or 1/65,536 of
   * the range where all values lie close together. Minimum and maximum are always exact.
   */
  errors: number[];
}

/** What an overview wants to know of a tensor, from one pass over its elements. */
export interface TensorSummary extends TensorStats {
  /** Elements that are not zero, but smaller than the smallest normal number of their type. */
  denormals: number;
  /** As `TensorQuantiles.values`. */
  quantiles: Record<"p1" | "p25" | "p50" | "p75" | "p99", number | null>;
  /** The largest of `TensorQuantiles.errors`. */
  quantileError: number;
  /**
   * How the finite elements are distributed: how many lie in each of 32 equal parts from `min` to
   * `max`, give or take half a part. All in the middle where they are one value.
   */
  sparkline: number[];
}

export interface SummariesOptions extends JobOptions {
  /**
   * Called for each tensor as soon as it is known, in the order in which their elements lie in the file.
   * Where a tensor cannot be read, `summary` is `null` and `error` says why. What it throws ends the call.
   */
  onEach: (node: T7Node, summary: TensorSummary | null, error: T7Error | null) => void;
}

export interface GridOptions extends JobOptions {
  /** What is left of the tensor must have one dimension (a row) or two. */
  slice?: TensorSlice;
  /** Cells down and across, 1 … 2,048 and never more than elements; 256 unless told. */
  rows?: number;
  columns?: number;
}

/** A matrix reduced to cells, row-major. `min max mean` are NaN where no element is finite. */
export interface TensorGrid {
  rows: number;
  columns: number;
  /** Of the matrix: element (r, c) belongs to cell (⌊r · rows / shape[0]⌋, ⌊c · columns / shape[1]⌋). */
  shape: [rows: number, columns: number];
  min: Float64Array;
  max: Float64Array;
  mean: Float64Array;
  /** Elements of each cell that are NaN or infinite. */
  notFinite: Float64Array;
}

/**
 * How far two tensors are apart. Two NaNs are equal, as are infinities of one sign; any other pair
 * with a NaN or an infinity is `incomparable` (and `different`) and in no maximum.
 */
export interface TensorDifference {
  /** Pairs of elements. */
  count: number;
  different: number;
  incomparable: number;
  /** Largest |a − b|. */
  maxAbsolute: number;
  /** Largest |a − b| / max(|a|, |b|): 0 … 2. */
  maxRelative: number;
  /** Index of the element where `maxAbsolute` is first reached; `null` while that is 0. */
  at: number[] | null;
}

/** How far a call is, in elements of the tensor; each pass over it counts. */
export interface JobProgress {
  done: number;
  total: number;
  /** Of the file, so far. */
  bytesRead: number;
}

/** What every call on an open file takes. */
export interface JobOptions {
  /** Cancels the call: it rejects with `aborted` at once. */
  signal?: AbortSignal | undefined;
  /** Called some twenty times a second at most while elements are read. */
  onProgress?: ((progress: JobProgress) => void) | undefined;
}

export interface DifferenceOptions extends JobOptions {
  /** Where `b` is, if it is in another file (opened in the same thread or worker). */
  file?: T7FileApi;
}

/** A part of a tensor: one entry per dimension, an index (counted from 0) or a half-open range. */
export type TensorSlice = Array<number | [start: number, end: number]>;

/**
 * What a field of a file is. `unread` are bytes that belong to no value: padding, or what damage has made
 * unreadable; `blank` is white space between the words of an ASCII file.
 */
export type FieldName =
  | "typeCode"
  | "index"
  | "entries"
  | "length"
  | "text"
  | "number"
  | "boolean"
  | "versionLength"
  | "version"
  | "classLength"
  | "class"
  | "dimensions"
  | "size"
  | "stride"
  | "storageOffset"
  | "hasStorage"
  | "elementCount"
  | "elements"
  | "dump"
  | "state"
  | "blank"
  | "unread";

/** Some bytes of a file that mean one thing (`docs/format.md` § Grammar). */
export interface T7Field {
  /** In bytes of the (unpacked) file. */
  offset: number;
  byteLength: number;
  name: FieldName;
  /** The id of the value that it belongs to; `null` for `blank` and `unread`. */
  node: number | null;
  /** As it is in the file: a storage offset counts from 1. Absent for elements, dumps and long strings. */
  value?: number | bigint | boolean | string;
  /** In binary files, how the bytes are to be read; of `elements`, those of each. Absent for bytes, and where a zero has no type. */
  dtype?: Dtype;
  /** Of `size` and `stride`: which one, counted from 0. */
  dimension?: number;
}

/** A node or its id. */
export type NodeRef = T7Node | number;

/**
 * A step of a path, as Lua has it: names, numbers (from 1), booleans, raw bytes, or `{ index: 12 }` for a
 * key that is object 12 (`node` is the key's own node, where the package gives the step).
 */
export type PathStep =
  | string
  | number
  | boolean
  | Uint8Array
  | { index: number; node?: number }
  | { upvalue: string | number };

/** What `value()` gives. */
export type T7Value = null | boolean | number | bigint | string | Uint8Array | TypedArray;

/**
 * An opened file: the index is in memory, payloads stay where they are. Every call rejects with
 * `T7Error` only. Where the engine has `Symbol.asyncDispose`, `await using` closes the file.
 */
export interface T7FileApi extends AsyncDisposable {
  readonly format: T7Format;
  /** As of now: `bytesRead` and `requests` grow. */
  readonly totals: T7Totals;
  /** The first top-level value, or `null` if there is none. */
  readonly root: T7Node | null;
  readonly roots: T7Node[];
  /** Damage to the structure; what was read before it is there. */
  readonly error: T7Error | null;
  readonly warnings: T7Error[];
  /** The node at a path, `null` if there is none. */
  node(path: string | PathStep[], options?: JobOptions): Promise<T7Node | null>;
  /** Children in file order, `from` inclusive, `to` exclusive. */
  children(node: NodeRef, from?: number, to?: number, options?: JobOptions): Promise<T7Node[]>;
  path(node: NodeRef, options?: JobOptions): Promise<string>;
  /**
   * The values for which a query holds (`docs/search.md`), unopened branches too, in the order of the tree, as
   * they are found. Leaving the loop ends the search. Throws `bad_query`.
   */
  find(query: string, options?: JobOptions): AsyncIterable<T7Node>;
  /** Elements in row-major order; the array belongs to the caller. */
  read(tensor: NodeRef, slice?: TensorSlice, options?: JobOptions): Promise<TypedArray>;
  stats(tensor: NodeRef, options?: JobOptions): Promise<TensorStats>;
  /** Statistics, quantiles and a sparkline, from one pass (two where all values lie close together). */
  summary(tensor: NodeRef, options?: JobOptions): Promise<TensorSummary>;
  /**
   * The same of many tensors, or of all, in one walk through the file from front to back; other calls may
   * be made meanwhile. A tensor that cannot be read ends nothing: see `SummariesOptions.onEach`.
   */
  summaries(nodes: readonly NodeRef[] | "all", options: SummariesOptions): Promise<void>;
  histogram(tensor: NodeRef, options?: HistogramOptions): Promise<TensorHistogram>;
  /** As `summary` finds them, in bounded memory whatever the size; each of `ps` is from 0 to 1. */
  quantiles(tensor: NodeRef, ps: readonly number[], options?: JobOptions): Promise<TensorQuantiles>;
  /** A matrix, or a slice that is one, reduced for a heat map. */
  grid(tensor: NodeRef, options?: GridOptions): Promise<TensorGrid>;
  /** Compares two tensors of one shape and dtype, element by element. */
  difference(a: NodeRef, b: NodeRef, options?: DifferenceOptions): Promise<TensorDifference>;
  /** The node's own value in full: a scalar, a whole string, the bytes of a dump, the elements of a tensor or storage. */
  value(node: NodeRef, options?: JobOptions): Promise<T7Value>;
  /** Bytes of the (unpacked) file, `from` inclusive, `to` exclusive and at most its length; the array belongs to the caller. */
  bytes(from: number, to: number, options?: JobOptions): Promise<Uint8Array>;
  /**
   * What these bytes are: all fields that lie in part or wholly in them, in order and without a gap, each in its
   * full length. At most 65,536; ask again from where the last one ends.
   */
  fields(from: number, to: number, options?: JobOptions): Promise<T7Field[]>;
  /** Ends all calls under way (they reject with `closed`) and gives everything back. */
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
