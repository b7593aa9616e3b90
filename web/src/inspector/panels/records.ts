/** What can be read as a table: a list of records, or columns of one length. */

import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import { formatValue } from "../../words/format.js";

/** Rows of one page. */
export const pageRows = 50;

/** Columns of the widest table; what else records have is in the tree. */
const mostColumns = 40;

export interface Cell {
  text: string;
  /** Where it leads; `null` for what is no node of its own. */
  id: number | null;
}

export interface Page {
  columns: string[];
  rows: Array<{ id: number | null; cells: Array<Cell | null> }>;
}

export interface Records {
  count: number;
  page(first: number, signal: AbortSignal): Promise<Page>;
}

const isRecord = ({ kind, list, count = 0 }: T7Node) =>
  (kind === "table" && list !== true && count > 0) || (kind === "object" && count > 0);

const cellOf = (node: T7Node): Cell => ({ text: textOf(node), id: node.id });

function textOf(node: T7Node): string {
  if (typeof node.value === "number") return formatValue(node.value);
  if (typeof node.value === "string") return node.value.slice(0, 200);
  return node.kind === "tensor" ? `${node.dtype} ${node.preview}` : node.preview;
}

/** A list of tables or objects. */
function listOf(api: T7FileApi, node: T7Node): Records {
  const count = node.count ?? 0;
  const columns = new Map<string, number>();
  return {
    count,
    async page(first, signal) {
      const records = await api.children(node, first, Math.min(count, first + pageRows), {
        signal,
      });
      const all = await Promise.all(
        records.map((record) =>
          (record.count ?? 0) > 0 ? api.children(record, 0, mostColumns, { signal }) : [],
        ),
      );
      for (const { key = "" } of all.flat()) {
        if (!columns.has(key) && columns.size < mostColumns) columns.set(key, columns.size);
      }
      const rows = records.map((record, at) => {
        const cells: Array<Cell | null> = Array.from(columns, () => null);
        for (const field of all[at] ?? []) {
          const column = columns.get(field.key ?? "");
          if (column !== undefined) cells[column] = cellOf(field);
        }
        return { id: record.id, cells };
      });
      return { columns: [...columns.keys()], rows };
    },
  };
}

/** How many entries a column has; `null` for what is none. */
function lengthOf(node: T7Node): number | null {
  if (node.error || node.incomplete) return null;
  if (node.kind === "tensor" || node.kind === "storage")
    return node.shape?.[0] ?? node.size ?? null;
  return node.kind === "table" && node.list === true ? (node.count ?? null) : null;
}

/** Entries of one column from `first` on. */
async function columnCells(
  api: T7FileApi,
  node: T7Node,
  first: number,
  last: number,
  signal: AbortSignal,
): Promise<Cell[]> {
  if (node.kind === "table") {
    return (await api.children(node, first, last, { signal })).map(cellOf);
  }
  const [, ...rest] = node.shape ?? [0];
  if (rest.some((length) => length > 1)) {
    return Array.from({ length: last - first }, () => ({
      text: `${node.dtype} ${rest.join("×")}`,
      id: node.id,
    }));
  }
  const elements = await api.read(node, [[first, last]], { signal });
  return Array.from(elements as ArrayLike<number | bigint>, (element) => ({
    text: formatValue(element),
    id: null,
  }));
}

function columnsOf(api: T7FileApi, columns: T7Node[], count: number): Records {
  return {
    count,
    async page(first, signal) {
      const last = Math.min(count, first + pageRows);
      const cells = await Promise.all(
        columns.map((column) => columnCells(api, column, first, last, signal)),
      );
      const rows = Array.from({ length: last - first }, (_, at) => ({
        id: null,
        cells: cells.map((column) => column[at] ?? null),
      }));
      return { columns: columns.map(({ key = "" }) => key), rows };
    },
  };
}

/** The table that a value is, or `null`. */
export async function recordsOf(
  api: T7FileApi,
  node: T7Node,
  signal: AbortSignal,
): Promise<Records | null> {
  const count = node.count ?? 0;
  if (node.kind !== "table" || node.incomplete || count === 0) return null;
  if (node.list === true) {
    if (count < 2) return null;
    const [first, second] = await api.children(node, 0, 2, { signal });
    const fits = first !== undefined && second !== undefined && isRecord(first) && isRecord(second);
    return fits &&
      first.kind === second.kind &&
      first.typename === second.typename &&
      !/^nn\./.test(first.typename ?? "")
      ? listOf(api, node)
      : null;
  }
  if (count < 2 || count > mostColumns) return null;
  const entries = await api.children(node, 0, count, { signal });
  const columns = entries.filter((entry) => lengthOf(entry) !== null);
  const length = lengthOf(columns[0] as T7Node);
  if (columns.length < 2 || length === null || length < 3) return null;
  return columns.every((column) => lengthOf(column) === length)
    ? columnsOf(api, columns, length)
    : null;
}
