/** Single values as JSON text, exactly: what JSON has no word for becomes an object or a string. */

import type { TypedArray } from "../base/dtype.js";

/** Standard base64. */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  const part = 0x6000;
  for (let at = 0; at < bytes.length; at += part) {
    binary += btoa(String.fromCharCode(...bytes.subarray(at, at + part)));
  }
  return binary;
}

/** A number; NaN and infinities as strings, -0 as -0.0, which every reader takes for a double. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
}

/** An int64: digits, or a string of them beyond what a double holds. */
export function integerText(value: bigint): string {
  const isSafe = value >= -9007199254740991n && value <= 9007199254740991n;
  return isSafe ? String(value) : `"${value}"`;
}

const elementText = (value: number | bigint): string =>
  typeof value === "bigint" ? integerText(value) : numberText(value);

/** Elements with commas between them, in parts: the text of a block is many times as long as the block. */
export function* elementTexts(elements: TypedArray): Generator<string> {
  const most = 4096;
  for (let at = 0; at < elements.length; at += most) {
    const part = elements.subarray(at, at + most) as ArrayLike<number | bigint>;
    yield Array.from(part, elementText).join(",");
  }
}

/** Bytes that are no UTF-8 text. */
export const bytesText = (kind: string, bytes: Uint8Array): string =>
  `{"kind":"${kind}","base64":"${base64(bytes)}"}`;
