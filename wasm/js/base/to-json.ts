/**
 * Values as what `JSON.stringify` writes: tensors as nested arrays, classes by name, and what JSON
 * has no number for (NaN, the infinities, int64) as strings. Built at once and without recursion:
 * a value that contains itself is an error here, where `JSON.stringify` would not end.
 */

import type { PathStep } from "./api.js";
import { T7Error } from "./errors.js";
import { printPath } from "./path.js";

/** A part of a value, and where it goes. */
export interface JsonPart {
  value: unknown;
  into: unknown[] | Record<string, unknown>;
  key: string | number;
  /** How a path says it; `null` for what has no step of its own. */
  step: PathStep | null;
}

/** A value's own form, and the parts that are to be put into it; `null` for none. */
export interface JsonForm {
  made: unknown;
  parts: JsonPart[] | null;
}

/**
 * How a class of the package says its form: a method of this name. `take` is told beforehand how many
 * elements there will be, and throws where they are too many.
 */
export const jsonForm = Symbol("jsonForm");

interface HasJsonForm {
  [jsonForm](take: (elements: number) => void): JsonForm;
}

/** Values and elements that one call writes at most: shared parts are written each time they occur. */
export const maxJsonValues = 2 ** 23;
/** Levels of nesting; `JSON.stringify` itself ends not far above. */
const maxDepth = 1000;

interface Task extends JsonPart {
  depth: number;
}

/** What JSON writes of a value. Throws `not_json` for one that contains itself, `too_large`, `too_deep`. */
export function toJson(value: unknown): unknown {
  const holder: unknown[] = [];
  const stack: Task[] = [{ value, into: holder, key: 0, step: null, depth: 0 }];
  /** Containers from the top down to the part at work, and the steps between them. */
  const open: object[] = [];
  const steps: Array<PathStep | null> = [];
  let written = 0;
  const place = () => printPath(steps.filter((step) => step !== null));
  const take = (values: number) => {
    written += values;
    if (written > maxJsonValues) throw tooLarge(place());
  };
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    open.length = task.depth;
    steps.length = task.depth;
    steps.push(task.step);
    take(1);
    const { made, parts } = formOf(task.value, take);
    setPlain(task.into, task.key, made);
    if (parts === null) continue;
    if (open.includes(task.value as object)) throw containsItself(place());
    if (task.depth >= maxDepth) throw tooDeep(place());
    open.push(task.value as object);
    for (const part of parts.reverse()) stack.push({ ...part, depth: task.depth + 1 });
  }
  return holder[0];
}

function formOf(value: unknown, take: (elements: number) => void): JsonForm {
  if (typeof value === "number" || typeof value === "bigint") {
    return { made: plainNumber(value), parts: null };
  }
  if (typeof value !== "object" || value === null) return { made: value ?? null, parts: null };
  if (jsonForm in value) return (value as HasJsonForm)[jsonForm](take);
  if (value instanceof Uint8Array) {
    take(value.length);
    return { made: Array.from(value), parts: null };
  }
  if (Array.isArray(value)) {
    const list = new Array<unknown>(value.length);
    const parts = value.map((part, i) => ({ value: part, into: list, key: i, step: i + 1 }));
    return { made: list, parts };
  }
  const made = {};
  const part = ([key, inside]: [string, unknown]) => ({
    value: inside,
    into: made,
    key,
    step: key,
  });
  return { made, parts: Object.entries(value).map(part) };
}

/** NaN and the infinities by name, int64 in digits. */
function plainNumber(value: number | bigint): number | string {
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return 0;
  return Number.isFinite(value) ? value : String(value);
}

/** Nested arrays of elements in row-major order, built from the innermost dimension outwards. */
export function plainRows(data: Iterable<number | bigint>, shape: readonly number[]): unknown[] {
  let rows: unknown[] = Array.from(data, plainNumber);
  if (rows.length === 0) return [];
  for (let d = shape.length - 1; d > 0; d--) {
    const outer: unknown[] = [];
    for (let i = 0; i < rows.length; i += shape[d]) outer.push(rows.slice(i, i + shape[d]));
    rows = outer;
  }
  return rows;
}

function setPlain(into: JsonPart["into"], key: string | number, value: unknown): void {
  // A field may be called `__proto__`.
  if (key === "__proto__") {
    const attributes = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(into, key, attributes);
  } else (into as Record<string | number, unknown>)[key] = value;
}

function containsItself(path: string): T7Error {
  return new T7Error("not_json", `${path} contains itself; JSON has no way to say that`, {
    path,
    found: "a value inside itself",
    expected: "a tree",
    hint: "Write a part of it, or export the file as JSON, which keeps references.",
  });
}

function tooLarge(path: string): T7Error {
  return new T7Error("too_large", `there is more than JSON should hold, at ${path}`, {
    path,
    found: `more than ${maxJsonValues} values and elements`,
    expected: `at most ${maxJsonValues}`,
    hint: "Write tensors in a format of their own, such as .npy, or only a part.",
  });
}

function tooDeep(path: string): T7Error {
  return new T7Error("too_deep", `values are nested more than ${maxDepth} deep`, {
    path,
    found: `more than ${maxDepth} levels`,
    expected: `at most ${maxDepth}`,
    hint: "Write a part of it.",
  });
}
