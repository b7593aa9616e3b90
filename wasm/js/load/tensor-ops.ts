/** The operations of loaded tensors: over the file's own memory, or over a copy in JavaScript's. */

import type { TensorDifference } from "../base/api.js";
import { dtypeBytes } from "../base/dtype.js";
import { KernelMemory, tileElements } from "../compute/kernel-memory.js";
import {
  gridOf,
  histogramOf,
  indexOf,
  type Measure,
  makeGrid,
  quantilesOf,
  statsOf,
  summaryOf,
} from "../compute/measures.js";
import { isContiguous } from "../compute/strided.js";
import type { Instance } from "../index/instance.js";
import { arrayTypes, type ElementsView, type TensorOps } from "../values/storage.js";

/** Gives the address of elements first … first + count of a view, until it is asked again. */
type Tiles = (first: number, count: number) => number;

/** How the elements of one memory come to a kernel. */
interface Memory {
  buffer(): ArrayBufferLike;
  kernel(): KernelMemory;
  tiles(view: ElementsView): Tiles;
  over(buffer: ArrayBuffer): TensorOps;
}

/** Walks the passes of a measure. */
function walk<T>(measure: Measure<T>, tiles: Tiles): T {
  for (;;) {
    const step = measure.next();
    if (step.done) return step.value;
    const { from, to, use } = step.value;
    for (let first = from; first < to; first += tileElements) {
      const count = Math.min(tileElements, to - first);
      use(tiles(first, count), count, first);
    }
  }
}

function opsOver(memory: Memory): TensorOps {
  const { tiles } = memory;
  const run = <T>(view: ElementsView, make: (kernel: KernelMemory) => Measure<T>): T =>
    walk(make(memory.kernel()), tiles(view));
  return {
    get buffer() {
      return memory.buffer();
    },
    stats: (view) => run(view, (kernel) => statsOf(kernel, view.dtype, view.size)),
    histogram: (view, bins, range) =>
      run(view, (kernel) =>
        histogramOf(kernel, view.dtype, view.size, range === null ? { bins } : { bins, range }),
      ),
    summary: (view) => run(view, (kernel) => summaryOf(kernel, view.dtype, view.size)),
    quantiles: (view, ps) => run(view, (kernel) => quantilesOf(kernel, view.dtype, view.size, ps)),
    grid: (view, options) =>
      run(view, (kernel) => gridOf(kernel, view.dtype, makeGrid(view.shape, options))),
    difference: (view, other, of) => difference(memory, view, other, of),
    tile(view, first, count) {
      const address = tiles(view)(first, count);
      const { buffer } = memory.kernel().instance.memory;
      return new Uint8Array(buffer, address, count * dtypeBytes[view.dtype]);
    },
    over: memory.over,
  };
}

function difference(
  memory: Memory,
  a: ElementsView,
  b: ElementsView,
  of: TensorOps,
): TensorDifference {
  const kernel = memory.kernel();
  const tiles = memory.tiles(a);
  kernel.startDifference();
  for (let first = 0; first < a.size; first += tileElements) {
    const count = Math.min(tileElements, a.size - first);
    // The other one first, and out of the way: both may use the same room.
    const bytes = of.tile(b, first, count);
    new Uint8Array(kernel.instance.memory.buffer, kernel.otherTile).set(bytes);
    kernel.addDifference(a.dtype, tiles(first, count), kernel.otherTile, count);
  }
  const result = kernel.difference();
  return { ...result, at: result.at < 0 ? null : indexOf(result.at, a.shape) };
}

/** Operations on tensors in the memory of an instance. Reserves all they will ever need. */
export function residentOps(instance: Instance, shared: KernelMemory | null): TensorOps {
  let kernel: KernelMemory | undefined = shared === null ? undefined : new KernelMemory(instance);
  const own = () => {
    kernel ??= new KernelMemory(instance);
    return kernel;
  };
  return opsOver({
    buffer: () => instance.memory.buffer,
    kernel: own,
    tiles(view) {
      const width = dtypeBytes[view.dtype];
      if (isContiguous(view.shape, view.strides)) {
        const start = view.address + view.storageOffset * width;
        return (first) => start + first * width;
      }
      return (first, count) => {
        own().gather(view.address, view.dtype, view, first, count);
        return own().tile;
      };
    },
    over: (buffer) => copiedOps(buffer, shared ?? own()),
  });
}

/** Copies elements first … first + target.length of a view, row-major, to `target`. */
function gatherTile(
  stored: ArrayLike<unknown>,
  target: { [i: number]: unknown; length: number },
  { shape, strides, storageOffset }: ElementsView,
  first: number,
): void {
  const index = shape.map(() => 0);
  let position = storageOffset;
  for (let d = shape.length - 1, rest = first; d >= 0; d--) {
    index[d] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
    position += index[d] * strides[d];
  }
  for (let i = 0; i < target.length; i++) {
    target[i] = stored[position];
    for (let d = shape.length - 1; d >= 0; d--) {
      position += strides[d];
      if (++index[d] < shape[d]) break;
      position -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

/** Operations on elements in JavaScript's memory: tiles are brought to a kernel that all share. */
export function copiedOps(buffer: ArrayBuffer, kernel: KernelMemory): TensorOps {
  const { memory } = kernel.instance;
  return opsOver({
    buffer: () => buffer,
    kernel: () => kernel,
    tiles(view) {
      const Type = arrayTypes[view.dtype];
      if (!isContiguous(view.shape, view.strides)) {
        const stored = new Type(buffer, view.address, view.storageLength);
        return (first, count) => {
          gatherTile(stored, new Type(memory.buffer, kernel.tile, count), view, first);
          return kernel.tile;
        };
      }
      const width = dtypeBytes[view.dtype];
      const start = view.address + view.storageOffset * width;
      return (first, count) => {
        const from = new Uint8Array(buffer, start + first * width, count * width);
        new Uint8Array(memory.buffer, kernel.tile).set(from);
        return kernel.tile;
      };
    },
    over: (other) => copiedOps(other, kernel),
  });
}
