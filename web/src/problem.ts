/** Anything that was thrown, as the three lines of the banner: what happened, where, what to do. Pure. */

import type { T7ErrorInfo } from "../../wasm/js/api.js";
import { elideMiddle, formatCount } from "./format.js";

export interface Problem {
  what: string;
  where: string;
  todo: string;
  /** For the fold: everything that is known. */
  details: Array<[name: string, value: string]>;
}

export function problemOf(error: unknown, fileName: string): Problem {
  const info = infoOf(error);
  return {
    what: whatHappened(info),
    where: whereText(info, fileName),
    todo: info.hint === null ? "" : sentence(info.hint),
    details: detailsOf(info),
  };
}

/** The message without what the other lines say: the place, and what was expected. */
export function whatHappened(info: T7ErrorInfo): string {
  const { message, offset, path, expected } = info;
  let what = message;
  if (expected !== null) what = without(what, `, expected ${expected}`);
  if (offset !== null) {
    const byte = formatCount(offset);
    if (path !== null) what = without(what, ` at byte ${byte}, in ${path}`);
    what = without(without(what, ` at byte ${byte}`), ` (from byte ${byte})`);
  }
  return sentence(what);
}

function without(text: string, part: string): string {
  const at = text.indexOf(part);
  return at <= 0 ? text : text.slice(0, at) + text.slice(at + part.length);
}

/** What a `T7Error` has and other errors do not is `null`. */
export function infoOf(error: unknown): T7ErrorInfo {
  const given: Partial<T7ErrorInfo> = typeof error === "object" && error !== null ? error : {};
  return {
    code: typeof given.code === "string" ? given.code : "unexpected",
    message: typeof given.message === "string" ? given.message : String(error),
    offset: given.offset ?? null,
    path: given.path ?? null,
    found: given.found ?? null,
    expected: given.expected ?? null,
    hint: given.hint ?? null,
  };
}

export function whereText(info: T7ErrorInfo, fileName: string): string {
  const parts = fileName === "" ? [] : [fileName];
  if (info.offset !== null) parts.push(`byte ${formatCount(info.offset)}`);
  if (info.path !== null && info.path !== "") parts.push(elideMiddle(info.path, 200));
  return parts.join(" · ");
}

function detailsOf(info: T7ErrorInfo): Array<[string, string]> {
  const details: Array<[string, string | null]> = [
    ["code", info.code],
    ["found", info.found],
    ["expected", info.expected],
    ["byte", info.offset === null ? null : String(info.offset)],
    ["path", info.path === null ? null : elideMiddle(info.path, 2000)],
  ];
  return details.filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== "");
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
