/**
 * Paths say where a value is in the file, in Lua's keys, counted from 1:
 * `root.modules[4].weight`, `root["odd key"]`, `root[true]`, `root[#12]`, `root.f.upvalues["n"]`.
 */

import type { PathStep } from "./api.js";
import { T7Error } from "./errors.js";
import { badOption, valueText } from "./options.js";

/** Which top-level value, counted from 1, and the keys from there. */
export interface Path {
  root: number;
  steps: PathStep[];
  /** The steps begin at the object of this number instead: `#12.weight`. */
  object?: number;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** True for names that can stand after a dot. */
export function isIdentifier(name: string): boolean {
  return identifier.test(name);
}

/** The text of bytes that are valid UTF-8, else the bytes. */
function decode(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

const namedEscapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeBytes(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => `\\${String(byte).padStart(3, "0")}`).join("");
}

/**
 * A Lua string literal in double quotes. Letters of every language stand as they are; control
 * characters, those that change the direction of text, and bytes that are not UTF-8 become `\ddd`.
 */
export function quoteLua(value: string | Uint8Array): string {
  const text = typeof value === "string" ? value : decode(value);
  if (typeof text !== "string") {
    const parts = Array.from(text, (byte) =>
      byte >= 0x20 && byte < 0x7f ? quoteInner(String.fromCharCode(byte)) : escapeBytes([byte]),
    );
    return `"${parts.join("")}"`;
  }
  return `"${quoteInner(text)}"`;
}

function quoteInner(text: string): string {
  return text
    .replace(/["\\]/g, "\\$&")
    .replace(
      /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu,
      (character) => namedEscapes[character] ?? escapeBytes(encoder.encode(character)),
    );
}

/** A number so that reading it gives the same double: `3`, `-0`, `0.1`, `1e+300`, `inf`. */
export function printNumber(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return String(value).replace("Infinity", "inf").replace("NaN", "nan");
}

function printStep(step: PathStep): string {
  if (typeof step === "string") {
    // `.upvalues` is kept for what a function captured.
    return isIdentifier(step) && step !== "upvalues" ? `.${step}` : `[${quoteLua(step)}]`;
  }
  if (typeof step === "number") return `[${printNumber(step)}]`;
  if (typeof step === "boolean") return `[${step}]`;
  if (step instanceof Uint8Array) return `[${quoteLua(step)}]`;
  if ("index" in step) return `[#${step.index}]`;
  const { upvalue } = step;
  return `.upvalues[${typeof upvalue === "string" ? quoteLua(upvalue) : printNumber(upvalue)}]`;
}

/** A path as text; `root` counts top-level values from 1. `parsePath` gives the same steps back. */
export function printPath(steps: readonly PathStep[], root = 1): string {
  return (root === 1 ? "root" : `roots[${root}]`) + steps.map(printStep).join("");
}

const numberPattern = /[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf|nan)/y;
const namePattern = /[A-Za-z_][A-Za-z0-9_]*/y;
const rootsPattern = /roots\s*\[\s*(\d+)\s*\]/y;
const escapes: Record<string, number> = {
  ...{ a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 },
  ...{ "\\": 92, '"': 34, "'": 39, "\n": 10 },
};

/** Reads a path from left to right; every method consumes what it names or throws. */
class PathScanner {
  position = 0;
  constructor(readonly text: string) {}

  fail(expected: string): T7Error {
    const rest = this.text.slice(this.position, this.position + 12);
    const found = rest === "" ? "the end" : `"${rest}"`;
    const place = `character ${this.position + 1}`;
    return new T7Error("bad_path", `bad path: expected ${expected} at ${place}, found ${found}`, {
      path: this.text,
      found,
      expected,
      hint: 'Paths look like root.modules[4].weight or root["any key"]; lists count from 1.',
    });
  }

  space(): void {
    while (/\s/.test(this.text.charAt(this.position))) this.position++;
  }

  take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found !== null) this.position = pattern.lastIndex;
    return found;
  }

  number(): number | null {
    const found = this.match(numberPattern);
    if (found === null) return null;
    return Number(found[0].replace("inf", "Infinity").replace("nan", "NaN"));
  }

  /** A quoted string, the position being after its quote. */
  string(quote: string): string | Uint8Array {
    const bytes: number[] = [];
    while (!this.take(quote)) {
      if (this.position >= this.text.length) throw this.fail(`a closing ${quote}`);
      if (this.take("\\")) bytes.push(this.escape());
      else {
        const character = String.fromCodePoint(this.text.codePointAt(this.position) as number);
        this.position += character.length;
        bytes.push(...encoder.encode(character));
      }
    }
    return decode(Uint8Array.from(bytes));
  }

  escape(): number {
    const hex = this.match(/x([0-9a-fA-F]{2})/y);
    if (hex !== null) return Number.parseInt(hex[1], 16);
    const start = this.position;
    const decimal = this.match(/\d{1,3}/y);
    if (decimal !== null && Number(decimal[0]) < 256) return Number(decimal[0]);
    this.position = start;
    const byte = escapes[this.text.charAt(start)];
    if (byte === undefined) throw this.fail("an escape such as \\n or \\065");
    this.position++;
    return byte;
  }

  /** What stands between brackets, the position being after the first. */
  key(): PathStep {
    this.space();
    const quote = this.text.charAt(this.position);
    let key: PathStep | null;
    if (quote === '"' || quote === "'") {
      this.position++;
      key = this.string(quote);
    } else if (this.take("#")) {
      const digits = this.match(/\d+/y);
      if (digits === null) throw this.fail("the number of an object");
      key = { index: Number(digits[0]) };
    } else if (this.take("true")) key = true;
    else if (this.take("false")) key = false;
    else key = this.number();
    if (key === null) throw this.fail('a number, a "string", true, false or #12');
    this.space();
    if (!this.take("]")) throw this.fail("]");
    return key;
  }

  /** `.name` or `.upvalues[…]`, the position being after the dot. */
  name(): PathStep {
    const found = this.match(namePattern);
    if (found === null) throw this.fail("a name");
    if (found[0] !== "upvalues" || !this.take("[")) return found[0];
    const start = this.position;
    const upvalue = this.key();
    if (typeof upvalue === "string" || typeof upvalue === "number") return { upvalue };
    this.position = start;
    throw this.fail("the name or number of an upvalue");
  }

  steps(): PathStep[] {
    const steps: PathStep[] = [];
    this.space();
    while (this.position < this.text.length) {
      if (this.take(".")) steps.push(this.name());
      else if (this.take("[")) steps.push(this.key());
      else throw this.fail(". or [");
      this.space();
    }
    return steps;
  }

  path(): Path {
    this.space();
    if (this.take("#")) {
      const digits = this.match(/\d+/y);
      if (digits === null) throw this.fail("the number of an object");
      return { root: 1, object: Number(digits[0]), steps: this.steps() };
    }
    const roots = this.match(rootsPattern);
    if (roots !== null) {
      if (Number(roots[1]) >= 1) return { root: Number(roots[1]), steps: this.steps() };
      this.position = 0;
      throw this.fail("roots counted from 1");
    }
    const start = this.position;
    const first = this.match(namePattern);
    if (first === null || first[0] === "root") return { root: 1, steps: this.steps() };
    this.position = start;
    const step = this.name();
    return { root: 1, steps: [step, ...this.steps()] };
  }
}

function isStep(step: unknown): boolean {
  if (step instanceof Uint8Array) return true;
  if (typeof step === "object" && step !== null) {
    if ("index" in step) return Number.isInteger(step.index);
    return "upvalue" in step && ["string", "number"].includes(typeof step.upvalue);
  }
  return ["string", "number", "boolean"].includes(typeof step);
}

/**
 * A path from text, or from an array of keys (below the first top-level value). The leading `root`
 * may be left out: `modules[4]`. `#12.weight` begins at object 12. Throws `bad_path`, saying at which character.
 */
export function parsePath(path: string | readonly PathStep[]): Path {
  if (typeof path === "string") return new PathScanner(path).path();
  if (!Array.isArray(path)) {
    throw badOption("path", path, 'text such as "root.modules[4]", or an array of keys');
  }
  const bad = path.findIndex((step) => !isStep(step));
  if (bad < 0) return { root: 1, steps: [...path] };
  throw new T7Error("bad_path", `bad path: step ${bad + 1} is not a key`, {
    found: valueText(path[bad]),
    expected: "a string, number, boolean, bytes, { index } or { upvalue }",
  });
}
