/** The tensors below a node, each with a name that every file system and archive takes. */

import { checkWhole, walk } from "../open/walk.js";
import { type ExportOptions, notExportable, type Subject } from "./export-types.js";
import { isArray } from "./npy.js";

export interface NamedTensor extends Subject {
  /** The path from where the export began, without what names of files may not have; unique. */
  name: string;
}

/** Longest name; deeper paths keep their end. */
const LONGEST = 180;

/** No folder, no drive, no control character, nothing that means "up": a plain name. */
function plainName(path: string): string {
  const safe = path.replace(/[\p{Cc}\p{Cs}/\\:*?"<>|]/gu, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  return safe.length > LONGEST ? `…${safe.slice(-LONGEST)}` : safe || "_";
}

/** `path` as seen from `start`, which a tensor that is alone has for its own name. */
function relative(path: string, start: string): string {
  const inside = path.startsWith(start) ? path.slice(start.length) : path;
  return inside.replace(/^\./, "") || path.replace(/^root\./, "");
}

/** Gives each name once: the second `x` becomes `x (2)`. */
function uniqueNames(): (name: string) => string {
  const used = new Map<string, number>();
  return (name) => {
    let count = used.get(name) ?? 0;
    let next = name;
    while (used.has(next)) next = `${name} (${++count + 1})`;
    used.set(name, count);
    used.set(next, used.get(next) ?? 0);
    return next;
  };
}

/** Tensors and storages in file order; those that occur again only with `repeated`. */
export async function tensorsBelow(
  subject: Subject,
  options: ExportOptions,
  format: string,
  repeated: boolean,
): Promise<NamedTensor[]> {
  const { file } = subject;
  const unique = uniqueNames();
  const found: NamedTensor[] = [];
  for await (const visit of walk(file, subject.node, options.signal)) {
    checkWhole(file, visit);
    const { node, path } = visit;
    if (!isArray(node) || (node.sameAs !== undefined && !repeated)) continue;
    found.push({ file, node, path, name: unique(plainName(relative(path, subject.path))) });
  }
  if (found.length === 0) {
    throw notExportable(subject, format, "a tensor, or a value that has tensors in it");
  }
  return found;
}
