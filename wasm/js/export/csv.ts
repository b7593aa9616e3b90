/** A table of rows: a tensor of one or two dimensions, a list of records, columns of one length. */

import type { T7Node } from "../base/api.js";
import { childrenOf } from "../open/walk.js";
import { blocksOf, shapeOf, sizeOf } from "./blocks.js";
import { type Export, type ExportOptions, notExportable, type Subject } from "./export-types.js";
import { isArray } from "./npy.js";
import { encoded } from "./text-stream.js";

/** Elements that are read at once. */
const PART = 1 << 16;

const expected = "a tensor of one or two dimensions, a list of records, or columns of one length";

type Field = string | number | bigint | boolean | null;

/** How a field is written: with quotes where it has a separator, a quote or a line end in it. */
type Quote = (field: Field) => string;

const quoting =
  (separator: string): Quote =>
  (field) => {
    const text = field === null ? "" : String(field);
    const isPlain = !text.includes(separator) && !/["\r\n]/.test(text);
    return isPlain ? text : `"${text.replace(/"/g, '""')}"`;
  };

async function* tensorRows(
  { file, node }: Subject,
  { signal }: ExportOptions,
): AsyncGenerator<Field[]> {
  const shape = shapeOf(node);
  const width = shape[1] ?? 1;
  let row: Field[] = [];
  for (const slice of blocksOf(shape, PART)) {
    const elements = await file.read(node, slice, { signal });
    for (const element of elements as Iterable<number | bigint>) {
      row.push(element);
      if (row.length < width) continue;
      yield row;
      row = [];
    }
  }
}

const isScalar = ({ kind }: T7Node) =>
  ["nil", "boolean", "number", "integer", "string"].includes(kind);

async function fieldOf(subject: Subject, node: T7Node, { signal }: ExportOptions): Promise<Field> {
  if (!isScalar(node)) return node.preview;
  const value = node.value !== undefined ? node.value : await subject.file.value(node, { signal });
  return value instanceof Uint8Array ? node.preview : (value as Field);
}

/** The records' keys in the order in which they come first; then a row a record. */
async function* recordRows(subject: Subject, options: ExportOptions): AsyncGenerator<Field[]> {
  const { file, node, path } = subject;
  const names = new Map<string, number>();
  const start = { node, path, depth: 0 };
  let isScalars = true;
  for await (const record of childrenOf(file, start, options.signal)) {
    if (isScalar(record.node)) continue;
    isScalars = false;
    for (const { key } of await file.children(record.node, 0, undefined, options)) {
      if (key !== undefined && !names.has(key)) names.set(key, names.size);
    }
  }
  if (isScalars) names.set("value", 0);
  yield [...names.keys()];
  for await (const record of childrenOf(file, start, options.signal)) {
    const row: Field[] = Array.from({ length: names.size }, () => null);
    if (isScalar(record.node)) {
      if (isScalars) row[0] = await fieldOf(subject, record.node, options);
    } else {
      for (const field of await file.children(record.node, 0, undefined, options)) {
        row[names.get(field.key ?? "") as number] = await fieldOf(subject, field, options);
      }
    }
    yield row;
  }
}

/** The tensors of a table, one beside the other. */
async function* columnRows(
  { file }: Subject,
  columns: T7Node[],
  options: ExportOptions,
): AsyncGenerator<Field[]> {
  yield columns.map(({ key }) => key ?? "");
  const length = sizeOf(columns[0] as T7Node);
  const step = Math.max(1, Math.floor(PART / columns.length));
  for (let from = 0; from < length; from += step) {
    const to = Math.min(length, from + step);
    const parts = await Promise.all(
      columns.map((column) => file.read(column, [[from, to]], { signal: options.signal })),
    );
    for (let at = 0; at < to - from; at++) yield parts.map((part) => part[at] as Field);
  }
}

async function columnsOf({ file, node }: Subject): Promise<T7Node[] | null> {
  if (node.kind !== "table" || node.list || !node.count || node.count > 1000) return null;
  const columns = await file.children(node);
  const length = sizeOf(columns[0] as T7Node);
  const fits = (each: T7Node) =>
    isArray(each) && shapeOf(each).length === 1 && sizeOf(each) === length;
  return columns.every(fits) ? columns : null;
}

async function rowsOf(subject: Subject, options: ExportOptions, format: string) {
  const { node } = subject;
  if (isArray(node)) {
    if (shapeOf(node).length > 2) throw notExportable(subject, format, expected);
    return tensorRows(subject, options);
  }
  const columns = await columnsOf(subject);
  if (columns !== null) return columnRows(subject, columns, options);
  if (node.list || node.kind === "vec") return recordRows(subject, options);
  throw notExportable(subject, format, expected);
}

async function* linesOf(rows: AsyncIterable<Field[]>, separator: string) {
  const quote = quoting(separator);
  for await (const row of rows) yield `${row.map(quote).join(separator)}\n`;
}

/** `format` is `csv` or `tsv`. */
export async function csv(
  subject: Subject,
  options: ExportOptions,
  format: "csv" | "tsv",
): Promise<Export> {
  const rows = await rowsOf(subject, options, format);
  return {
    extension: format,
    mime: format === "csv" ? "text/csv" : "text/tab-separated-values",
    byteLength: null,
    chunks: encoded(linesOf(rows, format === "csv" ? "," : "\t")),
  };
}
