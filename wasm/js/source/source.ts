/** Everything a user can give becomes a `Source`. Runs in browsers too: see `source.node.ts`. */

import type { ByteSource, SourceInput } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { openHttp } from "./http.js";
import {
  checkAborted,
  checkCount,
  readError,
  type Source,
  type SourceOptions,
  untilAborted,
} from "./source-types.js";
import { type ByteStream, collect, isStream } from "./stream.js";

function fromBytes(bytes: Uint8Array): Source {
  return {
    byteLength: bytes.length,
    memory: true,
    slice: (start, end) => bytes.subarray(start, end),
    readInto: (target, start) => {
      target.set(bytes.subarray(start, start + target.length));
      return target.length;
    },
  };
}

function asBytes(data: ArrayBuffer | Uint8Array): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data);
}

/** A user's own source, or a Blob: nothing it gives is believed. */
function guarded(
  byteLength: number,
  read: (start: number, end: number) => unknown,
  name: string | undefined,
  code: string,
  hint: string | null,
): Source {
  return {
    byteLength,
    name,
    slice: async (start, end, signal) => {
      checkAborted(signal);
      let data: unknown;
      try {
        data = await untilAborted(Promise.resolve(read(start, end)), signal);
      } catch (cause) {
        throw readError(cause, signal, code, `reading bytes ${start} to ${end} failed`, hint);
      }
      if (!(data instanceof Uint8Array) && !isArrayBuffer(data)) {
        throw new T7Error("source_failed", "slice() must give an ArrayBuffer or a Uint8Array", {
          offset: start,
          found: typeof data,
        });
      }
      const bytes = asBytes(data);
      checkCount(bytes.length, end - start, start);
      return bytes;
    },
  };
}

/** True for an `ArrayBuffer` of any realm: those of frames and test runners are not `instanceof`. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return /\[object (Shared)?ArrayBuffer\]/.test(Object.prototype.toString.call(value));
}

type ReadInto = NonNullable<Source["readInto"]>;

const maxPiece = 2 ** 24;

/** Reads come by way of a buffer of ours: a cancelled one may go on writing to what it was given. */
function guardedReadInto(readInto: ReadInto): ReadInto {
  return async (target, start, signal) => {
    for (let done = 0; done < target.length; ) {
      checkAborted(signal);
      const piece = new Uint8Array(Math.min(target.length - done, maxPiece));
      let count: number;
      try {
        const read = Promise.resolve(readInto(piece, start + done, signal));
        count = await untilAborted(read, signal);
      } catch (cause) {
        throw readError(cause, signal, "source_failed", `reading at byte ${start + done} failed`);
      }
      checkCount(count, piece.length, start + done);
      target.set(piece, done);
      done += count;
    }
    return target.length;
  };
}

function fromBlob(blob: Blob): Source {
  const name = "name" in blob ? String(blob.name) : undefined;
  const read = (start: number, end: number) => blob.slice(start, end).arrayBuffer();
  const hint = "The file was changed, moved or deleted after it was chosen. Choose it again.";
  return guarded(blob.size, read, name, "source_changed", hint);
}

function fromObject(object: ByteSource): Source {
  const { byteLength } = object;
  if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
    throw new T7Error("bad_source", "byteLength of the source is not a number of bytes", {
      found: String(byteLength),
      expected: "a whole number, 0 or more",
    });
  }
  const read = (start: number, end: number) => object.slice(start, end);
  const source = guarded(byteLength, read, undefined, "source_failed", null);
  const { readInto } = object as Source;
  if (typeof readInto !== "function") return source;
  return { ...source, readInto: guardedReadInto(readInto.bind(object)) };
}

/**
 * Makes a source of bytes, a `Blob` or `File`, a URL (as `URL` or text), a stream, or any
 * `{ byteLength, slice }`. Throws `bad_source` for anything else, and what reaching it throws.
 */
export async function toSource(
  input: SourceInput | ByteStream,
  options: SourceOptions = {},
): Promise<Source> {
  checkAborted(options.signal);
  if (typeof input === "string" || input instanceof URL) return openHttp(input, options);
  if (isArrayBuffer(input)) return fromBytes(new Uint8Array(input));
  if (ArrayBuffer.isView(input)) {
    return fromBytes(new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
  }
  if (typeof Blob !== "undefined" && input instanceof Blob) return fromBlob(input);
  if (typeof input === "object" && input !== null) {
    if ("byteLength" in input && "slice" in input) return fromObject(input);
    if (isStream(input)) return collect(input, options);
  }
  throw new T7Error("bad_source", "this is not something a file can be read from", {
    found: input === null ? "null" : typeof input,
    expected: "bytes, a Blob or File, a URL, a stream, or { byteLength, slice(start, end) }",
  });
}
