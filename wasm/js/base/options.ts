/** What callers pass, checked in one place, with one way of saying what to pass instead. */

import { T7Error } from "./errors.js";

/** What an option may be, in words and as a test. */
export interface Rule {
  expected: string;
  accepts: (value: unknown) => boolean;
}

export type Rules = Record<string, Rule>;

export const oneOf = (...allowed: Array<string | number>): Rule => ({
  expected: allowed.map((value) => JSON.stringify(value)).join(" or "),
  accepts: (value) => allowed.includes(value as string),
});

export const wholeNumber = (least: number, most: number): Rule => ({
  expected: `a whole number from ${least} to ${most}`,
  accepts: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
});

export const aBoolean: Rule = {
  expected: "true or false",
  accepts: (value) => typeof value === "boolean",
};

export const aFunction: Rule = {
  expected: "a function",
  accepts: (value) => typeof value === "function",
};

export const aString: Rule = {
  expected: "a string",
  accepts: (value) => typeof value === "string",
};

/** Not `instanceof`: signals of frames and of test runners have another class. */
export const aSignal: Rule = {
  expected: "an AbortSignal",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value,
};

/** What every call on an open file takes. */
export const jobRules: Rules = { signal: aSignal, onProgress: aFunction };

/** What `open` takes, and with more `load`. */
export const openRules: Rules = {
  schema: aString,
  encoding: oneOf("binary", "ascii"),
  byteOrder: oneOf("little", "big"),
  longSize: oneOf(4, 8),
  maxUnpacked: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  onProgress: aFunction,
  onWarning: aFunction,
  signal: aSignal,
  keepPartial: aBoolean,
};

/** How values are given. */
export const valueRules: Rules = { tables: oneOf("map"), strings: oneOf("latin1", "bytes") };

/** Functions by the name of a class. */
export const classReaders: Rule = {
  expected: "an object of functions by class name",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    !(value instanceof Map) &&
    !Array.isArray(value) &&
    Object.values(value).every((reader) => typeof reader === "function"),
};

const shownCharacters = 60;

/** A value in a few words, whatever it is: nothing of it is called. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "Object" ? `a ${cut(name)}` : "an object";
}

function cut(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}

/** The error of an option or argument that has no meaning. */
export function badOption(name: string, value: unknown, expected: string): T7Error {
  const found = valueText(value);
  return new T7Error("bad_option", `${name} is ${found}; expected ${expected}`, {
    found,
    expected,
    hint: `Pass ${expected}, or leave it out.`,
  });
}

/** Throws `bad_option` unless `options` is an object whose entries follow the rules, and has no others. */
export function checkOptions(options: unknown, rules: Rules, call: string): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw badOption(`the options of ${call}`, options, "an object");
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      throw badOption(`an option of ${call}`, name, Object.keys(rules).join(", "));
    }
    if (!rule.accepts(value)) throw badOption(name, value, rule.expected);
  }
}

const summariesRules: Rules = { ...jobRules, onEach: aFunction };
const nodesRule: Rule = {
  expected: '"all", or an array of nodes',
  accepts: (value) => value === "all" || Array.isArray(value),
};

/** Throws `bad_option` unless `summaries` takes these. */
export function checkSummaries(nodes: unknown, options: { onEach: unknown }): void {
  checkOptions(options, summariesRules, "summaries");
  if (typeof options.onEach !== "function")
    throw badOption("onEach", options.onEach, aFunction.expected);
  if (!nodesRule.accepts(nodes)) throw badOption("nodes", nodes, nodesRule.expected);
}
