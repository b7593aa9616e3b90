/**
 * For `open`: the elements of tensors whose payload stays in the source, fetched tile by tile into
 * a fixed piece of memory. Memory does not grow with the tensor.
 */

import type { T7Format } from "../base/api.js";
import { type Dtype, dtypeBytes } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { type KernelMemory, tileElements } from "../compute/kernel-memory.js";
import type { Pass } from "../compute/measures.js";
import { boxAt, flatten, type Layout, type Runs, stepsOf } from "../compute/plan.js";
import { isContiguous } from "../compute/strided.js";
import type { Graph } from "../index/graph.js";
import { readFully, type Source } from "../source/source-types.js";
import type { Job } from "./jobs.js";
import { TextElements } from "./text-elements.js";

/** A strided view of a storage object of the graph. */
export interface View extends Layout {
  dtype: Dtype;
  /** Object id of the storage. */
  storage: number;
}

export function viewSize(view: Layout): number {
  return view.shape.reduce((product, length) => product * length, 1);
}

/** Elements in the order of a view that is not contiguous, until they make whole tiles. */
const boxBytes = 3 * 2 ** 20;
/** What is read at once for such a view. */
const runBytes = 2 ** 19;
const defaultGap = 2 ** 16;

/** Large runs are read this much at once, and as many pieces ahead while the first is worked on. */
const pieceBytes = 2 ** 22;
const pieces = 4;

/** Elements first … first + count of a view; they are at the address until the next tile is asked for. */
export interface Tile {
  address: number;
  count: number;
  first: number;
}

/** Reads tiles of views into the memory of a kernel. */
export class TileReader {
  readonly #graph: Graph;
  readonly #source: Source;
  readonly #kernel: KernelMemory;
  readonly #format: T7Format;
  readonly #tile: number;
  readonly #text: TextElements;
  /** Box and runs; reserved when the first view needs it. */
  #box = 0;
  /** Rooms for pieces, not in use. JavaScript's memory: that of the core never shrinks. */
  readonly #spare: Uint8Array[] = [];

  /** `tile` is memory of the kernel's instance for one tile. */
  constructor(graph: Graph, source: Source, format: T7Format, kernel: KernelMemory, tile: number) {
    this.#graph = graph;
    this.#source = source;
    this.#kernel = kernel;
    this.#format = format;
    this.#tile = tile;
    this.#text = new TextElements(graph, source, kernel.instance);
  }

  /** Gives the memory back; the reader must not be used any more. */
  release(): void {
    this.#text.release();
    if (this.#box !== 0) this.#kernel.instance.run((core) => core.release(this.#box));
  }

  /** Walks a pass: `use` gets each tile in order. */
  async walk(view: View, { from, to, use }: Pass, job: Job): Promise<void> {
    for await (const { address, count, first } of this.tiles(view, from, to, job)) {
      use(address, count, first);
      job.advance(count);
      if (job.isSliceOver) await job.yieldThread();
    }
  }

  /** Elements from … to in row-major order: tiles of 65,536 and a rest. */
  tiles(view: View, from: number, to: number, job: Job): AsyncGenerator<Tile> {
    if (viewSize(view) > Number.MAX_SAFE_INTEGER) {
      throw new T7Error("too_large", `${view.shape.join("×")} elements cannot be counted`, {
        found: `${viewSize(view)} elements`,
        expected: "less than 2^53",
      });
    }
    if (!isContiguous(view.shape, view.strides)) return this.#boxTiles(view, from, to, job);
    if (to - from <= tileElements || this.#source.memory || this.#isText(view)) {
      return this.#runTiles(view, from, to, job);
    }
    return this.#pieceTiles(view, from, to, job);
  }

  /** Tiles of pieces that are read beside each other, and while those before are worked on. */
  async *#pieceTiles(view: View, from: number, to: number, job: Job): AsyncGenerator<Tile> {
    const extent = this.#graph.extent(view.storage);
    const width = extent.byteLength / extent.length;
    const pieceElements = pieceBytes / width;
    const ahead: Array<{ first: number; bytes: Uint8Array; read: Promise<void> }> = [];
    let next = from;
    const begin = () => {
      const length = Math.min(pieceElements, to - next) * width;
      const bytes = (this.#spare.pop() ?? new Uint8Array(pieceBytes)).subarray(0, length);
      const offset = extent.offset + (view.storageOffset + next) * width;
      const read = readFully(this.#source, bytes, offset, job.signal);
      // Its failure is told when its turn comes.
      read.catch(() => {});
      ahead.push({ first: next, bytes, read });
      next += length / width;
    };
    try {
      for (;;) {
        while (next < to && ahead.length < pieces) begin();
        const piece = ahead.at(0);
        if (piece === undefined) return;
        await piece.read;
        const tileBytes = tileElements * width;
        for (let done = 0; done < piece.bytes.length; done += tileBytes) {
          const tile = piece.bytes.subarray(done, done + tileBytes);
          new Uint8Array(this.#kernel.instance.memory.buffer).set(tile, this.#tile);
          const count = tile.length / width;
          this.#convert(view, width, this.#tile, count);
          yield { address: this.#tile, count, first: piece.first + done / width };
        }
        ahead.shift();
        this.#spare.push(new Uint8Array(piece.bytes.buffer));
      }
    } finally {
      // What is still being written to is not used again before.
      await Promise.allSettled(ahead.map(({ read }) => read));
    }
  }

  async *#runTiles(view: View, from: number, to: number, job: Job): AsyncGenerator<Tile> {
    const address = this.#tile;
    for (let first = from; first < to; first += tileElements) {
      const count = Math.min(tileElements, to - first);
      const low = view.storageOffset + first;
      await this.#read(view, { low, length: count, runs: 1, distance: 0 }, address, job);
      yield { address, count, first };
    }
  }

  /** Fills the box with boxes of the view until there are whole tiles in it. */
  async *#boxTiles(view: View, from: number, to: number, job: Job): AsyncGenerator<Tile> {
    const { instance } = this.#kernel;
    if (this.#box === 0) this.#box = instance.allocate(boxBytes + runBytes);
    const width = dtypeBytes[view.dtype];
    const capacity = boxBytes / width;
    const flat = flatten(view);
    let read = from;
    let held = 0;
    for (let first = from; first < to; ) {
      // A little room that is left is not worth a walk over the storage.
      while (read < to && (held < tileElements || held < capacity / 2)) {
        const box = boxAt(flat, read, Math.min(capacity - held, to - read));
        await this.#readBox(view, box, this.#box + held * width, job);
        read += box.count;
        held += box.count;
      }
      let address = this.#box;
      while (held >= tileElements || (held > 0 && read === to)) {
        const count = Math.min(tileElements, held);
        yield { address, count, first };
        first += count;
        held -= count;
        address += count * width;
      }
      const end = address + held * width;
      new Uint8Array(instance.memory.buffer).copyWithin(this.#box, address, end);
    }
  }

  async #readBox(view: View, box: Layout, target: number, job: Job): Promise<void> {
    const width = dtypeBytes[view.dtype];
    const text = this.#isText(view);
    const gap = (this.#source.gapBytes ?? defaultGap) / width;
    const maxElements = runBytes / width;
    // In text the elements between two runs are parsed all the same.
    const limits = { maxElements, maxGap: text ? tileElements : Math.floor(gap) };
    const runs = this.#box + boxBytes;
    for (const step of stepsOf(box, limits)) {
      await this.#read(view, step, runs, job);
      this.#kernel.place(step, view.dtype, runs, target);
      if (job.isSliceOver) await job.yieldThread();
    }
  }

  #isText({ dtype }: View): boolean {
    return this.#format.encoding === "ascii" && dtypeBytes[dtype] > 1;
  }

  /** The runs of storage elements, native and aligned, behind each other to `target`. */
  async #read(view: View, run: Runs, target: number, job: Job): Promise<void> {
    const { low, length, runs, distance } = run;
    if (this.#isText(view)) {
      const bytes = length * dtypeBytes[view.dtype];
      for (let i = 0; i < runs; i++) {
        const first = low + i * distance;
        await this.#text.read(view.storage, view.dtype, first, length, target + i * bytes, job);
      }
      return;
    }
    const extent = this.#graph.extent(view.storage);
    const width = extent.byteLength / extent.length;
    const { instance } = this.#kernel;
    for (let i = 0; i < runs; i++) {
      const at = target + i * length * width;
      const bytes = new Uint8Array(instance.memory.buffer, at, length * width);
      const offset = extent.offset + (low + i * distance) * width;
      await readFully(this.#source, bytes, offset, job.signal);
      if (job.isSliceOver) await job.yieldThread();
    }
    this.#convert(view, width, target, length * runs);
  }

  /** Makes elements at an address, `width` bytes wide in the file, native. */
  #convert(view: View, width: number, address: number, count: number): void {
    this.#kernel.instance.run((core) => {
      if (this.#format.byteOrder === "big" && width > 1) core.swapElements(address, width, count);
      if (view.dtype === "int64" && width === 4) core.widenInt32(address, count);
    });
  }
}
