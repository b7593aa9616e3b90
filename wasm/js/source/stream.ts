/** Bytes that come by themselves and cannot be asked for are collected into memory. */

import { T7Error } from "../base/errors.js";
import { valueText } from "../base/options.js";
import { Blocks } from "./blocks.js";
import {
  asBytes,
  checkAborted,
  readError,
  type Source,
  type SourceOptions,
  untilAborted,
} from "./source-types.js";

/** Bytes that come by themselves, such as `process.stdin` or a response's body. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** True for what `collect` takes. */
export function isStream(input: object): input is ByteStream {
  return "getReader" in input || Symbol.asyncIterator in input;
}

/** One way to take from both kinds of stream. */
interface Pieces {
  next(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>;
  /** Tells the stream that nothing more is wanted. Never waits: a stream that hangs hangs here too. */
  cancel(): void;
}

function piecesOf(stream: ByteStream): Pieces {
  if ("getReader" in stream) {
    if (stream.locked) {
      throw new T7Error("bad_source", "the stream is being read by somebody else", {
        found: "a locked stream",
        expected: "a stream that nobody reads",
      });
    }
    const reader = stream.getReader();
    return { next: () => reader.read(), cancel: () => void reader.cancel().catch(() => {}) };
  }
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    cancel: () => void iterator.return?.()?.catch(() => {}),
  };
}

/** The bytes of a piece: streams give arrays of any type, and of any realm. */
function bytesOf(piece: unknown): Uint8Array {
  const bytes = asBytes(piece);
  if (bytes !== null) return bytes;
  throw new T7Error("source_failed", "the stream gave something that has no bytes", {
    found: valueText(piece),
    expected: "Uint8Array",
    hint: "Open the stream without an encoding, so that it gives bytes.",
  });
}

/** What is known of a stream beforehand. */
export interface CollectOptions extends SourceOptions {
  name?: string | undefined;
  /** Only told to `onBytes`, never believed. */
  total?: number | null;
  /** Called with the number of bytes so far, before they are kept; may throw to stop. */
  check?: (length: number) => void;
}

/** Appends all of a stream to `blocks`; a stream that fails is `source_failed`. */
export async function collectInto(
  blocks: Blocks,
  stream: ByteStream,
  options: CollectOptions = {},
): Promise<void> {
  const { signal, onBytes, total = null, check } = options;
  checkAborted(signal);
  const pieces = piecesOf(stream);
  for (;;) {
    let piece: Uint8Array;
    try {
      const { done, value } = await untilAborted(pieces.next(), signal);
      if (done) return;
      piece = bytesOf(value);
      check?.(blocks.length + piece.length);
      blocks.push(piece);
    } catch (cause) {
      pieces.cancel();
      const message = `the stream failed after ${blocks.length} bytes`;
      throw readError(cause, signal, "source_failed", message);
    }
    // What the caller's own function throws is the caller's.
    try {
      onBytes?.(blocks.length, total);
    } catch (error) {
      pieces.cancel();
      throw error;
    }
  }
}

/** Collects a stream into memory. */
export async function collect(stream: ByteStream, options: CollectOptions = {}): Promise<Source> {
  const blocks = new Blocks();
  await collectInto(blocks, stream, options);
  return blocks.source(options.name);
}
