/** `Tensor`: what `load` makes of Torch's, a view over the file's own memory. */

import type {
  GridOptions,
  HistogramOptions,
  TensorDifference,
  TensorGrid,
  TensorHistogram,
  TensorQuantiles,
  TensorStats,
  TensorSummary,
} from "../base/api.js";
import { type Dtype, dtypeBytes, type TypedArray } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { badOption } from "../base/options.js";
import { type JsonForm, jsonForm, plainRows, toJson } from "../base/to-json.js";
import { convertHalf, halfToNumber } from "../compute/half.js";
import {
  checkComparable,
  checkGrid,
  checkHistogram,
  checkQuantiles,
  checkWalk,
} from "../compute/measures.js";
import { sliceView } from "../compute/slices.js";
import { gather, isContiguous } from "../compute/strided.js";
import {
  addressOf,
  allocate,
  arrayTypes,
  type ElementsView,
  Storage,
  storedOf,
  type TensorOps,
} from "./storage.js";

const inspect = Symbol.for("nodejs.util.inspect.custom");

/** More bytes than any engine gives one typed array. */
const maxArrayBytes = 2 ** 32;
/** What nested arrays may cost, estimated; JavaScript heaps end not far above. */
const maxNestedBytes = 2 ** 30;

/** What a tensor is made from. */
export interface TensorInit {
  ops: TensorOps;
  /** Such as `torch.FloatTensor`. */
  typename: string;
  dtype: Dtype;
  /** Outermost dimension first; `[0]` for Torch's empty tensor. */
  shape: readonly number[];
  /** In elements. */
  strides: readonly number[];
  /** First element in the storage, counted from 0. */
  storageOffset: number;
  storage: Storage | null;
  /** Why the elements cannot be had (the view leaves its storage). */
  error: T7Error | null;
}

/**
 * Tells what a tensor is made from, by its number in the file. Asked once, when somebody first looks
 * at the tensor: of the thousands in a file most are never looked at.
 */
export type DescribeTensor = (object: number) => TensorInit;

/** What a tensor knows once it has been looked at. */
interface KnownTensor extends TensorInit {
  /** The elements as stored, in row-major order. */
  stored?: TypedArray | Uint16Array;
  /** Of float16. */
  converted?: Float32Array;
}

function elementAt({ storage, dtype }: TensorInit, position: number): number | bigint {
  const value = storedOf(storage as Storage)[position];
  return dtype === "float16" ? halfToNumber(value as number) : value;
}

// Functions of their own: a closure inside `copy` would share its scope with the view over the file's
// memory, and keep all of that for as long as the copy lives.
function copied<T extends TypedArray | Uint16Array>(elements: T, what: string): T {
  return allocate(() => elements.slice() as T, elements.byteLength, what);
}

function tensorOf(init: TensorInit): Tensor {
  return new Tensor(() => init, 0);
}

/** An n-dimensional view of a storage. JavaScript counts from 0: `get(0, 0)`. */
export class Tensor {
  readonly #describe: DescribeTensor;
  readonly #object: number;
  #known: KnownTensor | undefined;

  constructor(describe: DescribeTensor, object: number) {
    this.#describe = describe;
    this.#object = object;
  }

  get #init(): KnownTensor {
    if (this.#known === undefined) {
      this.#known = this.#describe(this.#object);
      // Others see them: a changed shape would read memory of other values.
      Object.freeze(this.#known.shape);
      Object.freeze(this.#known.strides);
    }
    return this.#known;
  }

  /** Torch class, such as `torch.FloatTensor`. */
  get typename(): string {
    return this.#init.typename;
  }

  get dtype(): Dtype {
    return this.#init.dtype;
  }

  /** Outermost dimension first; `[0]` for an empty tensor. */
  get shape(): readonly number[] {
    return this.#init.shape;
  }

  /** In elements of the storage. */
  get strides(): readonly number[] {
    return this.#init.strides;
  }

  /** First element in the storage, counted from 0. */
  get storageOffset(): number {
    return this.#init.storageOffset;
  }

  /** `null` for a tensor that never had memory. */
  get storage(): Storage | null {
    return this.#init.storage;
  }

  /** Why the elements cannot be had, or `null`; everything that needs them throws it. */
  get error(): T7Error | null {
    return this.#init.error;
  }

  /** Number of elements: the product of the shape. */
  get size(): number {
    let size = 1;
    for (const length of this.#init.shape) size *= length;
    return size;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** True if the elements lie in row-major order without gaps (dimensions of size 1 do not count). */
  get contiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  /**
   * Exactly the tensor's elements in row-major order: a view over the file's memory when the tensor
   * is contiguous, else a copy gathered once. float16 is converted to a `Float32Array`.
   * Throws `error`, or `too_large` where the copy would not fit.
   */
  get data(): TypedArray {
    const stored = this.#elements();
    if (!(stored instanceof Uint16Array)) return stored;
    const known = this.#init;
    if (known.converted === undefined) {
      this.#checkBytes(4);
      const target = allocate(() => new Float32Array(this.size), this.size * 4, this.#label());
      known.converted = convertHalf(stored, target);
    }
    return known.converted;
  }

  /** float16 as it is stored, in the order of `data`; `undefined` for other types. */
  get raw(): Uint16Array | undefined {
    return this.dtype === "float16" ? (this.#elements() as Uint16Array) : undefined;
  }

  /**
   * One element; as many indices as dimensions, each counted from 0. int64 gives a `bigint`.
   * Throws `bad_index` for a wrong number of indices or one outside the shape.
   */
  get(...indices: number[]): number | bigint {
    const known = this.#usable();
    const { shape, strides } = known;
    if (indices.length !== shape.length) {
      throw this.#badIndex(`${indices.length} indices`, `${shape.length}: one per dimension`);
    }
    let position = known.storageOffset;
    for (let d = 0; d < shape.length; d++) {
      const index = indices[d];
      if (!Number.isInteger(index) || index < 0 || index >= shape[d]) {
        throw this.#badIndex(
          `index ${index} in dimension ${d}`,
          shape[d] === 0 ? "none: the tensor is empty" : `0 … ${shape[d] - 1}`,
        );
      }
      position += index * strides[d];
    }
    return elementAt(known, position);
  }

  /**
   * The elements as nested arrays, `[[1, 2], [3, 4]]`; an empty tensor gives `[]`. int64 gives
   * `bigint`. Throws `too_large` where that would not fit; `data` is smaller and faster.
   */
  toArray(): unknown[] {
    this.#usable();
    this.#checkNested();
    const { data, shape } = this;
    let position = 0;
    // Recursion over dimensions, which a file can have 64 of at most once checked here.
    const build = (d: number): unknown[] => {
      if (d === shape.length - 1) {
        const row = Array.from(data.subarray(position, position + shape[d]) as Float64Array);
        position += shape[d];
        return row;
      }
      return Array.from({ length: shape[d] }, () => build(d + 1));
    };
    return build(0);
  }

  /**
   * The same elements, contiguous, in memory of their own: keeping it does not keep the file.
   * Throws like `data`.
   */
  copy(): Tensor {
    const { typename, dtype, size } = this;
    const elements = this.#elements();
    this.#checkBytes(dtypeBytes[dtype]);
    const own = copied(elements, this.#label());
    const ops = this.#init.ops.over(own.buffer as ArrayBuffer);
    const storage = new Storage({
      ops,
      typename: typename.replace(/Tensor$/, "Storage"),
      dtype,
      length: size,
      address: 0,
      error: null,
    });
    const shape = [...this.shape];
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
    return tensorOf({
      ops,
      typename,
      dtype,
      shape,
      strides,
      storageOffset: 0,
      storage,
      error: null,
    });
  }

  /** Count, minimum, maximum, mean, standard deviation; see `TensorStats`. Throws `error`. */
  stats(): TensorStats {
    return this.#usable().ops.stats(this.#walkable());
  }

  /** Statistics, quantiles and a sparkline in one pass; see `TensorSummary`. Throws `error`. */
  summary(): TensorSummary {
    return this.#usable().ops.summary(this.#walkable());
  }

  /**
   * numpy's histogram; see `TensorHistogram`. Throws `bad_option` for bins outside 1 … 65,536 or a
   * range that is not two ascending finite numbers, and `error`.
   */
  histogram(options: HistogramOptions = {}): TensorHistogram {
    checkHistogram(options);
    return this.#usable().ops.histogram(
      this.#walkable(),
      options.bins ?? 128,
      options.range ?? null,
    );
  }

  /**
   * Values below which given parts of the elements lie, each `p` from 0 to 1; see
   * `TensorQuantiles`. Throws `bad_option` for another `p`, and `error`.
   */
  quantiles(ps: readonly number[]): TensorQuantiles {
    checkQuantiles(ps);
    return this.#usable().ops.quantiles(this.#walkable(), ps);
  }

  /**
   * A matrix, or a slice that is one, reduced for a heat map; see `TensorGrid`. Throws `bad_slice`
   * if more than two dimensions are left, `bad_option` and `error`.
   */
  grid(options: Pick<GridOptions, "slice" | "rows" | "columns"> = {}): TensorGrid {
    checkGrid(options);
    const { ops } = this.#usable();
    const view = sliceView(this.#view(), options.slice ?? []);
    checkWalk(view.shape);
    return ops.grid(view, options);
  }

  /**
   * How far the elements of another tensor are from these; see `TensorDifference`. Throws
   * `not_comparable` unless shape and dtype are the same, and `error`.
   */
  difference(other: Tensor): TensorDifference {
    if (!(other instanceof Tensor)) throw badOption("other", other, "a tensor");
    const { ops } = this.#usable();
    const of = other.#usable().ops;
    checkComparable(this, other);
    return ops.difference(this.#walkable(), other.#view(), of);
  }

  /**
   * The elements as nested arrays that JSON can hold: NaN and the infinities as strings, int64 as
   * decimal strings. Throws like `data`, and `too_large` above 8,388,608 elements.
   */
  toJSON(): unknown {
    return toJson(this);
  }

  [jsonForm](take: (elements: number) => void): JsonForm {
    take(this.size);
    return { made: plainRows(this.data, this.shape), parts: null };
  }

  /** So that consoles say what it is: `Tensor float32 64×3×7×7`. */
  get [Symbol.toStringTag](): string {
    // The prototype itself is asked too, and is no tensor.
    return #object in this ? `Tensor ${this.#label()}` : "Tensor";
  }

  [inspect](): string {
    const head = `Tensor ${this.#label()}`;
    if (this.error !== null || this.storage?.error) return `${head} (unusable)`;
    return `${head} [${this.#firstElements(6).join(", ")}${this.size > 6 ? ", …" : ""}]`;
  }

  #label(): string {
    return `${this.dtype} ${this.shape.join("×")}`;
  }

  /** The view, for what goes through all elements; throws `too_large`. */
  #walkable(): ElementsView {
    checkWalk(this.shape);
    return this.#view();
  }

  #view(): ElementsView {
    const { dtype, shape, strides, storageOffset, size, storage } = this;
    const address = storage === null ? 0 : addressOf(storage);
    const storageLength = storage === null ? 0 : storage.length;
    return { dtype, address, storageLength, shape, strides, storageOffset, size };
  }

  /** The elements as stored, in row-major order: a view, or gathered once. */
  #elements(): TypedArray | Uint16Array {
    const known = this.#usable();
    known.stored ??= this.#locate();
    return known.stored;
  }

  #locate(): TypedArray | Uint16Array {
    const { size, storage, storageOffset } = this;
    if (size === 0 || storage === null) return new arrayTypes[this.dtype](0);
    const stored = storedOf(storage);
    if (this.contiguous) return stored.subarray(storageOffset, storageOffset + size);
    const width = dtypeBytes[this.dtype];
    this.#checkBytes(width);
    const Type = arrayTypes[this.dtype];
    const target = allocate(() => new Type(size), size * width, this.#label());
    gather(stored, target, this.shape, this.strides, storageOffset);
    return target;
  }

  /** What is known of a tensor whose elements can be had; throws the error of one that has none. */
  #usable(): KnownTensor {
    const known = this.#init;
    if (known.error !== null) throw known.error;
    if (known.storage?.error) throw known.storage.error;
    return known;
  }

  #checkBytes(width: number): void {
    if (this.size * width < maxArrayBytes) return;
    throw new T7Error("too_large", `${this.#label()} is too large for one array`, {
      found: `${this.size} elements of ${width} bytes`,
      expected: `less than ${maxArrayBytes} bytes`,
      hint: "Look at a part with get(), or read a slice with open() and read().",
    });
  }

  /** Nested arrays cost a header for every row, and `bigint`s are objects. */
  #checkNested(): void {
    let rows = 1;
    let arrays = 1;
    for (const length of this.shape.slice(0, -1)) arrays += rows *= length;
    const bytes = arrays * 32 + this.size * (this.dtype === "int64" ? 32 : 8);
    if (bytes <= maxNestedBytes && this.ndim <= 64) return;
    throw new T7Error("too_large", `${this.#label()} is too large for nested arrays`, {
      found: `about ${bytes} bytes in ${this.ndim} dimensions`,
      expected: `at most ${maxNestedBytes} bytes in 64 dimensions`,
      hint: "Use data: one typed array of all elements.",
    });
  }

  #badIndex(found: string, expected: string): T7Error {
    return new T7Error("bad_index", `${found}; expected ${expected} (shape ${this.shape})`, {
      found,
      expected,
      hint: "JavaScript counts from 0: the first element of a matrix is get(0, 0).",
    });
  }

  /** For printing: walks an index over the shape, without gathering anything. */
  #firstElements(count: number): string[] {
    const { shape, strides } = this;
    const out: string[] = [];
    for (let n = 0; n < Math.min(count, this.size); n++) {
      let position = this.storageOffset;
      for (let d = shape.length - 1, rest = n; d >= 0; d--) {
        position += (rest % shape[d]) * strides[d];
        rest = Math.floor(rest / shape[d]);
      }
      const value = elementAt(this.#init, position);
      out.push(this.dtype === "int64" ? `${value}n` : `${Number(Number(value).toPrecision(5))}`);
    }
    return out;
  }
}
