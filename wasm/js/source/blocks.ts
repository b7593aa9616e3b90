/** Bytes that arrive in pieces and of unknown number: kept in blocks, so that nothing is moved. */

import { T7Error } from "../base/errors.js";
import type { Source } from "./source-types.js";

const blockBytes = 2 ** 20;

/** Collects bytes; `source()` makes them readable. */
export class Blocks {
  length = 0;
  readonly #blocks: Uint8Array[] = [];

  /** Copies `bytes` to the end. Throws `out_of_memory`. */
  push(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const block = this.#blockAt(this.length);
      const at = this.length % blockBytes;
      const piece = bytes.subarray(from, from + blockBytes - at);
      block.set(piece, at);
      this.length += piece.length;
      from += piece.length;
    }
  }

  /** Forgets everything after the first `length` bytes. */
  truncate(length: number): void {
    this.length = length;
    this.#blocks.length = Math.ceil(length / blockBytes);
  }

  /** Copies what lies from `start` on into `target`, which must not reach past the end. */
  read(target: Uint8Array, start: number): void {
    for (let done = 0; done < target.length; ) {
      const position = start + done;
      const at = position % blockBytes;
      const block = this.#blocks[Math.floor(position / blockBytes)];
      const piece = block.subarray(at, at + target.length - done);
      target.set(piece, done);
      done += piece.length;
    }
  }

  /** A source over what has been collected; nothing may be added afterwards. */
  source(name: string | undefined): Source {
    const slice = (start: number, end: number) => {
      const at = start % blockBytes;
      // Within one block no copy is needed.
      if (end > start && at + end - start <= blockBytes) {
        const block = this.#blocks[Math.floor(start / blockBytes)];
        return block.subarray(at, at + end - start);
      }
      const target = new Uint8Array(end - start);
      this.read(target, start);
      return target;
    };
    const readInto = (target: Uint8Array, start: number) => {
      this.read(target, start);
      return target.length;
    };
    return { byteLength: this.length, slice, readInto, name, memory: true };
  }

  #blockAt(position: number): Uint8Array {
    const index = Math.floor(position / blockBytes);
    if (index === this.#blocks.length) {
      try {
        this.#blocks.push(new Uint8Array(blockBytes));
      } catch (cause) {
        const message = `not enough memory for more than ${this.length} bytes`;
        throw new T7Error("out_of_memory", message, { cause });
      }
    }
    return this.#blocks[index];
  }
}
