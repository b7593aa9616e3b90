/** A path as code: how to reach the value in JavaScript, Lua and Python after loading the file. */

import type { PathStep } from "./api.js";
import { isIdentifier, type Path, printNumber, quoteLua } from "./path.js";

/**
 * What a step is taken from: a list (keys 1…n), a table of names, a table of any other keys, a
 * Torch object, or a function.
 */
export type ParentForm = "list" | "object" | "map" | "torch" | "function";

const luaKeywords = new Set(
  (
    "and break do else elseif end false for function goto if in local nil not or repeat return " +
    "then true until while"
  ).split(" "),
);
const pythonKeywords = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except " +
    "finally for from global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** The root, then each step written by `write`; `null` as soon as one cannot be written. */
function join(
  root: string,
  path: Path,
  parents: readonly ParentForm[],
  write: (before: string, step: PathStep, parent: ParentForm) => string | null,
): string | null {
  let code: string | null = root;
  for (let i = 0; i < path.steps.length && code !== null; i++) {
    code = write(code, path.steps[i], parents[i]);
  }
  return code;
}

function jsNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function jsKey(key: PathStep): string | null {
  if (typeof key === "string") return JSON.stringify(key);
  if (typeof key === "number") return jsNumber(key);
  return typeof key === "boolean" ? String(key) : null;
}

function jsStep(before: string, step: PathStep, parent: ParentForm): string | null {
  if (typeof step === "object" && "upvalue" in step) {
    const { upvalue } = step;
    if (typeof upvalue === "number") return `${before}.upvalues[${upvalue - 1}].value`;
    return `${before}.upvalues.find((u) => u.name === ${JSON.stringify(upvalue)}).value`;
  }
  const key = jsKey(step);
  if (key === null) return null;
  if (parent === "list" && typeof step === "number") return `${before}[${step - 1}]`;
  if (parent === "map") return `${before}.get(${key})`;
  if (typeof step === "boolean") return `fields(${before}).get(${key})`;
  return typeof step === "string" && isIdentifier(step) ? `${before}.${step}` : `${before}[${key}]`;
}

/**
 * JavaScript for a value after `const root = await load(…)`; further top-level values are
 * `roots[1]` … as `load` gives them with `all`. `parents` has the form of what each step is taken
 * from. `null` where no code can say it: keys that are objects or bytes are compared by identity.
 */
export function toJavaScript(path: Path, parents: readonly ParentForm[]): string | null {
  return join(path.root === 1 ? "root" : `roots[${path.root - 1}]`, path, parents, jsStep);
}

function luaNumber(value: number): string {
  if (value === Infinity) return "math.huge";
  return value === -Infinity ? "-math.huge" : printNumber(value);
}

function luaStep(before: string, step: PathStep): string | null {
  if (typeof step === "string" && isIdentifier(step) && !luaKeywords.has(step)) {
    return `${before}.${step}`;
  }
  if (typeof step === "string" || step instanceof Uint8Array) return `${before}[${quoteLua(step)}]`;
  if (typeof step === "number") return `${before}[${luaNumber(step)}]`;
  if (typeof step === "boolean") return `${before}[${step}]`;
  if ("index" in step || typeof step.upvalue === "string") return null;
  return `select(2, debug.getupvalue(${before}, ${step.upvalue}))`;
}

/** Lua for a value after `root = torch.load(…)`; `null` for keys that are objects and named upvalues. */
export function toLua(path: Path): string | null {
  return join(path.root === 1 ? "root" : `roots[${path.root}]`, path, [], luaStep);
}

function pythonBytes(value: string | Uint8Array): string {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const parts = Array.from(bytes, (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `b"${parts.join("")}"`;
}

function pythonNumber(value: number): string {
  return Number.isFinite(value) ? jsNumber(value) : `float("${printNumber(value)}")`;
}

function pythonStep(before: string, step: PathStep, parent: ParentForm): string | null {
  if (typeof step === "string" && isIdentifier(step) && !pythonKeywords.has(step)) {
    return `${before}.${step}`;
  }
  // Objects of python-torchfile take only names; their fields stand in a dictionary.
  const from = parent === "torch" ? `${before}._obj` : before;
  if (typeof step === "string" || step instanceof Uint8Array)
    return `${from}[${pythonBytes(step)}]`;
  if (typeof step === "number") {
    return parent === "list" ? `${from}[${step - 1}]` : `${from}[${pythonNumber(step)}]`;
  }
  if (typeof step === "boolean") return `${from}[${step ? "True" : "False"}]`;
  return null;
}

/** Python for a value after `root = torchfile.load(…)` (python-torchfile); `null` where it has no way. */
export function toPython(path: Path, parents: readonly ParentForm[]): string | null {
  // It reads the first top-level value only.
  return path.root === 1 ? join("root", path, parents, pythonStep) : null;
}
