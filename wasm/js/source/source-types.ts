/** What reading from anywhere has in common: the shape of a source, its errors, cancelling. */

import type { ByteSource } from "../base/api.js";
import { T7Error, type T7ErrorCode } from "../base/errors.js";

/** What was asked of a source. */
export interface SourceCounters {
  requests: number;
  bytes: number;
}

/**
 * What the reader reads from. Promises reject with `T7Error` only. `start` and `end` lie within
 * `byteLength` (see `checkRange`), and exactly the bytes asked for are given.
 */
export interface Source extends ByteSource {
  readonly byteLength: number;
  /** The array may be a view of the source's memory: read it, do not keep or change it. */
  slice(start: number, end: number, signal?: AbortSignal): Uint8Array | Promise<Uint8Array>;
  /** Fills all of `target` from byte `start` on, and gives its length. */
  readInto?(target: Uint8Array, start: number, signal?: AbortSignal): number | Promise<number>;
  close?(): Promise<void>;
  /** A file name or address, for messages. */
  readonly name?: string | undefined;
  /** True if reading costs no more than copying, so that a cache would be waste. */
  readonly memory?: boolean;
  /** What is odd about the bytes that were given, such as a byte order mark before them. */
  readonly warning?: T7Error | undefined;
  /** True if what is read here was gzip and has been unpacked. */
  readonly gzip?: boolean;
  /** Bytes that are cheaper read than skipped by a second request; 64 KiB unless told. */
  readonly gapBytes?: number | undefined;
  /** For a source that counts for itself, because it asks for more than it is asked. */
  readonly counters?: SourceCounters | undefined;
}

/** True for an `ArrayBuffer` of any realm: those of frames and test runners are not `instanceof`. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return /\[object (Shared)?ArrayBuffer\]/.test(Object.prototype.toString.call(value));
}

/** The bytes of a buffer or a view of one, not copied; `null` for anything else. */
export function asBytes(data: unknown): Uint8Array | null {
  if (isArrayBuffer(data)) return new Uint8Array(data);
  if (!ArrayBuffer.isView(data)) return null;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Options of everything that makes a source. */
export interface SourceOptions {
  signal?: AbortSignal | undefined;
  /** Bytes collected so far and, where it is known, how many there will be: while downloading or unpacking. */
  onBytes?: ((loaded: number, total: number | null) => void) | undefined;
}

/** Throws `aborted` if the signal says so. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal);
}

/** The error of a cancelled read. */
export function abortedError(signal: AbortSignal): T7Error {
  return new T7Error("aborted", "reading was cancelled", { cause: signal.reason });
}

/** Makes whatever a read threw into a `T7Error`: `aborted` if it was cancelled, else `code`. */
export function readError(
  cause: unknown,
  signal: AbortSignal | undefined,
  code: T7ErrorCode,
  message: string,
  hint: string | null = null,
): T7Error {
  if (cause instanceof T7Error) return cause;
  if (signal?.aborted) return abortedError(signal);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new T7Error(code, `${message}: ${reason}`, { cause, hint });
}

/** Throws `source_short` if a read of `wanted` bytes at `offset` gave another number. */
export function checkCount(given: number, wanted: number, offset: number): void {
  if (given === wanted) return;
  throw new T7Error("source_short", `the source gave ${given} bytes instead of ${wanted}`, {
    offset,
    found: `${given} bytes`,
    expected: `${wanted} bytes`,
    hint: "The file may have been changed or cut while it was read. Open it again.",
  });
}

/** Throws `source_short` if a range does not lie in the source. */
export function checkRange(source: ByteSource, start: number, end: number): void {
  if (start >= 0 && start <= end && end <= source.byteLength) return;
  throw new T7Error("source_short", `bytes ${start} to ${end} are outside the source`, {
    offset: start,
    found: `${source.byteLength} bytes`,
    expected: `at least ${end} bytes`,
  });
}

/** Fills `target` from byte `start` on, by the shortest way the source has. */
export async function readFully(
  source: Source,
  target: Uint8Array,
  start: number,
  signal?: AbortSignal,
): Promise<void> {
  checkRange(source, start, start + target.length);
  if (source.readInto !== undefined) {
    checkCount(await source.readInto(target, start, signal), target.length, start);
    return;
  }
  // Pieces, so that a large payload is not in memory twice.
  const piece = 2 ** 24;
  for (let done = 0; done < target.length; done += piece) {
    const end = Math.min(done + piece, target.length);
    target.set(await source.slice(start + done, start + end, signal), done);
  }
}

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `callback` once when the signal fires; the answer takes it back. Many calls may share a signal,
 * and engines warn of many listeners: there is one, for all callbacks.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = callbacksOf.get(signal);
  if (callbacks === undefined) {
    callbacks = new Set();
    callbacksOf.set(signal, callbacks);
    signal.addEventListener("abort", () => callAll(signal), { once: true });
  }
  callbacks.add(callback);
  return () => void callbacks.delete(callback);
}

function callAll(signal: AbortSignal): void {
  const callbacks = callbacksOf.get(signal) ?? [];
  callbacksOf.delete(signal);
  for (const callback of callbacks) callback();
}

/** The promise, or a rejection as soon as the signal says so, for reads that know no signal. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError(signal));
    // A signal that fired before does not fire again.
    if (signal.aborted) abort();
    const forget = onAbort(signal, abort);
    promise.then(resolve, reject).finally(forget);
  });
}
