/**
 * Reading with the caller's help, from memory and without waiting: bodies of classes that have a
 * reader of the caller's, and files written by hand. The core reads all other values.
 */

import type { OpenOptions } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import type { KernelMemory } from "../compute/kernel-memory.js";
import { Graph, none } from "../index/graph.js";
import type { Instance } from "../index/instance.js";
import { toT7Error } from "../index/issues.js";
import { type ClassReading, State } from "../index/parse.js";
import type { CoreFile } from "../index/t7.mjs";
import { Converter, type Payload, type ValueOptions } from "../values/convert.js";
import type { LuaValue } from "../values/values.js";
import { Primitives } from "./primitives.js";
import { copiedOps } from "./tensor-ops.js";

/** Reads the body of an object of a class: what the caller's reader of that class gives. */
export type ReadBody = (className: string, version: number | null) => unknown;

/** Readers inside readers: more would end JavaScript's stack. */
export const maxReaderDepth = 1000;

const budget = 65536;
const readAhead = 65536;

/** Thrown through the caller's code when another way to read the file is tried. */
class PassEnded extends T7Error {
  constructor() {
    super("reader_failed", "this way to read the file has been given up");
  }
}

/** One file in memory, read together with the caller. */
export class ReaderRun implements ClassReading {
  readonly classes: string[];
  closed = false;
  /** Set by its maker, which can only make the reader that it calls with from this. */
  readBody: ReadBody = () => null;
  readonly #instance: Instance;
  readonly #bytes: Uint8Array;
  readonly #kernel: KernelMemory;
  readonly #options: ValueOptions;
  #file: CoreFile | undefined;
  #pass = -1;
  #graph: Graph | undefined;
  #converter: Converter | undefined;
  #primitives: Primitives | undefined;
  /** The object whose body is being read, `none` for the top level of a file read by hand. */
  #object = none;
  #depth = 0;
  /** How this pass ended. */
  #passError: T7Error | null = null;
  /** What the reader of this pass has thrown. */
  #failure: { name: string; cause: unknown } | null = null;
  /** Where the last reader began or ended. */
  #last: { name: string; position: number; ended: boolean } | null = null;

  /** `bytes` are the whole file; objects of `classes` are read by `readBody`. */
  constructor(
    instance: Instance,
    bytes: Uint8Array,
    kernel: KernelMemory,
    classes: string[],
    options: ValueOptions,
  ) {
    this.#instance = instance;
    this.#bytes = bytes;
    this.#kernel = kernel;
    this.classes = classes;
    this.#options = options;
  }

  /** True while a class's reader runs. */
  get inReader(): boolean {
    return this.#depth > 0;
  }

  get primitives(): Primitives {
    return this.#primitives as Primitives;
  }

  get converter(): Converter {
    return this.#converter as Converter;
  }

  /** Readies everything for the pass that runs; what an earlier one made is void. */
  begin(file: CoreFile): void {
    this.#file = file;
    const pass = this.#instance.run(() => file.passes());
    if (pass === this.#pass) return;
    this.#pass = pass;
    this.#passError = null;
    this.#failure = null;
    this.#last = null;
    this.#primitives?.release();
    const dialect = {
      ascii: file.ascii(),
      bigEndian: file.bigEndian(),
      longSize: file.longSize(),
      carriageReturns: file.carriageReturns(),
    };
    this.#primitives = new Primitives(this.#bytes, dialect, this.#instance);
    this.#graph = new Graph(this.#instance, file);
    this.#converter = new Converter(this.#graph, this.#payload(), this.#options);
  }

  /** For a file without a top level of its own: objects are read where the caller wants them. */
  beginByHand(file: CoreFile, options: OpenOptions): void {
    this.#file = file;
    if (this.#bytes.length === 0) {
      // Nothing to find out, and nothing to read.
      const { encoding, byteOrder, longSize = 8 } = options;
      const dialect = { ascii: encoding === "ascii", bigEndian: byteOrder === "big", longSize };
      const empty = { ...dialect, carriageReturns: false };
      this.#primitives = new Primitives(this.#bytes, empty, this.#instance);
      return;
    }
    this.#instance.run(() => file.setManual());
    for (const name of this.classes) this.#instance.run(() => file.addCustomClass(name));
    for (;;) {
      const state = this.#instance.run(() => file.advance(budget));
      if (state === State.custom) {
        this.begin(file);
        return;
      }
      if (state === State.failed) throw toT7Error(file.error(), null);
      if (state === State.needBytes) this.#feed(file);
    }
  }

  /** The next object at the reader's position, as a value. */
  readObject(): LuaValue {
    const { primitives } = this;
    const file = this.#file as CoreFile;
    const object = this.#object;
    if (primitives.atEnd) throw primitives.truncated(4, "an object");
    this.#instance.run(() => {
      file.resumeAt(primitives.position, primitives.readLong);
      file.readObject();
    });
    this.#advanceTo(object);
    primitives.position = file.position();
    this.#graph?.update();
    const value = this.converter.convertNode(this.#instance.run(() => file.lastDelivered()));
    if (object === none) this.converter.finish();
    return value;
  }

  /** Runs the core until the body of `object` is the reader's again. */
  #advanceTo(object: number): void {
    const file = this.#file as CoreFile;
    for (;;) {
      const state = this.#instance.run(() => file.advance(budget));
      if (this.#instance.run(() => file.passes()) !== this.#pass) throw new PassEnded();
      if (state === State.needBytes) this.#feed(file);
      else if (state === State.failed) throw this.#error(file);
      else if (state === State.custom) {
        if (this.#instance.run(() => file.customObject()) === object) return;
        this.#serve(file);
      }
    }
  }

  #feed(file: CoreFile): void {
    const offset = this.#instance.run(() => file.wantOffset());
    const wanted = this.#instance.run(() => file.wantLength());
    const length = Math.min(Math.max(wanted, readAhead), this.#bytes.length - offset);
    const address = this.#instance.run(() => file.prepare(length));
    if (address === 0) throw new T7Error("out_of_memory", "there is no memory for the next bytes");
    const bytes = this.#bytes.subarray(offset, offset + length);
    new Uint8Array(this.#instance.memory.buffer, address, length).set(bytes);
    this.#instance.run(() => file.commit(length));
  }

  // --- Readers of classes ---

  /** The core has come to an object of a class that has a reader. */
  serve(file: CoreFile): void {
    this.begin(file);
    try {
      this.#serve(file);
    } catch (error) {
      // The core knows that the pass has failed or is over, and goes on from there.
      if (!(error instanceof T7Error)) throw error;
      if (error.code === "out_of_memory" && this.#instance.dead) throw error;
    }
  }

  /** Runs one reader. Throws where the pass is over or has failed. */
  #serve(file: CoreFile): void {
    const { primitives } = this;
    const graph = this.#graph as Graph;
    const [object, position] = this.#instance.run(() => [file.customObject(), file.position()]);
    graph.update();
    const { name, version } = graph.classOf(object);
    primitives.position = position;
    this.#last = { name, position, ended: false };
    const outer = this.#object;
    this.#object = object;
    this.#depth++;
    let value: unknown;
    let thrown: { name: string; cause: unknown } | null = null;
    try {
      value = this.#call(name, version);
    } catch (cause) {
      thrown = { name, cause };
    } finally {
      this.#object = outer;
      this.#depth--;
    }
    if (this.#instance.run(() => file.passes()) !== this.#pass) throw new PassEnded();
    if (this.#instance.run(() => file.state()) === State.failed) throw this.#error(file);
    if (thrown !== null) {
      this.#failure = thrown;
      this.#instance.run(() => {
        file.resumeAt(primitives.position, primitives.readLong);
        file.failCustom();
      });
      throw this.#error(file);
    }
    this.#last = { name, position: primitives.position, ended: true };
    this.#instance.run(() => {
      file.resumeAt(primitives.position, primitives.readLong);
      file.endCustom();
    });
    this.converter.setValue(object, (value ?? null) as LuaValue);
  }

  #call(name: string, version: number | null): unknown {
    if (this.#depth > maxReaderDepth) {
      throw new T7Error("too_deep", `readers call each other more than ${maxReaderDepth} deep`, {
        found: `more than ${maxReaderDepth} objects of such classes inside each other`,
        expected: "less",
        hint: "Read the deep part without a reader: open() and load() have no such limit.",
      });
    }
    const value = this.readBody(name, version);
    if (typeof (value as PromiseLike<unknown> | null)?.then === "function") {
      // Nobody waits for it: if it rejects, that must not end the process.
      Promise.resolve(value).catch(() => undefined);
      throw new TypeError("the reader gave a promise; readers must not wait");
    }
    return value;
  }

  // --- Errors ---

  #error(file: CoreFile): T7Error {
    this.#passError ??= this.explain(toT7Error(file.error(), new Graph(this.#instance, file)));
    return this.#passError;
  }

  /** Adds what is known of the readers to an error or warning of the core. */
  explain(error: T7Error): T7Error {
    if (error.code === "reader_failed" && this.#failure !== null) {
      return readerError(error, this.#failure);
    }
    const last = this.#last;
    if (last === null || error.offset === null || error.offset < last.position) return error;
    if (harmless.has(error.code)) return error;
    const where = last.ended
      ? `The reader for ${last.name}, which ended at byte ${last.position}, may read too little or too much.`
      : `The reader for ${last.name}, which began at byte ${last.position}, may read something else than what was written.`;
    return new T7Error(error.code, error.message, {
      ...error,
      hint: [where, error.hint].filter((text) => text !== null).join(" "),
      cause: error.cause,
    });
  }

  // --- Values ---

  /** Elements go to memory of their own, since the instance's grows and moves. */
  #payload(): Payload {
    const { primitives } = this;
    const graph = this.#graph as Graph;
    const at = <T>(position: number, read: () => T): T => {
      const before = primitives.position;
      primitives.position = position;
      try {
        return read();
      } finally {
        primitives.position = before;
      }
    };
    const raw = (offset: number, length: number) => at(offset, () => primitives.raw(length));
    const storage = (object: number) => {
      const { offset, length } = graph.extent(object);
      const { dtype } = graph.classOf(object);
      const elements = at(offset, () => primitives.array(dtype, length));
      return { ops: copiedOps(elements.buffer as ArrayBuffer, this.#kernel), address: 0 };
    };
    return {
      arrays: { ops: copiedOps(new ArrayBuffer(0), this.#kernel), storage },
      string: (string) => raw(graph.stringOffset(string), graph.stringLength(string)),
      dump: (object) => raw(graph.dump(object).offset, graph.dump(object).byteLength),
      bytes: (node) => {
        const place = graph.ref(node);
        return raw(graph.long(place), graph.long(place + 1));
      },
    };
  }

  /** The top-level values, when the core has done all it can. */
  finish(file: CoreFile): LuaValue[] {
    this.begin(file);
    const graph = this.#graph as Graph;
    graph.update();
    const roots = graph.roots.map((node) => this.converter.convertNode(node));
    this.converter.finish();
    return roots;
  }

  /** Gives back the memory in the instance; nothing can be read any more. */
  release(): void {
    if (this.closed) return;
    this.closed = true;
    this.#primitives?.release();
    if (!this.#instance.dead) this.#instance.run(() => this.#file?.delete());
  }
}

/** Warnings that no reader can be the cause of. */
const harmless = new Set(["duplicate_key", "nil_value", "appended_session", "carriage_returns"]);

/** Errors of primitives, which keep their code. */
const fileFaults = new Set(["truncated", "bad_number", "bad_length", "too_deep", "out_of_memory"]);

/** The error of a pass that ended in a reader: what it threw, with the class and the place. */
function readerError(place: T7Error, { name, cause }: { name: string; cause: unknown }): T7Error {
  const { offset, path } = place;
  const where = path === null ? "" : `, in ${path}`;
  if (cause instanceof T7Error && fileFaults.has(cause.code)) {
    return new T7Error(cause.code, `${cause.message}${where}, in the reader for ${name}`, {
      ...cause,
      path,
      hint: `The reader for ${name} may read something else than what was written. ${cause.hint ?? ""}`,
      cause,
    });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new T7Error("reader_failed", `the reader for ${name} failed${where}: ${message}`, {
    offset,
    path,
    found: message,
    expected: `a reader that reads what the write method of ${name} wrote`,
    hint: "The cause has the reader's own stack.",
    cause,
  });
}
