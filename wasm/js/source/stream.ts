/** Bytes that come by themselves and cannot be asked for are collected into memory. */

import { Blocks } from "./blocks.js";
import {
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
    const reader = stream.getReader();
    return { next: () => reader.read(), cancel: () => void reader.cancel().catch(() => {}) };
  }
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    cancel: () => void iterator.return?.()?.catch(() => {}),
  };
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
  try {
    for (;;) {
      const { done, value } = await untilAborted(pieces.next(), signal);
      if (done || value === undefined) return;
      check?.(blocks.length + value.length);
      blocks.push(value);
      onBytes?.(blocks.length, total);
    }
  } catch (cause) {
    pieces.cancel();
    const message = `the stream failed after ${blocks.length} bytes`;
    throw readError(cause, signal, "source_failed", message);
  }
}

/** Collects a stream into memory. */
export async function collect(stream: ByteStream, options: CollectOptions = {}): Promise<Source> {
  const blocks = new Blocks();
  await collectInto(blocks, stream, options);
  return blocks.source(options.name);
}
