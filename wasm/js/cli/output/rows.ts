/** Rows of values in the form that was asked for: aligned text, tab-separated, Markdown, JSON, JSON Lines. */

import { grouped, short } from "./numbers.js";
import { oneLine, padEnd, padStart, widthOf } from "./terminal.js";

export type Form = "text" | "plain" | "markdown" | "json" | "jsonl";

export type Cell = string | number | bigint | boolean | null | readonly number[];

/** A row's fields by their names, in the order of the columns. */
export type Row = Record<string, Cell>;

/** For a person; `plain` and JSON keep every digit. */
function pretty(cell: Cell): string {
  if (typeof cell === "number")
    return Number.isInteger(cell) && Math.abs(cell) < 1e9 ? grouped(cell) : short(cell);
  if (typeof cell === "bigint") return short(cell);
  return exact(cell);
}

function exact(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "object") return cell.length === 0 ? "–" : cell.join("×");
  return oneLine(String(cell));
}

/** JSON has neither NaN nor numbers beyond a double: they become strings. */
export function jsonText(value: unknown, indent?: number): string {
  const plain = (_key: string, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    if (typeof item === "number" && !Number.isFinite(item)) return String(item);
    return item;
  };
  return JSON.stringify(value, plain, indent);
}

const isNumeric = (cell: Cell) => typeof cell === "number" || typeof cell === "bigint";

function aligned(rows: Row[], columns: string[]): string[] {
  const texts = rows.map((row) => columns.map((name) => pretty(row[name] ?? null)));
  const widths = columns.map((name, at) =>
    texts.reduce((most, row) => Math.max(most, widthOf(row[at] as string)), name.length),
  );
  const right = columns.map((name) => rows.some((row) => isNumeric(row[name] ?? null)));
  const line = (cells: string[]) =>
    cells
      .map((text, at) => (right[at] ? padStart : padEnd)(text, widths[at] as number))
      .join("  ")
      .trimEnd();
  return [line(columns), ...texts.map(line)];
}

function markdown(rows: Row[], columns: string[]): string[] {
  const row = (cells: string[]) =>
    `| ${cells.map((text) => text.replace(/\|/g, "\\|")).join(" | ")} |`;
  const right = (name: string) => rows.some((each) => isNumeric(each[name] ?? null));
  return [
    row(columns),
    row(columns.map((name) => (right(name) ? "--:" : "---"))),
    ...rows.map((each) => row(columns.map((name) => pretty(each[name] ?? null)))),
  ];
}

/** One row of a form that needs no other rows. */
export const listingRow = (row: Row, columns: string[], form: "plain" | "jsonl"): string =>
  form === "jsonl" ? jsonText(row) : columns.map((name) => exact(row[name] ?? null)).join("\t");

/** The lines of a listing. Every row has all `columns`. */
export function* listing(rows: Iterable<Row>, columns: string[], form: Form): Generator<string> {
  switch (form) {
    case "jsonl":
      for (const row of rows) yield listingRow(row, columns, form);
      return;
    case "json":
      yield jsonText([...rows], 2);
      return;
    case "plain":
      yield columns.join("\t");
      for (const row of rows) yield listingRow(row, columns, form);
      return;
    case "markdown":
      yield* markdown([...rows], columns);
      return;
    default:
      yield* aligned([...rows], columns);
  }
}
