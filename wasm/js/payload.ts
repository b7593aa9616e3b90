/**
 * For `load`: brings the elements of all storages into aligned blocks of the file's own memory.
 * Bytes go straight from the source to their place; only small storages, of which many fit one
 * read, and ASCII text pass through a buffer.
 */

import { type Dtype, dtypeBytes, dtypes } from "./dtype.js";
import { T7Error } from "./errors.js";
import { Flag, type Graph, Kind } from "./graph.js";
import type { Instance } from "./instance.js";
import type { Index } from "./parse.js";
import { readFully, type Source } from "./reading.js";

/** One storage on its way into memory. */
interface Block {
  dtype: Dtype;
  length: number;
  /** Where its bytes are in the file. */
  offset: number;
  byteLength: number;
  /** Where its elements go. */
  address: number;
}

/** Addresses of the elements of each storage, by object id. */
export type Addresses = number[];

const alignment = 16;
/** Storages up to this size are read together with their neighbours. */
const smallBytes = 65536;
const bufferBytes = 2 ** 20;
/** Largest read at once: system calls give up at 2 GiB. */
const maxRead = 2 ** 30;

const align = (n: number) => Math.ceil(n / alignment) * alignment;

/** All complete storages that have elements, by object id, in the order of the file. */
function storagesOf(graph: Graph): number[] {
  const storages: number[] = [];
  if (!graph.hasKind(Kind.storage)) return storages;
  for (let object = 0; object < graph.objectCount; object++) {
    if (graph.kind(graph.node(object)) !== Kind.storage) continue;
    if (!graph.has(object, Flag.incomplete) && graph.lengthOf(object) > 0) storages.push(object);
  }
  return storages;
}

/** Bytes of memory that the elements of a storage take, now and while they are converted. */
function bytesInMemory(graph: Graph, storage: number, ascii: boolean): number {
  const bytes = graph.lengthOf(storage) * dtypeBytes[graph.classOf(storage).dtype];
  // Longs of 4 bytes are widened in place; in ASCII the elements differ from the text.
  return align(ascii ? bytes : Math.max(bytes, graph.bytesOf(storage)));
}

function tooLarge(bytes: number, cause?: unknown): T7Error {
  return new T7Error("too_large", "the tensors of this file do not fit the memory of load()", {
    found: `${bytes.toLocaleString("en-US")} bytes of elements`,
    expected: "less than 4 GiB together",
    hint: "Use open(): it leaves the elements in the file and reads what you look at.",
    cause,
  });
}

/** Loads all storages. */
export async function loadStorages(
  instance: Instance,
  source: Source,
  index: Index,
  signal?: AbortSignal,
): Promise<Addresses> {
  const { graph, format } = index;
  const ascii = format.encoding === "ascii";
  const addresses: Addresses = [];
  const storages = storagesOf(graph);
  if (storages.length === 0) return addresses;
  let bytes = 0;
  for (const storage of storages) {
    addresses[storage] = bytes;
    bytes += bytesInMemory(graph, storage, ascii);
  }
  if (bytes + instance.byteLength > 2 ** 32 - 2 ** 24) throw tooLarge(bytes);
  const buffer = instance.allocate(bufferBytes);
  const base = instance.run((core) => core.extendMemory(bytes + alignment));
  if (base === 0) throw tooLarge(bytes);
  for (const storage of storages) addresses[storage] += align(base);
  const reader = new BlockReader(instance, source, index, addresses, buffer, signal);
  if (ascii) for (const storage of storages) await reader.readText(reader.block(storage));
  else await reader.readBinary(storages);
  instance.run((core) => core.release(buffer));
  return addresses;
}

class BlockReader {
  readonly #graph: Graph;

  constructor(
    readonly instance: Instance,
    readonly source: Source,
    readonly index: Index,
    readonly addresses: Addresses,
    readonly buffer: number,
    readonly signal: AbortSignal | undefined,
  ) {
    this.#graph = index.graph;
  }

  block(storage: number): Block {
    const address = this.addresses[storage];
    return { ...this.#graph.extent(storage), dtype: this.#graph.classOf(storage).dtype, address };
  }

  async readBinary(storages: readonly number[]): Promise<void> {
    for (let i = 0; i < storages.length; ) {
      const end = this.#groupEnd(storages, i);
      if (end - i > 1) await this.#readGroup(storages, i, end);
      else await this.#readBlock(this.block(storages[i]));
      i = end;
    }
    const swapped = this.index.format.byteOrder === "big";
    for (const storage of storages) {
      const { dtype } = this.#graph.classOf(storage);
      if (swapped || dtype === "int64") this.#toNative(this.block(storage));
    }
  }

  #endOf(storage: number): number {
    return this.#graph.offsetOf(storage) + this.#graph.bytesOf(storage);
  }

  /** Small storages near to each other, which one read into the buffer covers. */
  #groupEnd(storages: readonly number[], start: number): number {
    const graph = this.#graph;
    const from = graph.offsetOf(storages[start]);
    let end = start;
    while (
      end < storages.length &&
      graph.bytesOf(storages[end]) <= smallBytes &&
      this.#endOf(storages[end]) - from <= bufferBytes &&
      (end === start ||
        graph.offsetOf(storages[end]) - graph.offsetOf(storages[end - 1]) < 2 * smallBytes)
    ) {
      end++;
    }
    return Math.max(end, start + 1);
  }

  async #readGroup(storages: readonly number[], first: number, end: number): Promise<void> {
    const graph = this.#graph;
    const start = graph.offsetOf(storages[first]);
    const length = this.#endOf(storages[end - 1]) - start;
    const target = new Uint8Array(this.instance.memory.buffer, this.buffer, length);
    await readFully(this.source, target, start, this.signal);
    const bytes = new Uint8Array(this.instance.memory.buffer);
    for (let i = first; i < end; i++) {
      const from = this.buffer + graph.offsetOf(storages[i]) - start;
      bytes.copyWithin(this.addresses[storages[i]], from, from + graph.bytesOf(storages[i]));
    }
  }

  async #readBlock({ offset, byteLength, address }: Block): Promise<void> {
    for (let done = 0; done < byteLength; done += maxRead) {
      const length = Math.min(maxRead, byteLength - done);
      const target = new Uint8Array(this.instance.memory.buffer, address + done, length);
      await readFully(this.source, target, offset + done, this.signal);
    }
  }

  /** Byte order and width of the file → those of JavaScript. */
  #toNative({ dtype, length, byteLength, address }: Block): void {
    const width = byteLength / length;
    this.instance.run((core) => {
      if (this.index.format.byteOrder === "big" && width > 1)
        core.swapElements(address, width, length);
      if (dtype === "int64" && width === 4) core.widenInt32(address, length);
    });
  }

  /** Raw bytes for the one-byte types; numbers as text for all others. */
  async readText(block: Block): Promise<void> {
    const width = dtypeBytes[block.dtype];
    if (width === 1) return this.#readBlock(block);
    const end = block.offset + block.byteLength;
    let kept = 0;
    let done = 0;
    for (let at = block.offset; done < block.length; ) {
      const length = Math.min(bufferBytes - kept, end - at);
      const target = new Uint8Array(this.instance.memory.buffer, this.buffer + kept, length);
      await readFully(this.source, target, at, this.signal);
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
      if (parsed.malformed || (done < block.length && at >= end)) this.#badText(block, at - left);
      new Uint8Array(this.instance.memory.buffer).copyWithin(
        this.buffer,
        this.buffer + parsed.consumed,
        this.buffer + kept + length,
      );
      kept = left;
    }
  }

  #badText(block: Block, offset: number): never {
    throw new T7Error("bad_number", `there is no ${block.dtype} at byte ${offset}`, {
      offset,
      found: "text that is no number of this type",
      expected: `${block.length} numbers`,
      hint: "The file is damaged here, or a text editor changed it.",
    });
  }
}
