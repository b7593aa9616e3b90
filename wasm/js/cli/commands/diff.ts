/** `torchfile diff`: in what two files differ, value by value. Order of keys and offsets do not count. */

import type { T7Node } from "../../base/api.js";
import type { T7File } from "../../open/file.js";
import { childrenOf, isOpen, type Visit } from "../../open/walk.js";
import { describe } from "../output/describe.js";
import { counted, short } from "../output/numbers.js";
import type { Row } from "../output/rows.js";
import type { Command } from "../session/command.js";
import { exitCode } from "../session/exit.js";
import { locate } from "../session/locate.js";
import type { Session } from "../session/session.js";

const columns = ["change", "path", "before", "after", "difference"];

interface Side {
  file: T7File;
  visit: Visit;
}

interface Pair {
  a: Side | null;
  b: Side | null;
}

type Change = Row & {
  change: "-" | "+" | "~";
  path: string;
  before: string;
  after: string;
  difference: string;
};

const change = (
  sign: Change["change"],
  path: string,
  before: string,
  after: string,
  difference = "",
): Change => ({
  change: sign,
  path,
  before,
  after,
  difference,
});

const sameBytes = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Whether two scalars, strings or dumps are the same: NaN is NaN, 0 is not -0. */
async function sameValue(a: Side, b: Side, signal: AbortSignal): Promise<boolean> {
  if (a.visit.node.byteLength !== b.visit.node.byteLength) return false;
  const left = await a.file.value(a.visit.node, { signal });
  const right = await b.file.value(b.visit.node, { signal });
  if (left instanceof Uint8Array && right instanceof Uint8Array) return sameBytes(left, right);
  return Object.is(left, right);
}

const hasElements = ({ kind }: T7Node) => kind === "tensor" || kind === "storage";
const isParent = ({ kind, count }: T7Node) =>
  kind === "table" || kind === "object" || (count ?? 0) > 0;

/** What two elements of one dtype and shape differ in, or nothing. */
async function elementsDiffer(a: Side, b: Side, session: Session): Promise<Change | null> {
  const { signal } = session;
  const found = await a.file.difference(a.visit.node, b.visit.node, { file: b.file, signal });
  if (found.different === 0) return null;
  const text = `max|Δ| ${short(found.maxAbsolute)}  ${counted(found.different, "element differs", "elements differ")}`;
  const what = describe(a.visit.node);
  return change("~", a.visit.path, what, what, text);
}

/** Where the object of a back-reference was first. */
const origin = ({ file, visit: { node } }: Side): Promise<string> | null =>
  node.sameAs === undefined ? null : file.path(node.sameAs);

async function compare(a: Side, b: Side, session: Session): Promise<Change | null> {
  const { node: left, path } = a.visit;
  const right = b.visit.node;
  const [from, to] = [await origin(a), await origin(b)];
  if (from !== to) return change("~", path, from ?? "not shared", to ?? "not shared", "sharing");
  if (from !== null) return null;
  const kinds = [left, right].map(({ kind, typename, dtype, shape, size }) =>
    [kind, typename, dtype, shape?.join("×"), kind === "storage" ? size : ""].join(" "),
  );
  if (kinds[0] !== kinds[1]) return change("~", path, describe(left), describe(right));
  if (left.error || right.error) {
    const [was, is] = [left.error?.message ?? "", right.error?.message ?? ""];
    return was === is ? null : change("~", path, describe(left), describe(right));
  }
  if (hasElements(left)) return elementsDiffer(a, b, session);
  if (isParent(left) && left.kind !== "function") return null;
  return (await sameValue(a, b, session.signal))
    ? null
    : change("~", path, describe(left), describe(right));
}

/** The children of two tables by key: those of `a` in its order, then those that only `b` has. */
async function matched(a: Side, b: Side, signal: AbortSignal): Promise<Pair[]> {
  const others = new Map<string, Visit>();
  for await (const visit of childrenOf(b.file, b.visit, signal)) others.set(keyOf(visit), visit);
  const pairs: Pair[] = [];
  for await (const visit of childrenOf(a.file, a.visit, signal)) {
    const other = others.get(keyOf(visit));
    others.delete(keyOf(visit));
    pairs.push({ a: { file: a.file, visit }, b: other ? { file: b.file, visit: other } : null });
  }
  for (const visit of others.values()) pairs.push({ a: null, b: { file: b.file, visit } });
  return pairs;
}

const keyOf = ({ node }: Visit) => node.key ?? "";

export async function* changesBetween(start: Pair[], session: Session): AsyncGenerator<Change> {
  const stack = start.reverse();
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const { a, b } = pair;
    if (a === null && b !== null) yield change("+", b.visit.path, "", describe(b.visit.node));
    if (b === null && a !== null) yield change("-", a.visit.path, describe(a.visit.node), "");
    if (a === null || b === null) continue;
    const found = await compare(a, b, session);
    if (found !== null) yield found;
    const enters = isOpen(a.visit.node) || isOpen(b.visit.node);
    const alike =
      a.visit.node.kind === b.visit.node.kind && a.visit.node.sameAs === b.visit.node.sameAs;
    const isNew = a.visit.node.sameAs === undefined && b.visit.node.sameAs === undefined;
    if (enters && isNew && (alike || found === null)) {
      for (const child of (await matched(a, b, session.signal)).reverse()) stack.push(child);
    }
  }
}

function line({ change: sign, path, before, after, difference }: Change, session: Session): string {
  const style = sign === "+" ? "green" : sign === "-" ? "red" : "yellow";
  const what = sign === "~" && before !== after ? `${before} → ${after}` : before || after;
  return `${session.paint(style, `${sign} ${path}`)}   ${what}${difference ? `   ${difference}` : ""}`;
}

/** The roots of both, or the values at one path in both. */
async function startOf(
  files: [T7File, T7File],
  path: string | undefined,
  session: Session,
): Promise<Pair[]> {
  const [a, b] = files;
  if (path !== undefined) {
    const sides = [];
    for (const file of files) sides.push({ file, visit: await locate(file, path, session.signal) });
    return [{ a: sides[0] as Side, b: sides[1] as Side }];
  }
  const side = async (file: T7File, node: T7Node | undefined) =>
    node ? { file, visit: { node, path: await file.path(node), depth: 0 } } : null;
  const pairs: Pair[] = [];
  for (let at = 0; at < Math.max(a.roots.length, b.roots.length); at++) {
    pairs.push({ a: await side(a, a.roots[at]), b: await side(b, b.roots[at]) });
  }
  return pairs;
}

export const diff: Command = {
  name: "diff",
  args: "<a> <b> [path]",
  about: "in what two files differ; exit code 1 if they do",
  options: [],
  examples: [{ line: "torchfile diff before.t7 after.t7", about: "" }],
  pathsFrom: 2,
  async run(session, [first, second, path]) {
    const files: [T7File, T7File] = [
      await session.open(first as string),
      await session.open(second as string),
    ];
    const pairs = await startOf(files, path, session);
    let differs = false;
    const changes = async function* () {
      for await (const found of changesBetween(pairs, session)) {
        differs = true;
        yield found;
      }
    };
    if (session.form !== "text") await session.rowsAsTheyCome(columns, changes);
    else for await (const found of changes()) await session.line(line(found, session));
    return differs ? exitCode.no : exitCode.fine;
  },
};
