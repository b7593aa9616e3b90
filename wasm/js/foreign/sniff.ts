/** What a file is that is not `.t7`, from its first bytes, in words that say what to do next. */

import { T7Error } from "../base/errors.js";
import {
  emptyHint,
  graphDef,
  onnx,
  signatures,
  textHint,
  textSignatures,
  zerosHint,
  zipHint,
  zipSignatures,
} from "./signatures.js";
import { findWrapping } from "./wrapped.js";

interface Finding {
  is: string;
  hint: string;
}

/** Fewer zero bytes than this can be a file that holds nil. */
const manyZeros = 64;
/** More says nothing new. */
const mostBytes = 4096;
const utf8 = new TextDecoder("utf-8", { fatal: true });

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** The family that the first bytes speak for, `null` if none: the test of the format's own rules. */
function t7Family(bytes: Uint8Array): "little" | "big" | "ascii" | null {
  if (bytes.length >= 4) {
    const [a, b, c, d] = bytes;
    if (b === 0 && c === 0 && d === 0 && a <= 8) return "little";
    if (a === 0 && b === 0 && c === 0 && d <= 8) return "big";
  }
  return /^\s*[0-8](\s|$)/.test(latin1(bytes.subarray(0, 64))) ? "ascii" : null;
}

/** Control characters other than white space and the escape of terminals are not in text. */
function isControl(byte: number): boolean {
  return byte === 127 || (byte < 32 && byte !== 27 && !(byte >= 9 && byte <= 13));
}

/** Decodes text that may be cut in the middle of a character; `null` if it is not text. */
function decodeText(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes.some(isControl)) return null;
  for (let cut = 0; cut < 4 && cut < bytes.length; cut++) {
    try {
      return utf8.decode(bytes.subarray(0, bytes.length - cut));
    } catch {
      // Not UTF-8 as far as this; perhaps only the last character is incomplete.
    }
  }
  return null;
}

function quoteStart(text: string): string {
  const start = text.trim().replace(/\s+/g, " ");
  return start.length > 24 ? `"${start.slice(0, 24)}…"` : `"${start}"`;
}

function sniffText(bytes: Uint8Array): Finding | null {
  const text = decodeText(bytes);
  if (text === null) return null;
  const start = text.replace(/^[\ufeff\s]+/, "");
  const known = textSignatures.find(({ pattern }) => pattern.test(start));
  if (known !== undefined) return known;
  return { is: `a text file that begins with ${quoteStart(text)}`, hint: textHint };
}

function sniffZip(bytes: Uint8Array): Finding {
  const length = bytes.length >= 30 ? bytes[26] + bytes[27] * 256 : 0;
  const name = latin1(bytes.subarray(30, 30 + length));
  const known = zipSignatures.find(({ pattern }) => pattern.test(name));
  return known ?? { is: "a zip archive", hint: zipHint };
}

/** A header's length in 8 bytes, then JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  return (
    bytes.length > 9 && bytes[6] === 0 && bytes[7] === 0 && latin1(bytes.subarray(8, 10)) === '{"'
  );
}

/** The size that a Git LFS pointer tells, so that the user knows what is missing. */
function describeLfs(finding: Finding, text: string): Finding {
  const size = /\nsize (\d{1,15})/.exec(text)?.[1];
  return size === undefined
    ? finding
    : {
        ...finding,
        is: `${finding.is} to a file of ${Number(size).toLocaleString("en-US")} bytes`,
      };
}

function findBinary(text: string): Finding | null {
  const startsWith = ({ magic, at = 0 }: { magic: string; at?: number }) =>
    text.startsWith(magic, at) && text.length >= at + magic.length;
  const found = signatures.find(startsWith);
  if (found === undefined) return null;
  return text.startsWith("version ") ? describeLfs(found, text) : found;
}

function identify(all: Uint8Array, byteLength: number): Finding | null {
  const bytes = all.subarray(0, mostBytes);
  if (bytes.length === 0) return { is: "an empty file (0 bytes)", hint: emptyHint };
  if (bytes.every((byte) => byte === 0)) {
    return bytes.length < manyZeros ? null : { is: "a file of zeros", hint: zerosHint };
  }
  if (t7Family(bytes) !== null) return null;
  const text = latin1(bytes);
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return sniffZip(bytes);
  if (isSafetensors(bytes)) {
    return {
      is: "a safetensors file",
      hint: "Open it in Python with safetensors.torch.load_file(path).",
    };
  }
  return findWrapping(text, byteLength) ?? findBinary(text) ?? findModel(bytes) ?? sniffText(bytes);
}

/** Protocol buffers begin with the key of field 1: a version, or a part with its length. */
function findModel([key, value, next, length, first]: Uint8Array): Finding | null {
  const isLetter = (byte: number) => byte >= 0x2f && byte < 0x7f;
  if (key === 8 && value >= 1 && value <= 12 && (next === 0x12 || next === 0x3a)) return onnx;
  if (key === 0x0a && next === 0x0a && length > 0 && isLetter(first)) return graphDef;
  return null;
}

/**
 * Names a file that is surely something else; `null` if it may be `.t7` or is unknown. `bytes` are
 * the first of the file: 512, or all if there are fewer. Files written by hand with raw text can
 * look like a text file, so a schema comes before this.
 */
export function sniff(bytes: Uint8Array, name?: string, byteLength = bytes.length): T7Error | null {
  const finding = identify(bytes, byteLength);
  if (finding === null) return null;
  return new T7Error("not_t7", `${name ?? "this"} is not a .t7 file: it is ${finding.is}`, {
    offset: 0,
    found: finding.is,
    expected: "a Torch7 .t7 file",
    hint: finding.hint,
  });
}

function littleEndian(code: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, code, true);
  return bytes;
}

/** What the four bytes are as a part of other data: half of a double, or a float. */
function explainNumber(code: number): string | null {
  const exponent = (code >>> 20) & 0x7ff;
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(4, code, true);
  if ((code & 0xffff) === 0 && exponent > 992 && exponent < 1054) {
    return `are the second half of the number ${view.getFloat64(0, true)}: the reader is 4 bytes out of step`;
  }
  const float = view.getFloat32(4, true);
  if (Math.abs(float) > 1e-6 && Math.abs(float) < 1e6) {
    return `are the number ${Number(float.toPrecision(4))} (float32): the reader is in the middle of a tensor's elements`;
  }
  return null;
}

const otherWidth =
  ", most often because the file was written with another width of long (Windows and 32-bit " +
  "systems have 4 bytes, others 8)";

function explainBytes(bytes: Uint8Array): string | null {
  const text = latin1(bytes);
  const family = t7Family(bytes);
  if (family === "ascii")
    return "begin a .t7 file written as text (ASCII): read it with encoding ascii";
  if (family === "big")
    return "begin a .t7 file of a big-endian machine: read it with byteOrder big";
  if (text.startsWith("PK\x03\x04")) {
    return "begin a zip archive; PyTorch's files (version 1.6 or later) are such archives";
  }
  const prefixed = ({ magic, at = 0 }: { magic: string; at?: number }) =>
    at === 0 && (magic.startsWith(text) || text.startsWith(magic));
  const known = signatures.find(prefixed);
  if (known !== undefined) return `begin ${known.is}. ${known.hint}`;
  if (!/^[\t\n\r -~]{4}$/.test(text)) return null;
  const kind = textSignatures.find(({ pattern }) => pattern.test(text.trimStart()));
  return `are the text ${JSON.stringify(text)}: ${kind ? `this is ${kind.is}` : "this is a text file"}, not a .t7 file`;
}

/**
 * What an "unknown object type" or "typeidx" number means, derived from its four bytes: readers
 * take them for a type code (0 … 8) when the file is something else or they are out of step.
 */
export function explainTypeCode(code: number): string {
  if (Number.isInteger(code) && code >= 0 && code <= 8)
    return `${code} is a type code of .t7 files.`;
  if (code !== (code | 0) && code !== code >>> 0) return `${code} is not a number of four bytes.`;
  const bytes = littleEndian(code | 0);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const number = explainNumber(code | 0);
  const meaning = explainBytes(bytes) ?? (number === null ? null : number + otherWidth);
  const sentence = meaning ?? "begin no kind of file that we know, and no .t7 file";
  return `${code} is no type code (those are 0 to 8). Its four bytes ${hex} ${sentence}`.replace(
    /\.?$/,
    ".",
  );
}

/**
 * The same for a file whose layout was found out, or told: what stands in place of a type code
 * (given as little endian) that was expected at `offset`; `null` if that is nothing we know.
 */
export function explainDamage(code: number, offset: number): string | null {
  const bytes = littleEndian(code | 0);
  const meaning = (offset === 0 ? explainBytes(bytes) : null) ?? explainNumber(code | 0);
  return meaning === null ? null : `The four bytes here ${meaning}.`.replace("..", ".");
}
