/**
 * For `open`: the elements of tensors whose payload stays in the source, fetched tile by tile into
 * a fixed piece of memory. Memory does not grow with the tensor.
 */

import type { T7Format } from "./api.js";
import { type Dtype, dtypeBytes, dtypes } from "./dtype.js";
import { T7Error } from "./errors.js";
import type { Graph } from "./graph.js";
import { type Kernel, tileElements } from "./kernels.js";
import { checkAborted, readFully, type Source } from "./reading.js";
import { isContiguous } from "./strided.js";

/** A strided view of a storage object of the graph. */
export interface View {
  dtype: Dtype;
  /** Object id of the storage. */
  storage: number;
  /** In elements, from 0. */
  storageOffset: number;
  shape: readonly number[];
  strides: readonly number[];
}

export function viewSize(view: View): number {
  return view.shape.reduce((product, length) => product * length, 1);
}

/** Storage elements that are fetched at once for a view that is not contiguous. */
const spanElements = 2 ** 19;
const textBytes = 2 ** 18;

/** Reads tiles of views into the memory of a kernel. */
export class ElementReader {
  readonly #graph: Graph;
  readonly #source: Source;
  readonly #kernel: Kernel;
  readonly #format: T7Format;
  #span = 0;
  #text = 0;

  constructor(graph: Graph, source: Source, kernel: Kernel, format: T7Format) {
    this.#graph = graph;
    this.#source = source;
    this.#kernel = kernel;
    this.#format = format;
  }

  /** Calls `use` for each tile of a view, in order; the elements are at `address` during the call. */
  async forTiles(
    view: View,
    use: (address: number, count: number, first: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const size = viewSize(view);
    for (let first = 0; first < size; first += tileElements) {
      checkAborted(signal);
      const count = Math.min(tileElements, size - first);
      await this.#fetch(view, first, count, signal);
      use(this.#kernel.tile, count, first);
    }
  }

  async #fetch(view: View, first: number, count: number, signal?: AbortSignal): Promise<void> {
    if (isContiguous(view.shape, view.strides)) {
      await this.#run(view, view.storageOffset + first, count, this.#kernel.tile, signal);
      return;
    }
    const { low, high } = spanOf(view, first, count);
    if (high - low < spanElements) {
      const span = this.#spanMemory();
      await this.#run(view, low, high - low + 1, span, signal);
      const moved = { ...view, storageOffset: view.storageOffset - low };
      this.#kernel.gather(span, view.dtype, moved, first, count);
      return;
    }
    // The elements of a tile lie far apart: halves, until they do not, or until it is one row.
    await this.#scattered(view, first, count, signal);
  }

  async #scattered(view: View, first: number, count: number, signal?: AbortSignal): Promise<void> {
    const width = dtypeBytes[view.dtype];
    const target = this.#kernel.tile;
    const span = this.#spanMemory();
    const stack: Array<[from: number, length: number]> = [[first, count]];
    while (stack.length > 0) {
      checkAborted(signal);
      const [from, length] = stack.pop() as [number, number];
      const { low, high } = spanOf(view, from, length);
      if (high - low >= spanElements) {
        const half = Math.floor(length / 2);
        stack.push([from + half, length - half], [from, half]);
        continue;
      }
      await this.#run(view, low, high - low + 1, span, signal);
      const moved = { ...view, storageOffset: view.storageOffset - low };
      this.#kernel.gather(span, view.dtype, moved, from, length, target + (from - first) * width);
    }
  }

  #spanMemory(): number {
    if (this.#span === 0) this.#span = this.#kernel.instance.allocate(spanElements * 8);
    return this.#span;
  }

  /** Storage elements first … first + count, native and aligned, to `target`. */
  async #run(
    view: View,
    first: number,
    count: number,
    target: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { offset, length, byteLength } = this.#graph.extent(view.storage);
    if (this.#format.encoding === "ascii" && dtypeBytes[view.dtype] > 1) {
      return this.#textRun(view, first, count, target, signal);
    }
    const width = byteLength / length;
    const { instance } = this.#kernel;
    const bytes = new Uint8Array(instance.memory.buffer, target, count * width);
    await readFully(this.#source, bytes, offset + first * width, signal);
    instance.run((core) => {
      if (this.#format.byteOrder === "big" && width > 1) core.swapElements(target, width, count);
      if (view.dtype === "int64" && width === 4) core.widenInt32(target, count);
    });
  }

  /** ASCII numbers: from the nearest place that the sparse index knows. */
  async #textRun(
    view: View,
    first: number,
    count: number,
    target: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { offset, byteLength } = this.#graph.extent(view.storage);
    const width = dtypeBytes[view.dtype];
    const { instance } = this.#kernel;
    if (this.#text === 0) this.#text = instance.allocate(textBytes + tileElements * 8);
    const discard = this.#text + textBytes;
    const step = Math.floor(first / tileElements);
    let skip = first - step * tileElements;
    let done = 0;
    let kept = 0;
    const end = offset + byteLength;
    let at = this.#graph.textMark(view.storage, step);
    while (done < count) {
      checkAborted(signal);
      const length = Math.min(textBytes - kept, end - at);
      const bytes = new Uint8Array(instance.memory.buffer, this.#text + kept, length);
      await readFully(this.#source, bytes, at, signal);
      at += length;
      let from = 0;
      const parse = (out: number, wanted: number) => {
        const parsed = instance.run((core) =>
          core.parseNumbers(
            this.#text + from,
            kept + length - from,
            at >= end,
            dtypes.indexOf(view.dtype),
            out,
            wanted,
          ),
        );
        if (parsed.malformed) this.#badText(view, at - (kept + length - from - parsed.consumed));
        from += parsed.consumed;
        return parsed.count;
      };
      if (skip > 0) skip -= parse(discard, skip);
      if (skip === 0) done += parse(target + done * width, count - done);
      if (at >= end && done < count) this.#badText(view, at);
      const left = kept + length - from;
      new Uint8Array(instance.memory.buffer).copyWithin(
        this.#text,
        this.#text + from,
        this.#text + kept + length,
      );
      kept = left;
    }
  }

  #badText(view: View, offset: number): never {
    throw new T7Error("bad_number", `there is no ${view.dtype} at byte ${offset}`, {
      offset,
      found: "text that is no number of this type",
      expected: "a number",
      hint: "The file is damaged here, or a text editor changed it.",
    });
  }
}

/** The lowest and highest storage element that elements first … first + count touch. */
function spanOf(view: View, first: number, count: number): { low: number; high: number } {
  const { shape, strides } = view;
  let low = view.storageOffset;
  let high = view.storageOffset;
  // Indices of the first and last element; below the dimension where they differ, all occur.
  let from = first;
  let to = first + count - 1;
  let block = shape.reduce((product, length) => product * length, 1);
  let same = true;
  for (let d = 0; d < shape.length; d++) {
    block /= shape[d];
    const a = Math.floor(from / block);
    const b = Math.floor(to / block);
    from -= a * block;
    to -= b * block;
    const ends = same ? [a * strides[d], b * strides[d]] : [0, (shape[d] - 1) * strides[d]];
    low += Math.min(ends[0], ends[1]);
    high += Math.max(ends[0], ends[1]);
    if (a !== b) same = false;
  }
  return { low, high };
}
