/** `Storage`: a flat run of elements in the file's own memory, and what computes over it. */

import type {
  GridOptions,
  TensorDifference,
  TensorGrid,
  TensorHistogram,
  TensorQuantiles,
  TensorStats,
  TensorSummary,
} from "../base/api.js";
import type { Dtype, TypedArray } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { type JsonForm, jsonForm, plainRows, toJson } from "../base/to-json.js";
import { convertHalf } from "../compute/half.js";

/** What the kernels need to know about a tensor: where its storage lies and how it walks over it. */
export interface ElementsView {
  dtype: Dtype;
  /** Byte address of the storage's first element in `TensorOps.buffer`; 0 for a null storage. */
  address: number;
  /** Elements of the storage. */
  storageLength: number;
  shape: readonly number[];
  /** In elements. */
  strides: readonly number[];
  /** First element, counted from 0. */
  storageOffset: number;
  /** Product of the shape. */
  size: number;
}

/**
 * Computes over elements that lie in one memory. `load` gives kernels that run in C++ on the
 * file's own memory; the classes here do not know WebAssembly.
 */
export interface TensorOps {
  /** The memory that addresses refer to. It is never replaced once a `Storage` over it exists. */
  readonly buffer: ArrayBufferLike;
  stats(view: ElementsView): TensorStats;
  /** `bins` is 1 … 65,536; `range`, where given, finite and ascending. */
  histogram(view: ElementsView, bins: number, range: [number, number] | null): TensorHistogram;
  summary(view: ElementsView): TensorSummary;
  quantiles(view: ElementsView, ps: readonly number[]): TensorQuantiles;
  /** The view has one or two dimensions. */
  grid(view: ElementsView, options: Pick<GridOptions, "rows" | "columns">): TensorGrid;
  /** `other` is a view of `of`, of the same shape and dtype. */
  difference(view: ElementsView, other: ElementsView, of: TensorOps): TensorDifference;
  /** Elements first … first + count, at most 65,536, row-major; they end with the next call. */
  tile(view: ElementsView, first: number, count: number): Uint8Array;
  /** Kernels over a buffer of JavaScript's: for copies, which must not keep the file's memory. */
  over(buffer: ArrayBuffer): TensorOps;
}

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** How the elements of each dtype lie in memory. */
export const arrayTypes = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
} as const;

/** Runs `make`, which allocates `bytes`; an engine that refuses becomes `out_of_memory`. */
export function allocate<T>(make: () => T, bytes: number, what: string): T {
  try {
    return make();
  } catch (cause) {
    throw new T7Error("out_of_memory", `not enough memory for ${bytes} bytes: ${what}`, { cause });
  }
}

/** Elements as they are stored (float16 as `Uint16Array`); throws the storage's error. Not public. */
export let storedOf: (storage: Storage) => TypedArray | Uint16Array;
/** Byte address of the first element in the memory of the storage's operations. Not public. */
export let addressOf: (storage: Storage) => number;

/** What computes over a storage. Not public. */
export let opsOf: (storage: Storage) => TensorOps;

/** What a storage is made from. */
export interface StorageInit {
  ops: TensorOps;
  /** Such as `torch.FloatStorage`. */
  typename: string;
  dtype: Dtype;
  /** In elements. */
  length: number;
  /** Byte address of element 0 in `ops.buffer`, aligned to the element. */
  address: number;
  /** Why the elements cannot be had (the file ends inside them). */
  error: T7Error | null;
}

/** A flat run of elements that tensors look at. Tensors that share memory have the same `Storage`. */
export class Storage {
  /** Torch class, such as `torch.FloatStorage`. */
  readonly typename: string;
  readonly dtype: Dtype;
  /** In elements. */
  readonly length: number;
  /** Why the elements cannot be had, or `null`; `data` throws it. */
  readonly error: T7Error | null;
  readonly #ops: TensorOps;
  readonly #address: number;
  #stored: TypedArray | Uint16Array | undefined;
  #converted: Float32Array | undefined;

  constructor(init: StorageInit) {
    this.typename = init.typename;
    this.dtype = init.dtype;
    this.length = init.length;
    this.error = init.error;
    this.#ops = init.ops;
    this.#address = init.address;
  }

  /**
   * All elements: a view over the file's memory, made once. float16 is converted to a
   * `Float32Array` of its own. Throws `error` where there is one.
   */
  get data(): TypedArray {
    const stored = storedOf(this);
    if (!(stored instanceof Uint16Array)) return stored;
    if (this.#converted === undefined) {
      const bytes = this.length * 4;
      const target = allocate(() => new Float32Array(this.length), bytes, "float16 elements");
      this.#converted = convertHalf(stored, target);
    }
    return this.#converted;
  }

  /** float16 as it is stored, a view over the file's memory; `undefined` for other types. */
  get raw(): Uint16Array | undefined {
    return this.dtype === "float16" ? (storedOf(this) as Uint16Array) : undefined;
  }

  /** The elements, as `Tensor.toJSON` has them. */
  toJSON(): unknown {
    return toJson(this);
  }

  [jsonForm](take: (elements: number) => void): JsonForm {
    take(this.length);
    return { made: plainRows(this.data, [this.length]), parts: null };
  }

  get [Symbol.toStringTag](): string {
    return #address in this ? `Storage ${this.dtype} ${this.length}` : "Storage";
  }

  [inspect](): string {
    return `Storage ${this.dtype} ${this.length}`;
  }

  static {
    storedOf = (storage) => {
      if (storage.error !== null) throw storage.error;
      if (storage.#stored === undefined) {
        const Type = arrayTypes[storage.dtype];
        const buffer = storage.#ops.buffer as ArrayBuffer;
        const address = storage.length === 0 ? 0 : storage.#address;
        storage.#stored = new Type(buffer, address, storage.length);
      }
      return storage.#stored;
    };
    addressOf = (storage) => storage.#address;
    opsOf = (storage) => storage.#ops;
  }
}
