/** The kernels of loaded tensors: over the file's own memory, or over a copy in JavaScript's. */

import type { TensorHistogram, TensorStats } from "./api.js";
import { dtypeBytes } from "./dtype.js";
import type { Instance } from "./instance.js";
import { Kernel, tileElements } from "./kernels.js";
import type { ElementsView, Kernels } from "./storage.js";
import { isContiguous } from "./strided.js";

/** Gives the address of elements first … first + count of a view. */
type Tiles = (first: number, count: number) => number;

function forTiles(view: ElementsView, add: (address: number, count: number) => void, tiles: Tiles) {
  for (let first = 0; first < view.size; first += tileElements) {
    const count = Math.min(tileElements, view.size - first);
    add(tiles(first, count), count);
  }
}

function stats(kernel: Kernel, view: ElementsView, tiles: Tiles): TensorStats {
  kernel.startStats();
  forTiles(view, (address, count) => kernel.addStats(view.dtype, address, count), tiles);
  return kernel.stats(view.dtype);
}

function histogram(
  kernel: Kernel,
  view: ElementsView,
  bins: number,
  range: [number, number] | null,
  tiles: Tiles,
): TensorHistogram {
  if (range === null) stats(kernel, view, tiles);
  kernel.startHistogram(bins, range ?? kernel.defaultRange());
  forTiles(view, (address, count) => kernel.addHistogram(view.dtype, address, count), tiles);
  return kernel.histogram(bins);
}

/** Kernels for tensors in the memory of an instance. Reserves all they will ever need. */
export function kernelsOf(instance: Instance, shared: Kernel | null): Kernels {
  let kernel: Kernel | undefined = shared === null ? undefined : new Kernel(instance);
  const own = () => (kernel ??= new Kernel(instance));
  const tiles = (view: ElementsView): Tiles => {
    const width = dtypeBytes[view.dtype];
    if (isContiguous(view.shape, view.strides)) {
      const start = view.address + view.storageOffset * width;
      return (first) => start + first * width;
    }
    return (first, count) => {
      own().gather(view.address, view.dtype, view, first, count);
      return own().tile;
    };
  };
  return {
    get buffer() {
      return instance.memory.buffer;
    },
    stats: (view) => stats(own(), view, tiles(view)),
    histogram: (view, bins, range) => histogram(own(), view, bins, range, tiles(view)),
    over: (buffer) => copyKernels(buffer, shared ?? own()),
  };
}

/** Kernels for contiguous copies: tiles are brought to a kernel that all copies share. */
function copyKernels(buffer: ArrayBuffer, kernel: Kernel): Kernels {
  const tiles = (view: ElementsView): Tiles => {
    const width = dtypeBytes[view.dtype];
    return (first, count) => {
      const from = new Uint8Array(
        buffer,
        view.address + (view.storageOffset + first) * width,
        count * width,
      );
      new Uint8Array(kernel.instance.memory.buffer, kernel.tile).set(from);
      return kernel.tile;
    };
  };
  return {
    buffer,
    stats: (view) => stats(kernel, view, tiles(view)),
    histogram: (view, bins, range) => histogram(kernel, view, bins, range, tiles(view)),
    over: (other) => copyKernels(other, kernel),
  };
}
