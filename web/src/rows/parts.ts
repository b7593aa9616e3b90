/**
 * What the rows of an expanded node are. Mostly its children in the file's order; a module shows its
 * modules and parameters first, as if they were its own children, and the rest of it behind one row.
 */

import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { isContainer, isLayer } from "../words/describe.js";
import { plural } from "../words/format.js";

/** Children `from` … `from + rows − 1` of a node that has `count`, a row each. */
export interface Children {
  id: number;
  count: number;
  from: number;
  rows: number;
}

/** One row that stands for others, which are below it when it is expanded. */
export interface Group {
  rows: 1;
  /** What is shown of it when it is selected. */
  node: T7Node;
  /** `9 fields`, `[2…36]` */
  key: string;
  /** `35 × nn.Sequential` */
  text: string;
  hint: string;
  parts: Children[];
}

export type Part = Children | Group;

export const isGroup = (part: Part): part is Group => "parts" in part;

/** A module with more fields than any class has is shown as it is in the file. */
const mostFields = 64;
/** Lists of at most as many modules are looked through for repetitions. */
const mostCompared = 256;
/** Modules in a row that are the same are one row from so many on. */
const fewestFolded = 4;

/** Tensors that tell something about a trained module, in the order of their rows; the others hold what passed through it last. */
const telling = [
  ...["weight", "v", "g", "bias", "weightO", "diagCov"],
  ...["running_mean", "running_var", "running_std"],
];

export const allChildren = (id: number, count: number): Part[] => [
  { id, count, from: 0, rows: count },
];

/** True if rows of a node are others than its children. */
export const isArranged = (node: T7Node): boolean =>
  isLayer(node) && !node.incomplete && (node.count ?? 0) <= mostFields;

/** The rows of a module: its modules, its parameters, and one for the other fields. */
export async function modulePartsOf(api: T7FileApi, module: T7Node): Promise<Part[]> {
  const fields = await api.children(module, 0, mostFields);
  const list = fields.findIndex(isModuleList);
  const first: Part[] = list < 0 ? [] : await moduleRows(api, module, fields[list] as T7Node);
  const own = fields
    .flatMap((field, i) => (isTelling(field) ? [i] : []))
    .sort((a, b) => rankOf(fields[a]) - rankOf(fields[b]));
  const rest = fields.flatMap((_, i) =>
    own.includes(i) || (i === list && first.length > 0) ? [] : [i],
  );
  // The list itself stays reachable: at the end of the rest.
  if (first.length > 0) rest.push(list);
  const from = (i: number): Children => ({
    id: module.id,
    count: fields.length,
    from: i,
    rows: 1,
  });
  const parts = [...first, ...own.map(from)];
  if (parts.length === 0) return allChildren(module.id, fields.length);
  if (rest.length > 0) {
    parts.push({
      rows: 1,
      node: module,
      key: plural(rest.length, "field"),
      text: "",
      hint: rest.map((i) => fields[i]?.key).join(" "),
      parts: rest.map(from),
    });
  }
  return parts;
}

function isModuleList({ key, kind, list, count, sameAs }: T7Node): boolean {
  return key === "modules" && kind === "table" && list === true && !!count && sameAs === undefined;
}

const isTelling = ({ key = "", kind, size = 0 }: T7Node): boolean =>
  kind === "tensor" && size > 0 && telling.includes(key);

const rankOf = (field: T7Node | undefined): number => telling.indexOf(field?.key ?? "");

/** A row for each module of a list; those that repeat are one. */
async function moduleRows(api: T7FileApi, of: T7Node, list: T7Node): Promise<Part[]> {
  const count = list.count ?? 0;
  const range = (from: number, rows: number): Children => ({ id: list.id, count, from, rows });
  if (count < fewestFolded || count > mostCompared) return [range(0, count)];
  const modules = await api.children(list, 0, count);
  const parts: Part[] = [];
  for (const { from, to } of await runsOf(api, modules)) {
    const last = parts.at(-1);
    if (to - from >= fewestFolded) {
      parts.push({
        rows: 1,
        node: of,
        key: `[${from + 1}…${to}]`,
        text: `${to - from} × ${modules[from]?.typename ?? ""}`,
        hint: "",
        parts: [range(from, to - from)],
      });
    } else if (last !== undefined && !isGroup(last)) last.rows += to - from;
    else parts.push(range(from, to - from));
  }
  return parts;
}

/** Stretches of equal containers; everything else is a stretch of its own. */
async function runsOf(api: T7FileApi, modules: T7Node[]): Promise<{ from: number; to: number }[]> {
  const runs: { from: number; to: number }[] = [];
  const like = (a: T7Node | undefined, b: T7Node): boolean =>
    a !== undefined && isContainer(b) && a.typename === b.typename && a.count === b.count;
  for (let from = 0; from < modules.length; ) {
    let to = from + 1;
    while (to < modules.length && like(modules[from], modules[to] as T7Node)) to += 1;
    if (to - from < fewestFolded) runs.push({ from, to });
    else runs.push(...(await equalRuns(api, modules, from, to)));
    from = to;
  }
  return runs;
}

/** Equal is what prints the same: classes and sizes of everything inside. */
async function equalRuns(api: T7FileApi, modules: T7Node[], start: number, end: number) {
  const { printModule } = await import("./printing.js");
  const texts: string[] = [];
  for (const module of modules.slice(start, end)) texts.push(await printModule(api, module));
  const runs: { from: number; to: number }[] = [];
  for (let i = 0; i < texts.length; i += 1) {
    const last = runs.at(-1);
    if (last !== undefined && texts[i] === texts[i - 1]) last.to += 1;
    else runs.push({ from: start + i, to: start + i + 1 });
  }
  return runs;
}
