/** `load`: the whole file as JavaScript values. */

import type { OpenOptions, SourceInput, T7Format } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import {
  aBoolean,
  aFunction,
  checkOptions,
  classReaders,
  openRules,
  type Rules,
  valueRules,
} from "../base/options.js";
import { sharedKernelMemory } from "../compute/kernel-memory.js";
import { openSource } from "../foreign/open-source.js";
import { type Graph, Kind } from "../index/graph.js";
import { type Instance, recycleInstance, takeInstance } from "../index/instance.js";
import { type Index, parse } from "../index/parse.js";
import { readFully, type Source } from "../source/source-types.js";
import { Converter, type Payload } from "../values/convert.js";
import type { LuaValue } from "../values/values.js";
import { loadStorages, type PayloadProgress } from "./payload.js";
import { ReaderRun } from "./reader-run.js";
import { type ClassReaders, callReaders, readAll, T7Reader } from "./t7-reader.js";
import { residentOps } from "./tensor-ops.js";

export interface LoadOptions extends OpenOptions {
  /** `"map"` gives a `LuaTable` for every table: the lossless form. */
  tables?: "map";
  /** What strings become as values (never as keys): each byte a character, or a `Uint8Array`. */
  strings?: "latin1" | "bytes";
  /** Give an array of all top-level values instead of the first one. */
  all?: boolean;
  /** Told once how the file is laid out, before its values are made. */
  onFormat?: (format: T7Format) => void;
  /**
   * Readers for classes that write their own layout, such as
   * `{ "my.Class": (reader, version) => ({ size: reader.readInt(), data: reader.readObject() }) }`.
   * They come before what the package knows of a class. What a reader gives stands in the object's
   * place, wherever the file refers to it; `undefined` counts as nil.
   *
   * - References to an object that is not complete yet (the one being read and those around it) are
   *   `undefined` inside the reader; in what `readObject()` gave they are filled in afterwards, so
   *   keep those tables and objects as they are.
   * - Readers must not wait, so the file is read into memory first; elements of tensors are copies.
   * - Where the dialect has to be found out, the file can be read several times: then readers run
   *   each time, and only the values of the last one count.
   * - What a reader throws becomes a `reader_failed` with the class and the place, and the error as
   *   `cause`. Readers can be 1,000 deep inside each other (`too_deep`).
   */
  readers?: ClassReaders;
}

const loadRules: Rules = {
  ...openRules,
  ...valueRules,
  all: aBoolean,
  onFormat: aFunction,
  readers: classReaders,
};

/**
 * Reads a whole `.t7` file. Typed arrays are views over WebAssembly memory that belongs to this
 * file alone: they are never detached, and the memory is freed when the last of them is dropped.
 *
 * Rejects with `T7Error`; where the file is damaged, `error.partial` has what could be read.
 */
export async function load(
  input: SourceInput,
  options: LoadOptions & { all: true },
): Promise<LuaValue[]>;
export async function load(input: SourceInput, options?: LoadOptions): Promise<LuaValue>;
export async function load(input: SourceInput, options: LoadOptions = {}): Promise<LuaValue> {
  checkOptions(options, loadRules, "load");
  const source = await openSource(input, options);
  try {
    return await loadSource(source, options);
  } finally {
    await source.close?.();
  }
}

async function loadSource(source: Source, options: LoadOptions): Promise<LuaValue> {
  if (options.readers !== undefined && Object.keys(options.readers).length > 0) {
    return loadWithReaders(source, options, options.readers);
  }
  const instance = await takeInstance();
  const index = await parse(instance, source, { ...options, keepPartial: false });
  options.onFormat?.(index.format);
  const { roots, handedOut } = await convertIndex(instance, source, index, options);
  if (!handedOut) {
    instance.run(() => index.file.delete());
    recycleInstance(instance);
  }
  return outcome(roots, index.error, options);
}

/** What `load` gives, or throws with it. */
function outcome(roots: LuaValue[], error: T7Error | null, options: LoadOptions): LuaValue {
  const all = options.all === true;
  const value = all ? roots : (roots[0] ?? null);
  if (error === null) {
    if (!all && roots.length > 1) options.onWarning?.(moreValues(roots.length));
    return value;
  }
  const { code, message, cause } = error;
  throw new T7Error(code, message, { ...error, cause, partial: value });
}

function moreValues(count: number): T7Error {
  return new T7Error("more_values", `the file has ${count} top-level values; this is the first`, {
    found: `${count} values`,
    expected: "1 value",
    hint: "Give the option all: true for an array of all of them.",
  });
}

async function loadWithReaders(
  source: Source,
  options: LoadOptions,
  readers: ClassReaders,
): Promise<LuaValue> {
  const bytes = await readAll(source, options.signal);
  const instance = await takeInstance();
  const run = new ReaderRun(
    instance,
    bytes,
    await sharedKernelMemory(),
    Object.keys(readers),
    options,
  );
  callReaders(run, new T7Reader(run, options.strings), readers);
  const inMemory: Source = {
    byteLength: bytes.length,
    slice: (start, end) => bytes.subarray(start, end),
    memory: true,
    gzip: source.gzip === true,
    warning: source.warning,
    name: source.name,
  };
  const index = await parse(instance, inMemory, { ...options, keepPartial: false }, run);
  options.onFormat?.(index.format);
  const roots = run.finish(index.file);
  run.release();
  recycleInstance(instance);
  return outcome(roots, index.error, options);
}

/** Least time between two reports. */
const reportMs = 40;

/** The values of a parsed file, and whether views over the instance's memory are among them. */
async function convertIndex(
  instance: Instance,
  source: Source,
  index: Index,
  options: LoadOptions,
): Promise<{ roots: LuaValue[]; handedOut: boolean }> {
  const { graph } = index;
  const arrays = hasArrays(graph);
  const shared = arrays ? await sharedKernelMemory() : null;
  const ops = residentOps(instance, shared);
  const { onProgress, signal } = options;
  const counters = source.counters;
  let told = 0;
  const tell: PayloadProgress | undefined =
    onProgress &&
    ((done, total) => {
      const now = performance.now();
      if (now - told < reportMs && done < total) return;
      told = now;
      onProgress({
        // What is left of the file are elements that have not been read.
        position: source.byteLength - Math.max(0, total - done),
        byteLength: source.byteLength,
        bytesRead: counters?.bytes ?? index.bytesRead + done,
        values: graph.nodeCount,
      });
    });
  const { addressOf, errors } = await loadStorages(instance, source, index, signal, tell);
  const payload: Payload = {
    arrays: { ops, storage: (object) => ({ ops, address: addressOf(object) }) },
    errors,
    ...(await loadBytes(source, graph, options.signal)),
  };
  for (const error of errors.values()) options.onWarning?.(error);
  const roots = new Converter(graph, payload, options).convert();
  if (arrays) instance.seal();
  return { roots, handedOut: arrays };
}

function hasArrays(graph: Graph): boolean {
  return graph.hasKind(Kind.tensor) || graph.hasKind(Kind.storage);
}

/** Long strings, function dumps and raw bytes: they belong to JavaScript. */
async function loadBytes(
  source: Source,
  graph: Graph,
  signal: AbortSignal | undefined,
): Promise<Pick<Payload, "string" | "dump" | "bytes">> {
  const read = async (offset: number, length: number) => {
    const bytes = new Uint8Array(length);
    await readFully(source, bytes, offset, signal);
    return bytes;
  };
  const strings = new Map<number, Uint8Array>();
  for (let string = 0; graph.hasLocatedStrings && string < graph.stringCount; string++) {
    if (!graph.isLocated(string)) continue;
    strings.set(string, await read(graph.stringOffset(string), graph.stringLength(string)));
  }
  const dumps = new Map<number, Uint8Array>();
  for (let object = 0; graph.hasKind(Kind.function) && object < graph.objectCount; object++) {
    if (graph.kind(graph.node(object)) !== Kind.function) continue;
    const { offset, byteLength } = graph.dump(object);
    dumps.set(object, await read(offset, byteLength));
  }
  const bytes = new Map<number, Uint8Array>();
  for (let node = 0; graph.hasKind(Kind.bytes) && node < graph.nodeCount; node++) {
    if (graph.kind(node) !== Kind.bytes) continue;
    const place = graph.ref(node);
    bytes.set(node, await read(graph.long(place), graph.long(place + 1)));
  }
  const of = (map: Map<number, Uint8Array>) => (id: number) => map.get(id) as Uint8Array;
  return { string: of(strings), dump: of(dumps), bytes: of(bytes) };
}
