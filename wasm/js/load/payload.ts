/**
 * For `load`: brings the elements of all storages into aligned blocks of the file's own memory.
 * `wasm/core/graph/placement.h` says which bytes go where; only small storages, of which many fit one
 * read, and ASCII text pass through a buffer.
 */

import { type Dtype, dtypeBytes, dtypes } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { type Graph, Kind, placeBytes } from "../index/graph.js";
import type { Instance } from "../index/instance.js";
import type { Index } from "../index/parse.js";
import type { CoreFile } from "../index/t7.mjs";
import { readFully, type Source } from "../source/source-types.js";
import { badNumber } from "../values/bad-number.js";

/** As `Placement::kBuffer`. */
const bufferBytes = 2 ** 20;
/** Largest read at once: system calls give up at 2 GiB. */
const maxRead = 2 ** 30;
/** Largest read where somebody wants to know how far it is. */
const toldRead = 2 ** 24;

/** Called with the bytes of elements that have been read, and those there are. */
export type PayloadProgress = (done: number, total: number) => void;

function tooLarge(bytes: number, cause?: unknown): T7Error {
  return new T7Error("too_large", "the tensors of this file do not fit the memory of load()", {
    found: `${bytes.toLocaleString("en-US")} bytes of elements`,
    expected: "less than 4 GiB together",
    hint: "Use open(): it leaves the elements in the file and reads what you look at.",
    cause,
  });
}

/** Where the elements of all storages are, and which of them could not be read. */
export interface LoadedStorages {
  /** The address of the first element by object id; 0 for none. */
  addressOf: (storage: number) => number;
  /** By object id. */
  errors: ReadonlyMap<number, T7Error>;
}

/** Loads all storages. In an ASCII file a number that is none spoils its own storage only. */
export async function loadStorages(
  instance: Instance,
  source: Source,
  index: Index,
  signal?: AbortSignal,
  onProgress?: PayloadProgress,
): Promise<LoadedStorages> {
  const { graph, file, format } = index;
  const errors = new Map<number, T7Error>();
  const bytes = graph.hasKind(Kind.storage) ? instance.run(() => file.elementBytes()) : 0;
  if (bytes === 0) return { addressOf: () => 0, errors };
  if (bytes + instance.byteLength > 2 ** 32 - 2 ** 24) throw tooLarge(bytes);
  // Counted only where somebody wants to know: it takes a walk over all objects.
  const total = onProgress === undefined ? 0 : storedBytes(graph);
  const buffer = instance.allocate(bufferBytes);
  const start = instance.run((core) => core.extendMemory(bytes + placeBytes));
  if (start === 0) throw tooLarge(bytes);
  const base = Math.ceil(start / placeBytes) * placeBytes;
  instance.run(() => file.placeElements(base));
  const reader = new StorageLoader(
    instance,
    source,
    buffer,
    signal,
    onProgress && ((done) => onProgress(done, total)),
  );
  if (format.encoding === "binary") await reader.readPieces(file);
  else {
    for (const block of blocksOf(graph, base)) {
      const bad = await reader.readText(block);
      if (bad !== null) errors.set(block.object, badNumber(graph, block.object, block.dtype, bad));
    }
  }
  instance.run((core) => core.release(buffer));
  const addressOf = (storage: number) => {
    const place = graph.placeOf(storage);
    return place < 0 ? 0 : base + place;
  };
  return { addressOf, errors };
}

/** Bytes of all storages as they are in the file. */
function storedBytes(graph: Graph): number {
  let bytes = 0;
  for (const { byteLength } of blocksOf(graph, 0)) bytes += byteLength;
  return bytes;
}

/** One storage of an ASCII file on its way into memory. */
interface Block {
  object: number;
  dtype: Dtype;
  length: number;
  /** Where its bytes are in the file. */
  offset: number;
  byteLength: number;
  /** Where its elements go. */
  address: number;
}

function* blocksOf(graph: Graph, base: number): Generator<Block> {
  for (let object = 0; object < graph.objectCount; object++) {
    if (graph.kind(graph.node(object)) !== Kind.storage || graph.placeOf(object) < 0) continue;
    const { dtype } = graph.classOf(object);
    yield { ...graph.extent(object), object, dtype, address: base + graph.placeOf(object) };
  }
}

class StorageLoader {
  constructor(
    readonly instance: Instance,
    readonly source: Source,
    readonly buffer: number,
    readonly signal: AbortSignal | undefined,
    readonly onRead: ((done: number) => void) | undefined,
  ) {}

  private done = 0;

  private count(bytes: number): void {
    this.done += bytes;
    this.onRead?.(this.done);
  }

  /** All storages of a binary file. */
  async readPieces(file: CoreFile): Promise<void> {
    for (;;) {
      const { offset, length, to } = this.instance.run(() => file.nextPiece());
      if (length === 0) return;
      await this.#read(offset, length, to === 0 ? this.buffer : to);
      this.instance.run(() => file.finishPiece(this.buffer));
    }
  }

  async #read(offset: number, byteLength: number, address: number): Promise<void> {
    const most = this.onRead === undefined ? maxRead : toldRead;
    for (let done = 0; done < byteLength; done += most) {
      const length = Math.min(most, byteLength - done);
      const target = new Uint8Array(this.instance.memory.buffer, address + done, length);
      await readFully(this.source, target, offset + done, this.signal);
      this.count(length);
    }
  }

  /**
   * Raw bytes for the one-byte types; numbers as text for all others. Gives the offset of what is no
   * number, or `null`.
   */
  async readText(block: Block): Promise<number | null> {
    const width = dtypeBytes[block.dtype];
    if (width === 1) {
      await this.#read(block.offset, block.byteLength, block.address);
      return null;
    }
    const end = block.offset + block.byteLength;
    let kept = 0;
    let done = 0;
    for (let at = block.offset; done < block.length; ) {
      const length = Math.min(bufferBytes - kept, end - at);
      const target = new Uint8Array(this.instance.memory.buffer, this.buffer + kept, length);
      await readFully(this.source, target, at, this.signal);
      this.count(length);
      at += length;
      const parsed = this.instance.run((core) =>
        core.parseNumbers(
          this.buffer,
          kept + length,
          at >= end,
          dtypes.indexOf(block.dtype),
          block.address + done * width,
          block.length - done,
        ),
      );
      done += parsed.count;
      const left = kept + length - parsed.consumed;
      if (parsed.malformed || (done < block.length && at >= end)) return at - left;
      new Uint8Array(this.instance.memory.buffer).copyWithin(
        this.buffer,
        this.buffer + parsed.consumed,
        this.buffer + kept + length,
      );
      kept = left;
    }
    return null;
  }
}
