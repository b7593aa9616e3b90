/** From what a person types to nodes of the file: a path, the unique end of one, or a pattern with `*`. */

import type { T7Node } from "../../base/api.js";
import { T7Error } from "../../base/errors.js";
import type { T7File } from "../../open/file.js";
import { type Visit, walk } from "../../open/walk.js";
import { UsageError } from "./exit.js";

/** Candidates that an error names. */
const SHOWN = 10;

const isPattern = (text: string) => text.includes("*");

const literal = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&");

/** `*` stands for anything within one step, `**` for any steps. */
function patternOf(text: string): RegExp {
  const source = text
    .split(/(\*+)/)
    .map((part) => (part === "*" ? "[^.\\[\\]]*" : /^\*\*/.test(part) ? ".*" : literal(part)))
    .join("");
  return new RegExp(`(?:^|[.\\[])${source.replace(/^\\\[|^\\\./, "")}$`, "su");
}

/** Whether `path` ends in the whole steps `end`. */
const endsIn = (path: string, end: string) =>
  path === end || path.endsWith(end.startsWith("[") ? end : `.${end}`) || path.endsWith(`[${end}]`);

/** The node at exactly this path, `root` left out or not; `null` where there is none or it is no path. */
async function exactly(file: T7File, text: string, signal: AbortSignal): Promise<Visit | null> {
  const roots = /^(root|#)/.test(text)
    ? [text]
    : [text, text.startsWith("[") ? `root${text}` : `root.${text}`];
  for (const path of roots) {
    try {
      const node = await file.node(path, { signal });
      if (node !== null) return { node, path: await file.path(node), depth: 0 };
    } catch (error) {
      if (!(error instanceof T7Error) || error.code !== "bad_path") throw error;
    }
  }
  return null;
}

async function* everything(file: T7File, signal: AbortSignal): AsyncGenerator<Visit> {
  for (const root of file.roots) yield* walk(file, root, signal);
}

/** Edits that make one word of another, up to `most`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Paths whose end is nearly what was typed. */
class Near {
  private best: Array<{ path: string; edits: number }> = [];
  constructor(private readonly wanted: string) {}

  offer(path: string): void {
    const steps = this.wanted.split(/(?=[.[])/).length;
    const end = path
      .split(/(?=[.[])/)
      .slice(-steps)
      .join("")
      .replace(/^\./, "");
    const edits = distance(end.slice(0, 200), this.wanted.replace(/^\./, "").slice(0, 200), 2);
    if (edits > 2) return;
    this.best.push({ path, edits });
    this.best.sort((a, b) => a.edits - b.edits);
    this.best.length = Math.min(this.best.length, 3);
  }

  hint(): string {
    if (this.best.length === 0) return "`torchfile tree FILE` shows what is there.";
    return `Did you mean ${this.best.map(({ path }) => path).join(" or ")}?`;
  }
}

const list = (paths: string[]) =>
  paths.slice(0, SHOWN).join("\n  ") +
  (paths.length > SHOWN ? `\n  … ${paths.length - SHOWN} more` : "");

/** All nodes that `text` may mean, in file order; none is an error. Without `text`: the roots. */
export async function locateAll(
  file: T7File,
  text: string | undefined,
  signal: AbortSignal,
): Promise<Visit[]> {
  if (text === undefined) {
    return Promise.all(
      file.roots.map(async (node: T7Node) => ({ node, path: await file.path(node), depth: 0 })),
    );
  }
  const found = await exactly(file, text, signal);
  if (found !== null) return [found];
  const pattern = isPattern(text) ? patternOf(text) : null;
  const near = new Near(text);
  const matches: Visit[] = [];
  for await (const visit of everything(file, signal)) {
    if (pattern ? pattern.test(visit.path) : endsIn(visit.path, text)) matches.push(visit);
    else if (pattern === null && matches.length === 0) near.offer(visit.path);
  }
  if (matches.length === 0) throw new UsageError(`nothing in the file is at ${text}`, near.hint());
  return matches;
}

/** The one node that `text` means. */
export async function locate(
  file: T7File,
  text: string | undefined,
  signal: AbortSignal,
): Promise<Visit> {
  const found = await locateAll(file, text, signal);
  if (found.length === 0) throw new UsageError("the file holds no value");
  if (found.length > 1 && text !== undefined) {
    const paths = found.map(({ path }) => path);
    throw new UsageError(`${text} may be any of\n  ${list(paths)}`, "Give more of the path.");
  }
  return found[0] as Visit;
}
