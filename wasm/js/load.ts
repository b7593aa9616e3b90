/** `load`: the whole file as JavaScript values. */

import type { OpenOptions, SourceInput } from "./api.js";
import { Converter, type Payload } from "./convert.js";
import { T7Error } from "./errors.js";
import { type Graph, Kind } from "./graph.js";
import { type Instance, recycleInstance, takeInstance } from "./instance.js";
import { sharedKernel } from "./kernels.js";
import { kernelsOf } from "./load-kernels.js";
import { openSource } from "./opening.js";
import { type Index, parse } from "./parse.js";
import { loadStorages } from "./payload.js";
import { readFully, type Source } from "./reading.js";
import type { LuaValue } from "./values.js";

export interface LoadOptions extends OpenOptions {
  /** `"map"` gives a `LuaTable` for every table: the lossless form. */
  tables?: "map";
  /** What strings become as values (never as keys): each byte a character, or a `Uint8Array`. */
  strings?: "latin1" | "bytes";
  /** Give an array of all top-level values instead of the first one. */
  all?: boolean;
}

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
  const source = await openSource(input, options);
  try {
    return await loadSource(source, options);
  } finally {
    await source.close?.();
  }
}

async function loadSource(source: Source, options: LoadOptions): Promise<LuaValue> {
  const instance = await takeInstance();
  const index = await parse(instance, source, { ...options, keepPartial: false });
  const { roots, handedOut } = await convertIndex(instance, source, index, options);
  if (!handedOut) {
    instance.run(() => index.file.delete());
    recycleInstance(instance);
  }
  const value = options.all === true ? roots : (roots[0] ?? null);
  if (index.error !== null) {
    const { code, message } = index.error;
    throw new T7Error(code, message, { ...index.error, partial: value });
  }
  return value;
}

/** The values of a parsed file, and whether views over the instance's memory are among them. */
async function convertIndex(
  instance: Instance,
  source: Source,
  index: Index,
  options: LoadOptions,
): Promise<{ roots: LuaValue[]; handedOut: boolean }> {
  const { graph } = index;
  const arrays = hasArrays(graph);
  const shared = arrays ? await sharedKernel() : null;
  const kernels = kernelsOf(instance, shared);
  const addresses = await loadStorages(instance, source, index, options.signal);
  const payload: Payload = {
    kernels,
    storage: (object) => ({ kernels, address: addresses.get(object) ?? 0 }),
    ...(await loadBytes(source, graph, options.signal)),
  };
  const roots = new Converter(graph, payload, options).convert();
  if (arrays) instance.seal();
  return { roots, handedOut: arrays };
}

function hasArrays(graph: Graph): boolean {
  for (let object = 0; object < graph.objectCount; object++) {
    const kind = graph.kind(graph.node(object));
    if (kind === Kind.tensor || kind === Kind.storage) return true;
  }
  return false;
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
  for (let string = 0; string < graph.stringCount; string++) {
    if (!graph.isLocated(string)) continue;
    strings.set(string, await read(graph.stringOffset(string), graph.stringLength(string)));
  }
  const dumps = new Map<number, Uint8Array>();
  for (let object = 0; object < graph.objectCount; object++) {
    if (graph.kind(graph.node(object)) !== Kind.function) continue;
    const { offset, byteLength } = graph.dump(object);
    dumps.set(object, await read(offset, byteLength));
  }
  const bytes = new Map<number, Uint8Array>();
  for (let node = 0; node < graph.nodeCount; node++) {
    if (graph.kind(node) !== Kind.bytes) continue;
    const place = graph.ref(node);
    bytes.set(node, await read(graph.long(place), graph.long(place + 1)));
  }
  const of = (map: Map<number, Uint8Array>) => (id: number) => map.get(id) as Uint8Array;
  return { string: of(strings), dump: of(dumps), bytes: of(bytes) };
}
