/** Everything a user can give becomes a `Source`. Runs in browsers too: see `source.node.ts`. */

import type { ByteSource, SourceInput } from "../base/api.js";
import { T7Error, type T7ErrorCode } from "../base/errors.js";
import { valueText } from "../base/options.js";
import { openHttp } from "./http.js";
import {
  asBytes,
  checkAborted,
  checkCount,
  isArrayBuffer,
  readError,
  type Source,
  type SourceOptions,
  untilAborted,
} from "./source-types.js";
import { type ByteStream, collect, isStream } from "./stream.js";

/** Bytes in memory. A buffer that shrinks or is given away while the file is open is noticed. */
function fromBytes(data: ArrayBuffer | ArrayBufferView): Source {
  let bytes: Uint8Array;
  try {
    bytes = asBytes(data) as Uint8Array;
  } catch (cause) {
    throw new T7Error("bad_source", "the buffer is detached: its bytes were given away", {
      found: "a detached ArrayBuffer",
      expected: "bytes",
      hint: "Pass it before it is posted to a worker, or pass a copy.",
      cause,
    });
  }
  const { byteLength } = bytes;
  const part = (start: number, end: number) => {
    checkCount(Math.min(bytes.length, end), end, start);
    return bytes.subarray(start, end);
  };
  return {
    byteLength,
    memory: true,
    slice: part,
    readInto: (target, start) => {
      target.set(part(start, start + target.length));
      return target.length;
    },
  };
}

const wanted =
  "bytes (Uint8Array, ArrayBuffer), a Blob or File, a path or URL, a stream, a Response, or { byteLength, slice(start, end) }";

/** ASCII `.t7` files begin with a type code on a line of its own. */
const asciiContent = /^\s*[0-8]\r?\n/;

/** The bytes of a file's content that somebody has as text: only ASCII files come through whole. */
function fromText(text: string): Source {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw contentError();
    bytes[i] = code;
  }
  return fromBytes(bytes);
}

function contentError(): T7Error {
  return new T7Error("bad_source", "this text is the content of a file, not a path or address", {
    found: "text with characters that no path has",
    expected: "a path, an address, or the bytes of the file",
    hint: "Pass the bytes: await response.arrayBuffer(), or readFileSync(path) without an encoding.",
  });
}

/** A text that is a file's content and not its name, as a source; `null` for a name. */
export function contentSource(text: string): Source | null {
  if (asciiContent.test(text)) return fromText(text);
  if (/[\0\n\r\ufffd]/.test(text) || text.length > 32_768) throw contentError();
  return null;
}

/** What a wrong argument is, and what to pass. */
function badSource(input: unknown): T7Error {
  const found = valueText(input);
  return new T7Error("bad_source", `a file cannot be read from ${found}`, {
    found,
    expected: wanted,
  });
}

/** A response of `fetch`: its body, read once. */
async function fromResponse(response: Response, options: SourceOptions): Promise<Source> {
  if (!response.ok) {
    throw new T7Error(
      "source_failed",
      `the server answered ${response.status} ${response.statusText}`,
      {
        found: `HTTP status ${response.status}`,
        expected: "HTTP status 200",
        hint: "Check the address.",
      },
    );
  }
  if (response.bodyUsed) {
    throw new T7Error("bad_source", "the body of this response has been read already", {
      found: "a used Response",
      expected: "a Response whose body nobody has read",
    });
  }
  const name = response.url === "" ? undefined : response.url;
  return collect(response.body ?? emptyStream(), { ...options, name });
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {}

/** A user's own source, or a Blob: nothing it gives is believed. */
function guarded(
  byteLength: number,
  read: (start: number, end: number) => unknown,
  name: string | undefined,
  code: T7ErrorCode,
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
      const bytes = asBytes(data);
      if (bytes === null) {
        throw new T7Error("source_failed", "slice() must give an ArrayBuffer or a Uint8Array", {
          offset: start,
          found: valueText(data),
        });
      }
      checkCount(bytes.length, end - start, start);
      return bytes;
    },
  };
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
 * Makes a source of bytes, a `Blob` or `File`, a file handle, a URL (as `URL` or text), a stream, a
 * `Response`, a promise of one of these, the text of an ASCII file, or any `{ byteLength, slice }`.
 * Throws `bad_source` for anything else, and what reaching it throws.
 */
export async function toSource(
  input: SourceInput | ByteStream,
  options: SourceOptions = {},
): Promise<Source> {
  checkAborted(options.signal);
  if (typeof input === "string") return contentSource(input) ?? openHttp(input, options);
  if (isUrl(input)) return openHttp(input, options);
  if (isArrayBuffer(input) || ArrayBuffer.isView(input)) return fromBytes(input);
  if (typeof input !== "object" || input === null) throw badSource(input);
  if (isBlob(input)) return fromBlob(input);
  if ("then" in input)
    return toSource(await untilAborted(Promise.resolve(input), options.signal), options);
  if (isResponse(input)) return fromResponse(input, options);
  if ("getFile" in input && typeof input.getFile === "function") {
    return toSource(await (input.getFile as () => Promise<File>)(), options);
  }
  if ("byteLength" in input && "slice" in input) return fromObject(input as ByteSource);
  if (isStream(input)) return collect(input, options);
  throw badSource(input);
}

// By what they are, not by their class: those of frames and test runners have another one.
const tagOf = (value: object) => Object.prototype.toString.call(value);
const isUrl = (value: unknown): value is URL =>
  typeof value === "object" && value !== null && tagOf(value) === "[object URL]";
const isBlob = (value: object): value is Blob => /^\[object (Blob|File)\]$/.test(tagOf(value));
const isResponse = (value: object): value is Response => tagOf(value) === "[object Response]";
