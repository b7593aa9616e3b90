/**
 * What is searched for: terms with spaces between them, all of which must hold.
 *
 * - `weight`: a key, a class or a short string has this in it; case does not count.
 * - `key: class: value: path:` the same of one of them; `kind: dtype: shape:` the whole must be equal.
 * - `*` stands for anything and makes any pattern one for the whole: `shape:64x3x*`, `path:root.modules[*].weight`.
 * - `size>1M`, `size<=100`: bytes of a tensor, a storage or a string.
 * - `"two words"`, `class:"a b"`: quotes keep spaces; `-term`: must not hold.
 */

import { T7Error } from "../base/errors.js";

export const fields = ["key", "class", "value", "path", "kind", "dtype", "shape"] as const;

export type Field = (typeof fields)[number];

/** A pattern: whole or part, in lower case. Testing takes linear time. */
export interface Pattern {
  test(text: string): boolean;
  /** Whether bytes of UTF-8 may fit, told without decoding them. */
  mayFit(bytes: Uint8Array): boolean;
}

export type Term =
  | { not: boolean; field: Field | "any"; pattern: Pattern }
  | { not: boolean; field: "size"; test: (bytes: number) => boolean };

const longest = 4096;
const mostTerms = 64;

/** Fields that are compared as a whole also without a star. */
const whole: ReadonlySet<string> = new Set(["kind", "dtype", "shape"]);

function bad(found: string, expected: string): T7Error {
  return new T7Error("bad_query", `the query has ${found}; expected ${expected}`, {
    found,
    expected,
    hint: "Words, or field:pattern with a field of key class value path kind dtype shape, or size>1M.",
  });
}

/** Whether ASCII has `needle` (in lower case) in it; true for all that is not ASCII. */
function mayContain(bytes: Uint8Array, needle: Uint8Array): boolean {
  const first = needle[0];
  const last = bytes.length - needle.length;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return true;
    if (at > last || first === undefined || lower(byte) !== first) continue;
    let same = 1;
    while (same < needle.length && lower(bytes[at + same] as number) === needle[same]) same++;
    if (same === needle.length) return true;
  }
  return needle.length === 0;
}

const lower = (byte: number) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

const encoder = new TextEncoder();

/** By the longest of some parts, all of which a text must have; they are in lower case. */
function prefilter(parts: readonly string[]): Pattern["mayFit"] {
  const needles = parts.map((part) => encoder.encode(part));
  const longestPart = needles.reduce((a, b) => (b.length > a.length ? b : a), new Uint8Array());
  if (longestPart.length === 0 || longestPart.some((byte) => byte >= 0x80)) return () => true;
  return (bytes) => mayContain(bytes, longestPart);
}

/** `*` stands for any text. The parts between stars are looked for one behind the other. */
export function globOf(glob: string): Pattern {
  const parts = glob.toLowerCase().split(/\*+/);
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  return {
    mayFit: prefilter(parts),
    test(given) {
      const text = given.toLowerCase();
      if (last === undefined) return text === first;
      if (!text.startsWith(first)) return false;
      let at = first.length;
      for (const part of rest) {
        at = text.indexOf(part, at);
        if (at < 0) return false;
        at += part.length;
      }
      return text.length - last.length >= at && text.endsWith(last);
    },
  };
}

function patternOf(text: string, isWhole: boolean): Pattern {
  if (isWhole || text.includes("*")) return globOf(text);
  const wanted = text.toLowerCase();
  return {
    mayFit: prefilter([wanted]),
    test: (given) => given.toLowerCase().includes(wanted),
  };
}

const factors: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

function sizeTerm(not: boolean, text: string): Term {
  const match = /^size(>=|<=|>|<|=)(\d+(?:\.\d+)?)([kmgt]?)b?$/i.exec(text);
  if (match === null) throw bad(text, "size>1M or the like");
  const [, sign, digits, unit = ""] = match;
  const limit = Number(digits) * (factors[unit.toLowerCase()] as number);
  const tests: Record<string, (bytes: number) => boolean> = {
    ">": (bytes) => bytes > limit,
    "<": (bytes) => bytes < limit,
    ">=": (bytes) => bytes >= limit,
    "<=": (bytes) => bytes <= limit,
    "=": (bytes) => bytes === limit,
  };
  return { not, field: "size", test: tests[sign as string] as (bytes: number) => boolean };
}

/** A term as typed: its field, if it has one, and its text without quotes. */
const termPattern = /(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/gy;

function termOf([, minus, field, quoted, word = ""]: RegExpExecArray): Term {
  const not = minus === "-";
  if (field === undefined && quoted === undefined && /^size[<>=]/i.test(word)) {
    return sizeTerm(not, word);
  }
  if (field !== undefined && !fields.includes(field as Field)) {
    throw bad(`the field ${field}`, fields.join(", "));
  }
  const text = quoted ?? word;
  const name = (field as Field | undefined) ?? "any";
  const normal = name === "shape" ? text.replace(/[×,]/g, "x") : text;
  return { not, field: name, pattern: patternOf(normal, whole.has(name)) };
}

/** Throws `bad_query`. */
export function parseQuery(query: string): Term[] {
  if (typeof query !== "string") throw bad(typeof query, "a string");
  if (query.length > longest) throw bad(`${query.length} characters`, `at most ${longest}`);
  const terms: Term[] = [];
  termPattern.lastIndex = 0;
  for (let at = 0; at < query.length; at = termPattern.lastIndex) {
    const space = /\s*/y;
    space.lastIndex = at;
    space.exec(query);
    termPattern.lastIndex = space.lastIndex;
    if (space.lastIndex >= query.length) break;
    const match = termPattern.exec(query);
    if (match === null) throw bad(query.slice(space.lastIndex, space.lastIndex + 20), "a term");
    terms.push(termOf(match));
    if (terms.length > mostTerms) throw bad(`more than ${mostTerms} terms`, `at most ${mostTerms}`);
  }
  if (terms.length === 0) throw bad("no term", "a word or more");
  return terms;
}
