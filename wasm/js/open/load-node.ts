/** A part of an open file as values: what `load` would give of it, in memory that belongs to JavaScript. */

import { dtypeBytes } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { sharedKernelMemory } from "../compute/kernel-memory.js";
import { Flag, Kind, none } from "../index/graph.js";
import type { Tree } from "../index/tree.js";
import { copiedOps } from "../load/tensor-ops.js";
import { Converter, type Payload, type ValueOptions } from "../values/convert.js";
import type { LuaValue } from "../values/values.js";

/** How the bytes of the file come. */
export interface NodeReader {
  /** All elements of a storage as they are stored. */
  elements(storage: number): Promise<ArrayBufferLike>;
  bytes(offset: number, length: number): Promise<Uint8Array>;
  /** Called with what has been read and what there is to read, in bytes. */
  progress(done: number, total: number): void;
}

/** What a value leads to that is not in the index. */
interface Reached {
  storages: Set<number>;
  strings: Set<number>;
  dumps: Set<number>;
  /** Nodes of raw bytes. */
  bytes: Set<number>;
}

/** Walks over everything below a node, each object once. */
function reachFrom(tree: Tree, start: number): Reached {
  const { graph } = tree;
  const reached: Reached = {
    storages: new Set(),
    strings: new Set(),
    dumps: new Set(),
    bytes: new Set(),
  };
  const seen = new Uint8Array(graph.objectCount);
  const waiting = [start];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const kind = graph.kind(node);
    if (kind === Kind.string && graph.isLocated(graph.ref(node))) {
      reached.strings.add(graph.ref(node));
    }
    if (kind === Kind.bytes) reached.bytes.add(node);
    if (kind < Kind.table || kind > Kind.vec) continue;
    const object = graph.ref(node);
    if (seen[object] === 1) continue;
    seen[object] = 1;
    if (kind === Kind.storage) reached.storages.add(object);
    if (kind === Kind.function && graph.first(object) !== none) reached.dumps.add(object);
    if (kind === Kind.tensor && graph.first(object) !== none) {
      const storage = graph.storageOf(object);
      if (storage !== none) reached.storages.add(storage);
    }
    const first = graph.node(object);
    for (let i = tree.count(first) - 1; i >= 0; i -= 1) {
      const entry = tree.entry(first, i);
      waiting.push(entry.node);
      if (entry.key !== none) waiting.push(entry.key);
    }
  }
  return reached;
}

/** The value at a node. A storage that cannot be read has an error; the rest is there. */
export async function loadNode(
  tree: Tree,
  node: number,
  options: ValueOptions,
  reader: NodeReader,
): Promise<LuaValue> {
  const { graph } = tree;
  const reached = reachFrom(tree, node);
  const unusable = new Set(graph.issues.map(({ object }) => object));
  const storages = [...reached.storages].filter(
    (object) => !graph.has(object, Flag.incomplete) && !unusable.has(object),
  );
  const sizeOf = (storage: number) =>
    graph.lengthOf(storage) * dtypeBytes[graph.classOf(storage).dtype];
  const total = storages.reduce((sum, storage) => sum + sizeOf(storage), 0);
  const buffers = new Map<number, ArrayBuffer>();
  const errors = new Map<number, T7Error>();
  let done = 0;
  for (const storage of storages) {
    try {
      buffers.set(storage, (await reader.elements(storage)) as ArrayBuffer);
    } catch (error) {
      // Other errors are not this storage's alone.
      if (!(error instanceof T7Error) || error.code !== "bad_number") throw error;
      errors.set(storage, error);
    }
    done += sizeOf(storage);
    reader.progress(done, total);
  }
  const strings = new Map<number, Uint8Array>();
  for (const string of reached.strings) {
    strings.set(string, await reader.bytes(graph.stringOffset(string), graph.stringLength(string)));
  }
  const dumps = new Map<number, Uint8Array>();
  for (const object of reached.dumps) {
    if (graph.has(object, Flag.incomplete) || unusable.has(object)) continue;
    const { offset, byteLength } = graph.dump(object);
    dumps.set(object, await reader.bytes(offset, byteLength));
  }
  const bytes = new Map<number, Uint8Array>();
  for (const place of reached.bytes) {
    const at = graph.ref(place);
    bytes.set(place, await reader.bytes(graph.long(at), graph.long(at + 1)));
  }
  const kernel = await sharedKernelMemory();
  const noBytes = new Uint8Array(0);
  const payload: Payload = {
    arrays: {
      ops: copiedOps(new ArrayBuffer(0), kernel),
      storage: (object) => {
        const buffer = buffers.get(object) ?? new ArrayBuffer(0);
        return { ops: copiedOps(buffer, kernel), address: 0 };
      },
    },
    errors,
    // Strings that are not below the node are never looked at.
    string: (string) => strings.get(string) ?? noBytes,
    dump: (object) => dumps.get(object) ?? noBytes,
    bytes: (place) => bytes.get(place) ?? noBytes,
  };
  return new Converter(graph, payload, options).convertNode(node);
}
