/** Anything that was thrown, as the three lines of the banner: what happened, where, what to do. Pure. */

import type { T7ErrorInfo } from "../../../wasm/js/base/api.js";
import { elideMiddle, formatCount } from "../words/format.js";
import type { Picked } from "./picked.js";

export interface Problem {
  what: string;
  where: string;
  todo: string;
  /** For the fold: everything that is known. */
  details: Array<[name: string, value: string]>;
  /** The user wanted it: nothing is wrong. */
  isCancel: boolean;
  /** The file that can be read again with a schema, where it may have been written by hand … */
  canRetryWithSchema: Picked | null;
  /** … and whether it probably was. */
  likelyByHand: boolean;
}

/** Codes of files that a schema may explain, and of those that it most likely does. */
const maybeByHand = ["bad_type_code", "bad_boolean", "bad_number", "bad_index", "not_t7"];
const probablyByHand = ["raw_values", "bad_schema"];

/** `file` is the one that could not be read, or at least its name. */
export function problemOf(error: unknown, file: Picked | string): Problem {
  const info = infoOf(error);
  const [name, picked] = typeof file === "string" ? [file, null] : [file.name, file];
  // A kind of file that was recognised is not one written by hand.
  const named = info.expected === "a Torch7 .t7 file" && !info.found?.startsWith("a text file");
  const likelyByHand =
    probablyByHand.includes(info.code) || (picked !== null && picked.schema !== "");
  const canRetry = likelyByHand || (maybeByHand.includes(info.code) && !named);
  return {
    // The name stands in the second line.
    what: whatHappened({ ...info, message: info.message.replace(`${name} is not`, "this is not") }),
    where: whereText(info, name),
    todo: info.hint === null ? "" : sentence(info.hint),
    details: detailsOf(info),
    isCancel: info.code === "aborted",
    canRetryWithSchema: canRetry ? picked : null,
    likelyByHand,
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
    code: typeof given.code === "string" ? given.code : "internal",
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
  // The first byte is no place: the whole file is something else.
  const isWhole = info.offset === 0 && info.path === null;
  if (info.offset !== null && !isWhole) parts.push(`byte ${formatCount(info.offset)}`);
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
