/**
 * A value as JSON for people: lists, records, nested arrays of numbers. What occurs again is
 * `{ "$ref": path }`, NaN and infinities are null, an int64 beyond a double is a string of digits.
 */

import type { PathStep, T7FileApi, T7Node } from "../base/api.js";
import type { TypedArray } from "../base/dtype.js";
import { parsePath } from "../base/path.js";
import { checkWhole, childrenOf, type Visit } from "../open/walk.js";
import { blocksOf, shapeOf } from "./blocks.js";
import type { Export, ExportOptions, Subject } from "./export-types.js";
import { base64, integerText } from "./json-values.js";
import { encoded } from "./text-stream.js";

/** Elements that become text at once. */
const PART = 1 << 14;

const scalarText = (value: number | bigint) =>
  typeof value === "bigint" ? integerText(value) : Number.isFinite(value) ? String(value) : "null";

/** As a name: `1` for the number 1. */
function keyText(step: PathStep, node: T7Node): string {
  if (typeof step === "string") return step;
  if (typeof step === "object") {
    if (step instanceof Uint8Array) return base64(step);
    if ("upvalue" in step) return String(step.upvalue);
    return node.key ?? "";
  }
  return String(step);
}

type Task = string | Visit | Rest;

interface Rest {
  children: AsyncGenerator<Visit>;
  isList: boolean;
  first: boolean;
}

const isRest = (task: Visit | Rest): task is Rest => "children" in task;

/** Brackets that open before, or close behind, the element at a multiple of the inner sizes. */
function bracketsAt(at: number, inner: readonly number[]): number {
  let count = 0;
  for (const size of inner) if (at % size === 0) count++;
  return count;
}

/** Elements of a shape as nested arrays, whatever the number of dimensions. */
async function* nestedArrays(
  shape: readonly number[],
  blocks: AsyncIterable<TypedArray>,
): AsyncGenerator<string> {
  if (shape.includes(0)) {
    yield "[]";
    return;
  }
  // How many elements each dimension's arrays hold, the outermost first.
  const inner = shape.map((_, d) => shape.slice(d).reduce((a, b) => a * b, 1));
  let at = 0;
  for await (const elements of blocks) {
    let text = "";
    for (const element of elements as Iterable<number | bigint>) {
      if (at > 0) text += ",";
      text += "[".repeat(bracketsAt(at, inner)) + scalarText(element);
      text += "]".repeat(bracketsAt(++at, inner));
    }
    yield text;
  }
}

/** The blocks of a tensor, or of what is left of it where the first dimensions are given. */
async function* blocks({ file, node }: Subject, { signal }: ExportOptions, first: number[] = []) {
  for (const slice of blocksOf(shapeOf(node).slice(first.length), PART)) {
    yield await file.read(node, [...first, ...slice], { signal });
  }
}

/** One value. */
export async function* simpleText(
  file: T7FileApi,
  start: Visit,
  options: ExportOptions,
): AsyncGenerator<string> {
  const { signal } = options;
  /** First occurrences of what was begun: they may be outside of what is written. */
  const begun = new Set<number>();
  const tasks: Task[] = [start];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    if (typeof task === "string") {
      yield task;
      continue;
    }
    if (isRest(task)) {
      const next = await task.children.next();
      if (next.done) {
        yield task.isList ? "]" : "}";
        continue;
      }
      if (!task.first) yield ",";
      task.first = false;
      tasks.push(task, next.value);
      if (!task.isList) {
        const step = parsePath(next.value.path).steps.at(-1) as PathStep;
        yield `${JSON.stringify(keyText(step, next.value.node))}:`;
      }
      continue;
    }
    const { node, path } = task;
    const id = node.sameAs ?? node.id;
    checkWhole(file, task);
    if (node.kind === "tensor" || node.kind === "storage") {
      yield* nestedArrays(shapeOf(node), blocks({ file, node, path }, options));
    } else if (begun.has(id)) {
      yield `{"$ref":${JSON.stringify(await file.path(id))}}`;
    } else if (["table", "object", "hash", "vec"].includes(node.kind)) {
      begun.add(id);
      const isList = node.list === true || node.kind === "vec";
      const name = node.kind === "object" ? `"$class":${JSON.stringify(node.typename)}` : "";
      yield isList ? "[" : `{${name}`;
      const children = childrenOf(file, task, signal);
      tasks.push({ children, isList, first: name === "" });
    } else {
      yield await leafText(file, node, options);
    }
  }
}

async function leafText(file: T7FileApi, node: T7Node, { signal }: ExportOptions): Promise<string> {
  if (node.kind === "function") return JSON.stringify({ $function: node.preview });
  const value = await file.value(node, { signal });
  if (typeof value === "number" || typeof value === "bigint") return scalarText(value);
  if (value instanceof Uint8Array) return JSON.stringify({ $base64: base64(value) });
  return JSON.stringify(value);
}

async function* pieces(subjects: readonly Subject[], options: ExportOptions) {
  const isMany = subjects.length !== 1;
  yield isMany ? "[" : "";
  for (const [at, { file, node, path }] of subjects.entries()) {
    if (at > 0) yield ",";
    yield* simpleText(file, { node, path, depth: 0 }, options);
  }
  yield isMany ? "]\n" : "\n";
}

export function simpleJson(subjects: readonly Subject[], options: ExportOptions): Export {
  return {
    extension: "json",
    mime: "application/json",
    byteLength: null,
    chunks: encoded(pieces(subjects, options)),
  };
}

async function* lines(subject: Subject, options: ExportOptions): AsyncGenerator<string> {
  const { file, node, path } = subject;
  if (node.kind === "tensor" || node.kind === "storage") {
    const [count = 0, ...rest] = shapeOf(node);
    for (let row = 0; row < count; row++) {
      // A row of one dimension is a number.
      if (rest.length === 0) yield scalarText((await file.read(node, [row], options))[0]);
      else yield* nestedArrays(rest, blocks(subject, options, [row]));
      yield "\n";
    }
    return;
  }
  for await (const visit of childrenOf(file, { node, path, depth: 0 }, options.signal)) {
    yield* simpleText(file, visit, options);
    yield "\n";
  }
}

/** A list's values, or a tensor's first dimension, a line each. */
export function jsonl(subject: Subject, options: ExportOptions): Export {
  return {
    extension: "jsonl",
    mime: "application/jsonl",
    byteLength: null,
    chunks: encoded(lines(subject, options)),
  };
}
