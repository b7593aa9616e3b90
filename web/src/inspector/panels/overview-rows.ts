/** The rows of the overview: their columns, their order, and their text. Pure. */

import type { T7Node, TensorSummary } from "../../../../wasm/js/base/api.js";

export interface OverviewRow {
  id: number;
  /** From the network on. */
  path: string;
  node: T7Node;
  /** Shape that comes out of the module; empty where it is not known. */
  out: string;
  /** Of all parameters, 0 … 1. */
  share: number;
  /** Absent until it has been measured. */
  stats: TensorSummary | null;
}

export interface Column {
  name:
    | "path"
    | "dtype"
    | "shape"
    | "size"
    | "out"
    | "mean"
    | "std"
    | "min"
    | "max"
    | "zeros"
    | "nan";
  title: string;
  isText: boolean;
}

const column = (name: Column["name"], title: string, isText = false): Column => ({
  name,
  title,
  isText,
});

export const columns: readonly Column[] = [
  column("path", "parameter", true),
  column("dtype", "dtype", true),
  column("shape", "shape", true),
  column("size", "elements"),
  column("out", "output", true),
  column("mean", "mean"),
  column("std", "std"),
  column("min", "min"),
  column("max", "max"),
  column("zeros", "zeros"),
  column("nan", "NaN"),
];

function cell(
  { path, node, out, stats }: OverviewRow,
  name: Column["name"],
): string | number | null {
  switch (name) {
    case "path":
      return path;
    case "dtype":
      return node.dtype ?? "";
    case "shape":
      return (node.shape ?? []).join("×");
    case "size":
      return node.size ?? 0;
    case "out":
      return out;
    case "zeros":
      return stats === null ? null : stats.zeros / Math.max(1, stats.count);
    default: {
      const value = stats?.[name] ?? null;
      return value === null ? null : Number(value);
    }
  }
}

/** Rows without a value come last, whichever way. */
export function sorted(
  rows: readonly OverviewRow[],
  name: Column["name"],
  down: boolean,
): OverviewRow[] {
  const natural = new Intl.Collator("en", { numeric: true });
  return [...rows].sort((a, b) => {
    const [x, y] = [cell(a, name), cell(b, name)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order =
      typeof x === "string" || typeof y === "string"
        ? natural.compare(String(x), String(y))
        : x - y;
    return down ? -order : order;
  });
}

/** All digits, tab-separated or as a Markdown table. */
export function textOf(rows: readonly OverviewRow[], separator: "\t" | " | "): string {
  const lines = [
    columns.map(({ title }) => title),
    ...(separator === "\t" ? [] : [columns.map(({ isText }) => (isText ? "---" : "--:"))]),
    ...rows.map((row) => columns.map(({ name }) => String(cell(row, name) ?? ""))),
  ];
  return lines
    .map((cells) => (separator === "\t" ? cells.join("\t") : `| ${cells.join(" | ")} |`))
    .join("\n");
}
