/** What an open file's scalar, string or dump is in JavaScript, read when somebody asks for it. */

import type { T7Value } from "../base/api.js";
import { type Graph, Kind } from "../index/graph.js";

/** Reads `length` bytes of the file from `offset` on. */
type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

/** True for the kinds that `valueOfNode` reads. */
export function hasOwnValue(kind: number): boolean {
  return ownValues.has(kind);
}

const ownValues: ReadonlySet<number> = new Set([
  Kind.nil,
  Kind.boolean,
  Kind.number,
  Kind.integer,
  Kind.string,
  Kind.bytes,
  Kind.function,
]);

/** The value of a node that is no container and has no elements. */
export async function valueOfNode(graph: Graph, id: number, read: ReadBytes): Promise<T7Value> {
  switch (graph.kind(id)) {
    case Kind.boolean:
      return graph.ref(id) === 1;
    case Kind.number:
      return graph.number(id);
    case Kind.integer:
      return graph.integer(id);
    case Kind.string:
      return stringOf(graph, graph.ref(id), read);
    case Kind.bytes:
      return read(graph.long(graph.ref(id)), graph.long(graph.ref(id) + 1));
    case Kind.function: {
      const { offset, byteLength } = graph.dump(graph.ref(id));
      return read(offset, byteLength);
    }
    default:
      return null;
  }
}

async function stringOf(
  graph: Graph,
  string: number,
  read: ReadBytes,
): Promise<string | Uint8Array> {
  if (!graph.isLocated(string)) return graph.text(string);
  const bytes = await read(graph.stringOffset(string), graph.stringLength(string));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
