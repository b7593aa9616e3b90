/** Every occurrence below a node in file order, each with its path. Objects that occur again are not entered again. */

import type { T7FileApi, T7Node } from "../base/api.js";
import { T7Error } from "../base/errors.js";

export interface Visit {
  node: T7Node;
  /** As `node()` takes it: `root.modules[4].weight`. */
  path: string;
  /** 0 for the node where the walk began. */
  depth: number;
}

/** Children that are fetched at once. */
const BATCH = 512;

/** Whether a node has children of its own: an object that occurs again has those of its first occurrence. */
export const isOpen = (node: T7Node): boolean => (node.count ?? 0) > 0 && node.sameAs === undefined;

/** Path of a child. Keys that are objects, and what a function captured, have longer ones than the key shows. */
export function childPath(file: T7FileApi, parent: Visit, child: T7Node): string | Promise<string> {
  const { key } = child;
  if (key === undefined || key.startsWith("<") || parent.node.kind === "function") {
    return file.path(child);
  }
  return key.startsWith("[") ? parent.path + key : `${parent.path}.${key}`;
}

/** All children of a node, a batch at a time. */
export async function* childrenOf(
  file: T7FileApi,
  parent: Visit,
  signal: AbortSignal | undefined,
): AsyncGenerator<Visit> {
  const count = parent.node.count ?? 0;
  for (let from = 0; from < count; from += BATCH) {
    const to = Math.min(count, from + BATCH);
    for (const node of await file.children(parent.node, from, to, { signal })) {
      yield { node, path: await childPath(file, parent, node), depth: parent.depth + 1 };
    }
  }
}

/** Depth first and without recursion; `start` comes first. `enters` says which nodes are gone into. */
export async function* walk(
  file: T7FileApi,
  start: T7Node,
  signal: AbortSignal | undefined,
  enters: (visit: Visit) => boolean = () => true,
): AsyncGenerator<Visit> {
  const first: Visit = { node: start, path: await file.path(start), depth: 0 };
  yield first;
  const open = isOpen(start) && enters(first) ? [childrenOf(file, first, signal)] : [];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = await top.next();
    if (next.done) {
      open.pop();
      continue;
    }
    yield next.value;
    if (isOpen(next.value.node) && enters(next.value)) {
      open.push(childrenOf(file, next.value, signal));
    }
  }
}

/**
 * Throws where a value is unusable or the file ends inside it: what is made of a part must not look
 * like the whole.
 */
export function checkWhole(file: T7FileApi, { node, path }: Visit): void {
  if (node.error) throw T7Error.fromJSON({ ...node.error, path: node.error.path ?? path });
  if (!node.incomplete) return;
  throw (
    file.error ?? new T7Error("truncated", `${path} is incomplete`, { path, offset: node.offset })
  );
}
