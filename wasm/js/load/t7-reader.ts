/** `T7Reader`: the raw values of files that were written by hand, and of classes' own bodies. */

import type { OpenOptions, SourceInput } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { checkOptions, classReaders, openRules, type Rules, valueRules } from "../base/options.js";
import { sharedKernelMemory } from "../compute/kernel-memory.js";
import { openSource } from "../foreign/open-source.js";
import { type Instance, recycleInstance, takeInstance } from "../index/instance.js";
import { createFile } from "../index/parse.js";
import { readFully, type Source } from "../source/source-types.js";
import { decode, latin1 } from "../values/convert.js";
import { allocate } from "../values/storage.js";
import type { LuaValue } from "../values/values.js";
import type { Primitives } from "./primitives.js";
import { ReaderRun } from "./reader-run.js";

/**
 * Reads the body of an object of one class and gives the value that stands in the object's place.
 * `version` is the class's version in the file, `null` in files from before versions.
 */
export type ClassReader = (reader: T7Reader, version: number | null) => unknown;

/** Readers by the name of their class. */
export type ClassReaders = Record<string, ClassReader>;

/** Options of `T7Reader.from`: how the file was written, and how values are given. */
export interface T7ReaderOptions
  extends Pick<
    OpenOptions,
    "encoding" | "byteOrder" | "longSize" | "maxUnpacked" | "signal" | "onProgress"
  > {
  /** As in `load`. */
  tables?: "map";
  strings?: "latin1" | "bytes";
  readers?: ClassReaders;
}

const { encoding, byteOrder, longSize, maxUnpacked, signal, onProgress } = openRules;
const readerRules: Rules = {
  ...{ encoding, byteOrder, longSize, maxUnpacked, signal, onProgress },
  ...valueRules,
  readers: classReaders,
};

/** All bytes of a source. Throws `out_of_memory`. */
export async function readAll(source: Source, signal?: AbortSignal): Promise<Uint8Array> {
  const { byteLength } = source;
  if (source.memory === true) {
    const { buffer, byteOffset, length } = await source.slice(0, byteLength, signal);
    return new Uint8Array(buffer, byteOffset, length);
  }
  const bytes = allocate(() => new Uint8Array(byteLength), byteLength, "the whole file");
  await readFully(source, bytes, 0, signal);
  return bytes;
}

/**
 * Reads raw values one after the other, as a program wrote them with Torch's `writeInt`,
 * `writeObject` and so on. The whole file is in memory, so nothing here waits.
 *
 * Little endian with longs of 8 bytes, unless options say something else: raw values carry no
 * mark from which a dialect could be told. Every method throws `T7Error`; `truncated` where the
 * file ends too early, and then the position stays.
 */
export class T7Reader {
  readonly #run: ReaderRun;
  readonly #strings: "latin1" | "bytes" | undefined;
  #close: (() => void) | undefined;

  /** Use `T7Reader.from`. */
  constructor(run: ReaderRun, strings?: "latin1" | "bytes", close?: () => void) {
    this.#run = run;
    this.#strings = strings;
    this.#close = close;
  }

  /**
   * A reader at the start of a source, which is read into memory. Rejects with `T7Error`. `close()`
   * gives the memory back at once.
   */
  static async from(input: SourceInput, options: T7ReaderOptions = {}): Promise<T7Reader> {
    checkOptions(options, readerRules, "T7Reader.from");
    const source = await openSource(input, options);
    try {
      const bytes = await readAll(source, options.signal);
      const instance = await takeInstance();
      const file = createFile(instance, source, options);
      const { readers = {}, ...values } = options;
      const run = new ReaderRun(
        instance,
        bytes,
        await sharedKernelMemory(),
        Object.keys(readers),
        values,
      );
      const reader = new T7Reader(run, options.strings, () => end(instance, run));
      callReaders(run, reader, readers);
      run.beginByHand(file, options);
      return reader;
    } finally {
      await source.close?.();
    }
  }

  /** Byte at which the next value starts; may be set to any place in the file. */
  get position(): number {
    return this.#primitives.position;
  }

  set position(position: number) {
    const { length } = this.#primitives.bytes;
    if (Number.isInteger(position) && position >= 0 && position <= length) {
      this.#primitives.position = position;
      return;
    }
    throw new T7Error("bad_option", `there is no byte ${position}`, {
      found: String(position),
      expected: `0 … ${length}`,
    });
  }

  /** Bytes of the (unpacked) file. */
  get byteLength(): number {
    return this.#primitives.bytes.length;
  }

  /** True if no value follows. In ASCII files white space at the end is no value. */
  get atEnd(): boolean {
    return this.#primitives.atEnd;
  }

  /** True for exactly 1, as in Torch. */
  readBoolean(): boolean {
    return this.readInt() === 1;
  }

  /** 0 … 255. */
  readByte(): number {
    return this.readBytes(1)[0];
  }

  /** −128 … 127. */
  readChar(): number {
    return this.readChars(1)[0];
  }

  readShort(): number {
    return this.readShorts(1)[0];
  }

  readInt(): number {
    return this.#primitives.int();
  }

  readLong(): bigint {
    return this.#primitives.long();
  }

  readFloat(): number {
    return this.readFloats(1)[0];
  }

  readDouble(): number {
    return this.#primitives.double();
  }

  /**
   * An int and that many bytes, as string objects are written (without their type code): a string
   * if they are valid UTF-8, else a `Uint8Array`, or what the option `strings` says.
   */
  readString(): string | Uint8Array {
    const primitives = this.#primitives;
    const start = primitives.position;
    try {
      const length = primitives.int();
      if (length < 0) {
        throw new T7Error("bad_length", `a string of ${length} bytes at byte ${start}`, {
          offset: start,
          found: `${length} bytes`,
          expected: "0 or more",
          hint: "There is no string here: the reading is out of step with the writing.",
        });
      }
      const bytes = primitives.raw(length);
      if (this.#strings === "bytes") return bytes;
      return this.#strings === "latin1" ? latin1(bytes) : decode(bytes);
    } catch (error) {
      primitives.position = start;
      throw error;
    }
  }

  /** `count` values each, in arrays of their own. */
  readBytes(count: number): Uint8Array {
    return this.#primitives.array("uint8", count);
  }

  readChars(count: number): Int8Array {
    return this.#primitives.array("int8", count);
  }

  readShorts(count: number): Int16Array {
    return this.#primitives.array("int16", count);
  }

  readInts(count: number): Int32Array {
    return this.#primitives.array("int32", count);
  }

  readLongs(count: number): BigInt64Array {
    return this.#primitives.array("int64", count);
  }

  readFloats(count: number): Float32Array {
    return this.#primitives.array("float32", count);
  }

  readDoubles(count: number): Float64Array {
    return this.#primitives.array("float64", count);
  }

  /**
   * The next object with all that it contains, as `load` gives it. References reach over all
   * objects of the file: what was read before is the same JavaScript object again. After an error
   * no more objects can be read, only raw values.
   *
   * In a class's reader, references to the object that is being read and to those around it are
   * `undefined` until these are complete; then they are filled in.
   */
  readObject(): LuaValue {
    this.#checkOpen();
    return this.#run.readObject();
  }

  /** Gives the memory back. Arrays and objects that were read stay usable. */
  close(): void {
    if (this.#run.inReader) {
      throw new T7Error("reader_failed", "a class's reader cannot close the reader that calls it", {
        hint: "Close it where it was made, when readObject() has returned.",
      });
    }
    this.#close?.();
    this.#close = undefined;
  }

  get #primitives(): Primitives {
    this.#checkOpen();
    return this.#run.primitives;
  }

  #checkOpen(): void {
    if (this.#run.closed) throw new T7Error("closed", "the reader has been closed");
  }
}

/** Has the caller's readers read the bodies of their classes, through `reader`. */
export function callReaders(run: ReaderRun, reader: T7Reader, readers: ClassReaders): void {
  const byName = new Map(Object.entries(readers));
  run.readBody = (className, version) => byName.get(className)?.(reader, version);
}

/** After the last value: the instance serves other files. */
function end(instance: Instance, run: ReaderRun): void {
  run.release();
  recycleInstance(instance);
}
