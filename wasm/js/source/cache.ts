/** A source that remembers what was read, reads ahead while reading goes forward, and counts. */

import { T7Error } from "../base/errors.js";
import {
  checkAborted,
  checkCount,
  checkRange,
  readFully,
  type Source,
  type SourceCounters,
  untilAborted,
} from "./source-types.js";

/** Bytes; all three are whole multiples of `blockBytes` or rounded down to one. */
export interface CacheOptions {
  /** What is read at least: small for files, where reading is cheap; larger for servers. 64 KiB. */
  blockBytes?: number;
  /** What is kept at most. 16 MiB. */
  maxBytes?: number;
  /** What is read behind the place of every miss at least. 0. */
  minReadAhead?: number;
  /** How far reading ahead may grow; larger reads pass by the cache. 4 MiB. */
  maxReadAhead?: number;
}

export type { SourceCounters } from "./source-types.js";

/** Made by `cached`. */
export class CachedSource implements Source {
  /** What was asked of the source below. */
  readonly counters: SourceCounters;
  readonly byteLength: number;
  readonly name: string | undefined;
  readonly gzip: boolean;
  readonly warning: Source["warning"];
  readonly gapBytes: number | undefined;
  readonly #source: Source;
  readonly #blockBytes: number;
  readonly #maxBlocks: number;
  readonly #maxWindow: number;
  /** Least recently used first. */
  readonly #blocks = new Map<number, Uint8Array>();
  /** Blocks that are being read, so that two readers ask once. */
  readonly #pending = new Map<number, Promise<void>>();
  readonly #minWindow: number;
  /** Blocks to read at the next miss, and the block where it would continue the last one. */
  #window: number;
  #nextBlock = 0;

  constructor(source: Source, options: CacheOptions) {
    const { blockBytes = 2 ** 16, maxBytes = 2 ** 24, maxReadAhead = 2 ** 22 } = options;
    const { minReadAhead = 0 } = options;
    this.#source = source;
    this.counters = source.counters ?? { requests: 0, bytes: 0 };
    this.gapBytes = source.gapBytes;
    this.byteLength = source.byteLength;
    this.name = source.name;
    this.gzip = source.gzip ?? false;
    this.warning = source.warning;
    this.#blockBytes = blockBytes;
    this.#maxBlocks = Math.max(1, Math.floor(maxBytes / blockBytes));
    this.#maxWindow = Math.max(1, Math.floor(maxReadAhead / blockBytes));
    // A miss is rarely at the start of its block.
    this.#minWindow = 1 + Math.ceil(minReadAhead / blockBytes);
    this.#window = this.#minWindow;
  }

  slice(start: number, end: number, signal?: AbortSignal): Uint8Array | Promise<Uint8Array> {
    checkRange(this, start, end);
    const first = Math.floor(start / this.#blockBytes);
    const block = this.#touch(first);
    const from = start - first * this.#blockBytes;
    if (block !== undefined && end - start <= block.length - from) {
      return block.subarray(from, from + end - start);
    }
    const target = new Uint8Array(end - start);
    return this.readInto(target, start, signal).then(() => target);
  }

  async readInto(target: Uint8Array, start: number, signal?: AbortSignal): Promise<number> {
    checkRange(this, start, start + target.length);
    if (target.length > this.#maxWindow * this.#blockBytes) {
      await readFully(this.#source, target, start, signal);
      this.#count(target.length);
      return target.length;
    }
    const last = Math.floor((start + target.length - 1) / this.#blockBytes);
    for (let done = 0; done < target.length; ) {
      const index = Math.floor((start + done) / this.#blockBytes);
      const block = await this.#block(index, last, signal);
      const from = start + done - index * this.#blockBytes;
      const piece = block.subarray(from, from + target.length - done);
      target.set(piece, done);
      done += piece.length;
    }
    return target.length;
  }

  async close(): Promise<void> {
    this.#blocks.clear();
    await this.#source.close?.();
  }

  /** A block that is there, which becomes the most recently used. */
  #touch(index: number): Uint8Array | undefined {
    const block = this.#blocks.get(index);
    if (block !== undefined) {
      this.#blocks.delete(index);
      this.#blocks.set(index, block);
    }
    return block;
  }

  /** A block, read if need be, then together with those up to `last` and the ones ahead. */
  async #block(index: number, last: number, signal?: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const block = this.#touch(index);
      if (block !== undefined) return block;
      checkAborted(signal);
      const pending = this.#pending.get(index);
      if (pending === undefined) return this.#fetch(index, last, signal);
      try {
        await untilAborted(pending, signal);
      } catch (error) {
        // Whoever began the read gave it up; that is no reason for us to.
        const theirs = error instanceof T7Error && error.code === "aborted" && !signal?.aborted;
        if (!theirs) throw error;
      }
    }
  }

  async #fetch(index: number, last: number, signal?: AbortSignal): Promise<Uint8Array> {
    const end = this.#endOfRun(index, last);
    const read = this.#readRun(index, end, signal);
    const pending = read.then(() => {});
    // Failures reach those who wait for it, if any.
    pending.catch(() => {});
    for (let i = index; i < end; i++) this.#pending.set(i, pending);
    try {
      const run = await read;
      return run.subarray(0, this.#blockBytes);
    } finally {
      for (let i = index; i < end; i++) this.#pending.delete(i);
    }
  }

  /** Where a read that starts at a missing block should end; doubles what sequential reads get. */
  #endOfRun(index: number, last: number): number {
    const straight = index === this.#nextBlock;
    this.#window = straight ? Math.min(this.#window * 2, this.#maxWindow) : this.#minWindow;
    const blocks = Math.ceil(this.byteLength / this.#blockBytes);
    const limit = Math.min(
      Math.max(last + 1, index + this.#window),
      blocks,
      index + this.#maxBlocks,
    );
    let end = index + 1;
    while (end < limit && !this.#blocks.has(end) && !this.#pending.has(end)) end++;
    this.#nextBlock = end;
    return end;
  }

  async #readRun(index: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const start = index * this.#blockBytes;
    const stop = Math.min(end * this.#blockBytes, this.byteLength);
    const run = await this.#source.slice(start, stop, signal);
    checkCount(run.length, stop - start, start);
    this.#count(run.length);
    for (let i = index; i < end; i++) {
      const at = (i - index) * this.#blockBytes;
      // Copies: one block that stays must not keep the whole run.
      this.#blocks.set(i, run.slice(at, at + this.#blockBytes));
    }
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= this.#maxBlocks) break;
      this.#blocks.delete(oldest);
    }
    return run;
  }

  #count(bytes: number): void {
    if (this.#source.counters !== undefined) return;
    this.counters.requests++;
    this.counters.bytes += bytes;
  }
}

/**
 * The same bytes through a bounded cache. A miss reads one block; misses that continue each other
 * read 2, 4, 8 … blocks at once. Closing it closes `source`.
 */
export function cached(source: Source, options: CacheOptions = {}): CachedSource {
  return new CachedSource(source, options);
}
