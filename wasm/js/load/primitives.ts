/** Raw numbers and bytes of a file that is in memory, in its dialect; without type codes. */

import {
  type Dtype,
  type DtypeArrays,
  dtypeBytes,
  dtypes,
  type TypedArray,
} from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import type { Instance } from "../index/instance.js";
import { allocate, arrayTypes } from "../values/storage.js";

/** How the primitives of a file are laid out. */
export interface Dialect {
  ascii: boolean;
  bigEndian: boolean;
  longSize: number;
  /** ASCII whose line ends a transfer has made `\r\n`. */
  carriageReturns: boolean;
}

/** Elements as they are stored; float16 as its bits. */
type StoredArray<D extends Dtype> = D extends "float16" ? Uint16Array : DtypeArrays[D];

const newline = 10;
const carriageReturn = 13;
/** More than the longest number text and some blanks before it. */
const tokenBytes = 1024;
const textBytes = 65536;
const maxNumbers = textBytes / 8;

/** Parses numbers of ASCII files in the core, which knows all their spellings. */
class NumberText {
  readonly #instance: Instance;
  readonly #text: number;
  readonly #numbers: number;

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#text = instance.allocate(textBytes * 2);
    this.#numbers = this.#text + textBytes;
  }

  /** Parses the start of `text` into `out`; gives how many bytes and numbers that were. */
  parse(text: Uint8Array, final: boolean, dtype: Dtype, out: Uint8Array, wanted: number) {
    const { memory } = this.#instance;
    new Uint8Array(memory.buffer, this.#text).set(text);
    const parsed = this.#instance.run((core) =>
      core.parseNumbers(
        this.#text,
        text.length,
        final,
        dtypes.indexOf(dtype),
        this.#numbers,
        wanted,
      ),
    );
    out.set(new Uint8Array(memory.buffer, this.#numbers, parsed.count * dtypeBytes[dtype]));
    return parsed;
  }

  release(): void {
    this.#instance.run((core) => core.release(this.#text));
  }
}

export class Primitives {
  position = 0;
  /** A long was read, so the width of longs matters. */
  readLong = false;
  readonly bytes: Uint8Array;
  readonly dialect: Dialect;
  readonly #view: DataView;
  readonly #instance: Instance;
  #text: NumberText | undefined;

  constructor(bytes: Uint8Array, dialect: Dialect, instance: Instance) {
    this.bytes = bytes;
    this.dialect = dialect;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#instance = instance;
  }

  /** Gives back the memory in the instance. */
  release(): void {
    this.#text?.release();
    this.#text = undefined;
  }

  int(): number {
    if (this.dialect.ascii) return this.array("int32", 1)[0];
    return this.#view.getInt32(this.#take(4, "an int"), !this.dialect.bigEndian);
  }

  long(): bigint {
    if (this.dialect.ascii || this.dialect.longSize === 4) return this.array("int64", 1)[0];
    this.readLong = true;
    return this.#view.getBigInt64(this.#take(8, "a long"), !this.dialect.bigEndian);
  }

  double(): number {
    if (this.dialect.ascii) return this.array("float64", 1)[0];
    return this.#view.getFloat64(this.#take(8, "a double"), !this.dialect.bigEndian);
  }

  /** `count` elements in memory of their own. Throws `truncated` before it allocates. */
  array<D extends Dtype>(dtype: D, count: number): StoredArray<D> {
    checkCount(count);
    if (dtype === "int64" && count > 0) this.readLong = true;
    if (dtypeBytes[dtype] === 1) {
      const raw = this.raw(count);
      return new arrayTypes[dtype](raw.buffer, 0, count) as unknown as StoredArray<D>;
    }
    const array = this.dialect.ascii ? this.#numbers(dtype, count) : this.#words(dtype, count);
    return array as StoredArray<D>;
  }

  /** The bytes of a string or of an array of byte or char. */
  raw(count: number): Uint8Array<ArrayBuffer> {
    checkCount(count);
    const start = this.position;
    if (!this.dialect.carriageReturns) {
      const from = this.#take(count, `${count} bytes`);
      const bytes = allocate(() => this.bytes.slice(from, from + count), count, "bytes");
      if (this.dialect.ascii && count > 0) this.#skipNewline();
      return bytes as Uint8Array<ArrayBuffer>;
    }
    this.#check(count, `${count} bytes`);
    const bytes = allocate(() => new Uint8Array(count), count, "bytes");
    for (let i = 0; i < count; i++) {
      const pair = this.bytes[this.position] === carriageReturn;
      if (pair && this.bytes[this.position + 1] === newline) this.position++;
      if (this.position >= this.bytes.length) {
        this.position = start;
        throw this.truncated(count, `${count} bytes`);
      }
      bytes[i] = this.bytes[this.position++];
    }
    if (count > 0) this.#skipNewline();
    return bytes;
  }

  /** True if nothing follows; in ASCII white space is nothing. */
  get atEnd(): boolean {
    let at = this.position;
    if (this.dialect.ascii) while (isSpace(this.bytes[at])) at++;
    return at >= this.bytes.length;
  }

  #check(count: number, what: string): void {
    if (count > this.bytes.length - this.position) throw this.truncated(count, what);
  }

  #take(count: number, what: string): number {
    this.#check(count, what);
    const { position } = this;
    this.position += count;
    return position;
  }

  /** The error of a file that ends before `count` bytes of something. */
  truncated(count: number, what: string): T7Error {
    const left = Math.max(0, this.bytes.length - this.position);
    return new T7Error("truncated", `the file ends before ${what} at byte ${this.position}`, {
      offset: this.position,
      found: `${left} bytes to the end of the file`,
      expected: `${count} bytes or more`,
      hint: "The file is incomplete, or its reading is out of step with its writing.",
    });
  }

  #words(dtype: Dtype, count: number): TypedArray | Uint16Array {
    const narrow = dtype === "int64" && this.dialect.longSize === 4;
    const width = narrow ? 4 : dtypeBytes[dtype];
    const from = this.#take(count * width, `${count} × ${dtype}`);
    const bytes = allocate(
      () => this.bytes.slice(from, from + count * width) as Uint8Array<ArrayBuffer>,
      count * width,
      `${count} elements`,
    );
    if (this.dialect.bigEndian) swapElements(bytes, width);
    if (!narrow) return new arrayTypes[dtype](bytes.buffer);
    const words = new Int32Array(bytes.buffer);
    const longs = allocate(() => new BigInt64Array(count), count * 8, `${count} longs`);
    for (let i = 0; i < count; i++) longs[i] = BigInt(words[i]);
    return longs;
  }

  #numbers(dtype: Dtype, count: number): TypedArray | Uint16Array {
    // A number takes at least a digit and a blank, the last one just the digit.
    if (count > 0) this.#check(2 * count - 1, `${count} × ${dtype}`);
    const Type = arrayTypes[dtype];
    const width = dtypeBytes[dtype];
    const target = allocate(() => new Type(count), count * width, `${count} elements`);
    const out = new Uint8Array(target.buffer);
    this.#text ??= new NumberText(this.#instance);
    const start = this.position;
    for (let done = 0; done < count; ) {
      const wanted = Math.min(count - done, maxNumbers);
      const most = wanted === 1 ? tokenBytes : textBytes;
      const text = this.bytes.subarray(this.position, this.position + most);
      const final = this.position + text.length >= this.bytes.length;
      const part = out.subarray(done * width);
      const parsed = this.#text.parse(text, final, dtype, part, wanted);
      this.position += parsed.consumed;
      done += parsed.count;
      if (done < count && (parsed.malformed || final)) {
        const error = parsed.malformed
          ? this.#malformed(dtype)
          : this.truncated(2 * (count - done) - 1, `${count} × ${dtype}`);
        this.position = start;
        throw error;
      }
    }
    if (count > 0) this.#skipNewline();
    return target;
  }

  #malformed(dtype: Dtype): T7Error {
    const { position } = this;
    const start = this.bytes.subarray(position, position + 24);
    const word = /^\S*/.exec(String.fromCharCode(...start))?.[0] ?? "";
    return new T7Error("bad_number", `there is no ${dtype} at byte ${position}`, {
      offset: position,
      found: JSON.stringify(word),
      expected: `a number (${dtype})`,
      hint: "The file is damaged here, or its reading is out of step with its writing.",
    });
  }

  /** One line end belongs to what was read. */
  #skipNewline(): void {
    const pair = this.dialect.carriageReturns && this.bytes[this.position] === carriageReturn;
    const at = pair ? this.position + 1 : this.position;
    if (this.bytes[at] === newline) this.position = at + 1;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);
}

function checkCount(count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new T7Error("bad_option", `the count is ${count}; expected a whole number, 0 or more`, {
    found: String(count),
    expected: "0, 1, 2 …",
    hint: "Where the count was read from the file, the reading is out of step with the writing.",
  });
}

/** Turns the bytes of each element around, in place. */
function swapElements(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) {
    for (let low = at, high = at + width - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}
