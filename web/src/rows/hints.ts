/** What a table, a list or a layer holds, in a few words behind its row. */

import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { isContainer, isLayer } from "../words/describe.js";
import { formatValue, plural } from "../words/format.js";
import { Wanted } from "./wanted.js";

/** Entries that are looked at. */
const looked = 8;

/** Characters of a hint; the row cuts it where it has no more room. */
const longest = 120;

const canHaveHint = (node: T7Node): boolean =>
  !node.incomplete &&
  (isLayer(node) || (["table", "hash", "vec"].includes(node.kind) && (node.count ?? 0) > 0));

export class Hints extends Wanted<string> {
  constructor(
    private readonly api: T7FileApi,
    onArrival: () => void,
  ) {
    super(canHaveHint, onArrival);
  }

  protected async make(node: T7Node, signal: AbortSignal): Promise<string> {
    if (!isLayer(node)) return this.content(node, signal);
    if (isContainer(node)) return this.parts(node, signal);
    const { printModule } = await import("./printing.js");
    const text = await printModule(this.api, node, { signal });
    return text.includes("\n") ? "" : layerText(text, node.typename ?? "");
  }

  /** `21 modules` */
  private async parts(node: T7Node, signal: AbortSignal): Promise<string> {
    const fields = await this.api.children(node, 0, 64, { signal });
    const modules = fields.find(({ key }) => key === "modules");
    return modules?.count ? plural(modules.count, "module") : "";
  }

  private async content(node: T7Node, signal: AbortSignal): Promise<string> {
    const entries = await this.api.children(node, 0, looked, { signal });
    const isList = node.list === true || node.kind === "vec";
    const more = (node.count ?? 0) > entries.length;
    return isList ? listText(entries, more) : recordText(entries, more);
  }
}

/** `3 → 6, 3×3` of `nn.SpatialConvolution(3 -> 6, 3x3)`. */
export function layerText(printed: string, typename: string): string {
  const rest = printed.startsWith(typename) ? printed.slice(typename.length).trim() : printed;
  return rest
    .replace(/^\(([^()]*)\)/, "$1")
    .replace(/^4D|^2D|^5D/, "")
    .replace(/^ \((\d+)\)$/, "$1")
    .replace(/ -> /g, " \u2192 ")
    .replace(/(?<=\d)x(?=\d)/g, "×");
}

function entryText(node: T7Node): string {
  if (typeof node.value === "number") return formatValue(node.value, 5);
  if (node.kind === "tensor") return `${node.dtype} ${node.preview}`;
  if (node.kind === "object") return node.typename ?? "";
  return node.preview;
}

/** The common class of a list, or its first values. */
export function listText(entries: readonly T7Node[], more: boolean): string {
  const classes = new Set(
    entries.map(({ kind, typename }) => (kind === "object" ? typename : kind)),
  );
  const [only] = classes;
  if (classes.size === 1 && entries[0]?.kind === "object") return `of ${only}`;
  if (classes.size === 1 && entries[0]?.kind === "table") return "of tables";
  const text = entries.map(entryText).join(", ");
  return cut(more ? `${text}, …` : text);
}

/** `{id: 17, name: "n17"}` */
export function recordText(entries: readonly T7Node[], more: boolean): string {
  const parts = entries.map((entry) => {
    const nested = (entry.count ?? 0) > 0 || entry.kind === "table";
    return nested ? `${entry.key}` : `${entry.key}: ${entryText(entry)}`;
  });
  return cut(`{${parts.join(", ")}${more ? ", …" : ""}}`);
}

const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
