/** Writes `.t7` files for tests: in any dialect, with views of every kind, and with holes. */

import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dtype } from "../../wasm/js/base/dtype.js";

export interface Dialect {
  ascii?: boolean;
  bigEndian?: boolean;
  longSize?: 4 | 8;
}

const classes: Record<Dtype, string> = {
  uint8: "Byte",
  int8: "Char",
  int16: "Short",
  int32: "Int",
  int64: "Long",
  float32: "Float",
  float64: "Double",
  float16: "Half",
};

type Numbers = ArrayLike<number | bigint>;

/** A storage's elements; a number is that many elements of a hole of zeros. */
export type Elements = Numbers | number | { start: number[]; hole: number; end: number[] };

function lengthOf(elements: Elements): number {
  if (typeof elements === "number") return elements;
  if ("hole" in elements) return elements.start.length + elements.hole + elements.end.length;
  return elements.length;
}

export interface TensorSpec {
  dtype: Dtype;
  shape: number[];
  strides?: number[];
  /** From 0. */
  storageOffset?: number;
  /** Of a new storage; else `storage` is the number of one that was written. */
  elements?: Elements;
  storage?: number;
}

const widths: Record<Dtype, number> = {
  ...{ uint8: 1, int8: 1, int16: 2, int32: 4, int64: 8, float32: 4, float64: 8, float16: 2 },
};

export class T7Writer {
  readonly #dialect: Required<Dialect>;
  readonly #parts: Array<Buffer | number> = [];
  /** Small pieces are collected here before they become a part. */
  readonly #buffer = Buffer.alloc(2 ** 16);
  #buffered = 0;
  #objects = 0;

  constructor(dialect: Dialect = {}) {
    this.#dialect = { ascii: false, bigEndian: false, longSize: 8, ...dialect };
  }

  // --- Values ---

  nil(): this {
    return this.#int(0);
  }

  number(value: number): this {
    this.#int(1);
    return this.#element("float64", value);
  }

  boolean(value: boolean): this {
    return this.#int(5).#int(value ? 1 : 0);
  }

  string(text: string): this {
    this.#int(2);
    return this.#text(text);
  }

  /** The header of a table; its keys and values follow. */
  table(entries: number): this {
    return this.#int(3)
      .#int(++this.#objects)
      .#int(entries);
  }

  /** The header of a torch object; its body follows. */
  object(name: string): this {
    return this.#int(4)
      .#int(++this.#objects)
      .#text("V 1")
      .#text(name);
  }

  /** Gives the number of its storage, for further tensors. */
  tensor({ dtype, shape, strides, storageOffset = 0, elements, storage }: TensorSpec): number {
    this.object(`torch.${classes[dtype]}Tensor`);
    this.#int(shape.length);
    let stride = 1;
    const ordinary: number[] = [];
    for (const size of [...shape].reverse()) {
      ordinary.unshift(stride);
      stride *= size;
    }
    this.#longs(shape);
    this.#longs(strides ?? ordinary);
    this.#longs([storageOffset + 1]);
    if (storage !== undefined) {
      this.#int(4).#int(storage);
      return storage;
    }
    this.object(`torch.${classes[dtype]}Storage`);
    const index = this.#objects;
    this.#longs([elements === undefined ? stride : lengthOf(elements)]);
    this.#elements(dtype, elements ?? stride);
    return index;
  }

  storage(dtype: Dtype, elements: number[]): this {
    this.object(`torch.${classes[dtype]}Storage`);
    this.#longs([elements.length]);
    this.#elements(dtype, elements);
    return this;
  }

  // --- Results ---

  bytes(): Uint8Array {
    this.#flush();
    const parts = this.#parts.map((part) => (typeof part === "number" ? Buffer.alloc(part) : part));
    return new Uint8Array(Buffer.concat(parts));
  }

  /** Holes take no room on the disk. */
  toFile(path: string): string {
    this.#flush();
    const fd = openSync(path, "w");
    let at = 0;
    for (const part of this.#parts) {
      if (typeof part === "number") at += part;
      else at += writeSync(fd, part, 0, part.length, at);
    }
    closeSync(fd);
    truncateSync(path, at);
    return path;
  }

  /** Raw bytes, or a hole of some. */
  raw(part: Buffer | number): this {
    if (typeof part === "number" || part.length > this.#buffer.length - this.#buffered) {
      this.#flush();
    }
    if (typeof part === "number" || part.length > this.#buffer.length) {
      this.#parts.push(part);
      return this;
    }
    this.#buffer.set(part, this.#buffered);
    this.#buffered += part.length;
    return this;
  }

  #flush(): void {
    if (this.#buffered > 0) this.#parts.push(Buffer.from(this.#buffer.subarray(0, this.#buffered)));
    this.#buffered = 0;
  }

  // --- Primitives ---

  #int(value: number): this {
    return this.#element("int32", value);
  }

  #longs(values: number[]): void {
    if (this.#dialect.ascii) {
      this.raw(Buffer.from(`${values.join(" ")}\n`));
      return;
    }
    const dtype = this.#dialect.longSize === 8 ? "int64" : "int32";
    for (const value of values) this.#element(dtype, value);
  }

  #text(text: string): this {
    const bytes = Buffer.from(text);
    this.#int(bytes.length).raw(bytes);
    return this.#dialect.ascii ? this.raw(Buffer.from("\n")) : this;
  }

  #element(dtype: Dtype, value: number | bigint): this {
    this.#elements(dtype, [value]);
    return this;
  }

  #elements(dtype: Dtype, elements: Elements): void {
    const width = dtype === "int64" ? this.#dialect.longSize : widths[dtype];
    if (typeof elements === "number") {
      this.raw(elements * width);
      return;
    }
    if ("hole" in elements) {
      for (const part of [elements.start, elements.hole, elements.end]) {
        this.#elements(dtype, part);
      }
      return;
    }
    if (this.#dialect.ascii && width > 1) {
      // Infinities and NaNs as C prints them.
      const text = Array.from(elements, (x) => String(x).replace("Infinity", "inf")).join(" ");
      this.raw(Buffer.from(`${text}\n`));
      return;
    }
    const bytes = Buffer.alloc(elements.length * width);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const little = !this.#dialect.bigEndian;
    for (let i = 0; i < elements.length; i++) put(view, dtype, width, i, elements[i], little);
    this.raw(bytes);
    if (this.#dialect.ascii) this.raw(Buffer.from("\n"));
  }
}

function put(
  view: DataView,
  dtype: Dtype,
  width: number,
  i: number,
  value: number | bigint,
  little: boolean,
): void {
  const at = i * width;
  if (dtype === "float64") view.setFloat64(at, Number(value), little);
  else if (dtype === "float32") view.setFloat32(at, Number(value), little);
  else if (width === 8) view.setBigInt64(at, BigInt(value), little);
  else if (width === 4) view.setInt32(at, Number(value), little);
  else if (width === 2) view.setUint16(at, Number(value), little);
  else view.setUint8(at, Number(value));
}

/** A folder for the files of a test, and the end of it. */
export function temporaryFolder(): { path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "torchfile-test-"));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Random whole numbers below `n`, the same in every run. */
export function randomNumbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % n;
  };
}
