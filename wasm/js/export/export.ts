/** `exportTo`: a value of an open file in another format. */

import type { NodeRef, T7FileApi, T7Node } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import {
  aBoolean,
  checkOptions,
  jobRules,
  oneOf,
  type Rules,
  valueText,
  wholeNumber,
} from "../base/options.js";
import { text } from "./bytes.js";
import { csv } from "./csv.js";
import type { Export, ExportOptions, Subject } from "./export-types.js";
import { json } from "./json.js";
import { npy } from "./npy.js";
import { npz } from "./npz.js";
import { picture } from "./picture.js";
import { png } from "./png.js";
import { safetensors } from "./safetensors.js";
import { jsonl, simpleJson } from "./simple-json.js";

/** What a value can be written as. */
export type ExportFormat =
  | "npy"
  | "npz"
  | "safetensors"
  | "json"
  | "jsonl"
  | "csv"
  | "tsv"
  | "png"
  | "picture"
  | "txt";

const jsonOf = (subjects: Subject[], options: ExportOptions) =>
  options.simple ? simpleJson(subjects, options) : json(subjects, options);

const writers = {
  npy,
  npz,
  safetensors,
  json: (subject: Subject, options: ExportOptions) => jsonOf([subject], options),
  jsonl,
  csv: (subject: Subject, options: ExportOptions) => csv(subject, options, "csv"),
  tsv: (subject: Subject, options: ExportOptions) => csv(subject, options, "tsv"),
  png,
  picture,
  txt: text,
} satisfies Record<
  ExportFormat,
  (subject: Subject, options: ExportOptions) => Export | Promise<Export>
>;

/** All of them, in the order in which they are offered. */
export const exportFormats = Object.keys(writers) as ExportFormat[];

const rules: Rules = {
  ...jobRules,
  copies: aBoolean,
  simple: aBoolean,
  image: wholeNumber(0, Number.MAX_SAFE_INTEGER),
};

/** Counts what passes, and stops where a signal says so. */
async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  total: number | null,
  { signal, onProgress }: ExportOptions,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of chunks) {
    if (signal?.aborted) throw new T7Error("aborted", "cancelled", { cause: signal.reason });
    yield chunk;
    done += chunk.length;
    onProgress?.({ done, total });
  }
}

async function subjectOf(file: T7FileApi, ref: NodeRef | string): Promise<Subject> {
  const path = typeof ref === "string" ? ref : await file.path(ref);
  const node = typeof ref === "object" ? ref : await file.node(path);
  if (node !== null) return { file, node: node as T7Node, path };
  throw new T7Error("no_node", `there is nothing at ${path}`, {
    path,
    found: "nothing",
    expected: "a value",
  });
}

/**
 * Writes a value of an open file (a node, its id or its path) in another format; unless told the first
 * top-level value, and as JSON all of them.
 * Little is read before the chunks are asked for, and memory stays within some megabytes whatever the
 * size. Rejects with `not_exportable` where the value has no form in that format.
 */
export async function exportTo(
  file: T7FileApi,
  format: ExportFormat,
  value?: NodeRef | string,
  options: ExportOptions = {},
): Promise<Export> {
  checkOptions(options, rules, "exportTo");
  const writer = writers[format];
  if (!Object.hasOwn(writers, format)) {
    const rule = oneOf(...exportFormats);
    throw new T7Error("bad_option", `there is no format ${valueText(format)}`, {
      found: valueText(format),
      expected: rule.expected,
    });
  }
  const all = value === undefined && format === "json";
  const result = all
    ? jsonOf(await Promise.all(file.roots.map((root) => subjectOf(file, root))), options)
    : await writer(await subjectOf(file, value ?? "root"), options);
  return { ...result, chunks: watched(result.chunks, result.byteLength, options) };
}
