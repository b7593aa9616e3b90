/** A branch of the file as lines of text, long runs of like siblings folded into one. */

import type { T7FileApi, T7Node } from "../../base/api.js";
import { childrenOf, isOpen, type Visit } from "../../open/walk.js";
import { describe, describeMany, likeness, remarks } from "./describe.js";
import { clip, oneLine, type Paint, padEnd, widthOf } from "./terminal.js";

export interface TreeOptions {
  /** Levels below the start; all unless told. */
  depth: number;
  fold: boolean;
  columns: number;
  paint: Paint;
  signal: AbortSignal;
}

/** One row: a child, or a run of `count` children like the one before. */
interface Branch {
  visit: Visit;
  label: string;
  count: number;
}

/** Siblings of one likeness that are shown before the rest is folded. */
const shownAlike = (node: T7Node) => (node.count ? 1 : 3);

const labelOf = (node: T7Node) => oneLine(node.key ?? "root");

/** `[2…13]`, or from name to name. */
function rangeOf(first: T7Node, last: T7Node): string {
  const from = labelOf(first);
  const to = labelOf(last);
  const numbered = /^\[\d+\]$/;
  if (numbered.test(from) && numbered.test(to)) return `${from.slice(0, -1)}…${to.slice(1)}`;
  return `${from} … ${to}`;
}

const single = (visit: Visit): Branch => ({ visit, label: labelOf(visit.node), count: 1 });

/** The rows below a node. A run is folded where that saves two rows or more. */
async function* branches(
  file: T7FileApi,
  parent: Visit,
  { fold, signal }: TreeOptions,
): AsyncGenerator<Branch> {
  let run: { like: string; seen: number; held: Visit[]; last: Visit | null } | null = null;
  const end = function* (): Generator<Branch> {
    if (run === null || run.last === null) return;
    const first = run.held[0] as Visit;
    const hidden = run.seen - shownAlike(first.node);
    if (hidden < 3) yield* run.held.map(single);
    else yield { visit: first, label: rangeOf(first.node, run.last.node), count: hidden };
  };
  for await (const visit of childrenOf(file, parent, signal)) {
    const like = likeness(visit.node);
    if (!fold) {
      yield single(visit);
    } else if (run === null || run.like !== like) {
      yield* end();
      run = { like, seen: 1, held: [], last: null };
      yield single(visit);
    } else if (++run.seen <= shownAlike(visit.node)) {
      yield single(visit);
    } else {
      if (run.held.length < 3) run.held.push(visit);
      run.last = visit;
    }
  }
  yield* end();
}

/** With what follows known: whether a row is the last, and the widest label of the next few. */
async function* rowsOf(rows: AsyncGenerator<Branch>) {
  const BATCH = 64;
  let batch: Branch[] = [];
  const flush = function* (isEnd: boolean) {
    const width = Math.min(24, Math.max(...batch.map(({ label }) => widthOf(label))));
    for (const [at, row] of batch.entries()) {
      yield { ...row, width, isLast: isEnd && at === batch.length - 1 };
    }
    batch = [];
  };
  for await (const row of rows) {
    if (batch.length === BATCH) yield* flush(false);
    batch.push(row);
  }
  if (batch.length > 0) yield* flush(true);
}

/** One row's text behind the lines that draw the tree, not wider than `width`. */
function rowText(row: Branch & { width: number }, width: number, paint: Paint): string {
  const { node } = row.visit;
  const what = row.count > 1 ? describeMany(row.count, node) : describe(node);
  const label = padEnd(row.label, row.width);
  const notes = row.count > 1 ? [] : remarks(node);
  const room = Math.max(20, width - widthOf(label) - 2);
  const text = clip([what, ...notes].join("  "), room);
  const known = Math.min(what.length, text.length);
  const style = node.error ? "red" : node.kind === "object" ? "cyan" : null;
  const head = text.slice(0, known);
  return `${label}  ${style ? paint(style, head) : head}${paint("dim", text.slice(known))}`;
}

/** The start on a line of its own, then what is below it. */
export async function* treeLines(
  file: T7FileApi,
  start: Visit,
  options: TreeOptions,
): AsyncGenerator<string> {
  const { paint, columns, depth } = options;
  yield rowText({ ...single(start), label: start.path, width: 0 }, columns, paint);
  const open: Array<{ rows: ReturnType<typeof rowsOf>; indent: string }> = [];
  const enter = (visit: Visit, indent: string) => {
    if (!isOpen(visit.node) || open.length >= depth) return;
    open.push({ rows: rowsOf(branches(file, visit, options)), indent });
  };
  enter(start, "");
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = await top.rows.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const row = next.value;
    const lead = `${top.indent}${row.isLast ? "└" : "├"} `;
    yield paint("dim", lead) + rowText(row, columns - widthOf(lead), paint);
    if (row.count === 1) enter(row.visit, `${top.indent}${row.isLast ? " " : "│"} `);
  }
}
