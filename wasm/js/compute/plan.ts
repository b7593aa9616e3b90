/**
 * In which pieces the elements of a strided view are read, and where each piece goes: boxes that
 * follow each other in the view's own order, cut into steps that follow the storage. Pure: data in,
 * data out; elements.ts does the reading.
 */

import { simplify } from "./strided.js";

/** Which storage elements a view takes, in elements of the storage. */
export interface Layout {
  storageOffset: number;
  shape: readonly number[];
  strides: readonly number[];
}

/** A block of a view whose elements follow each other in row-major order. */
export interface Box extends Layout {
  /** Elements: the product of the shape. */
  count: number;
}

/** A view without the dimensions that do nothing, so that boxes are as large as can be. */
export function flatten(view: Layout): Layout {
  const [shape, strides] = simplify(view.shape, view.strides);
  return { storageOffset: view.storageOffset, shape, strides };
}

/** The largest box of at most `room` elements that starts with element `first` of a flat view. */
export function boxAt(view: Layout, first: number, room: number): Box {
  const { shape, strides } = view;
  const index = new Array<number>(shape.length);
  let storageOffset = view.storageOffset;
  for (let d = shape.length - 1, rest = first; d >= 0; d--) {
    index[d] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
    storageOffset += index[d] * strides[d];
  }
  let d = shape.length - 1;
  let inner = 1;
  while (d > 0 && index[d] === 0 && inner * shape[d] <= room) inner *= shape[d--];
  const length = Math.min(shape[d] - index[d], Math.floor(room / inner));
  return {
    count: length * inner,
    storageOffset,
    shape: [length, ...shape.slice(d + 1)],
    strides: strides.slice(d),
  };
}

/** What is cheap to read. */
export interface ReadLimits {
  /** Elements that one step may read. */
  maxElements: number;
  /** Elements that are cheaper read than skipped. */
  maxGap: number;
}

/** `runs` runs of `length` storage elements, the first at `low`, each `distance` further. */
export interface Runs {
  low: number;
  length: number;
  runs: number;
  distance: number;
}

/** Runs are put behind each other; from there the elements go to their places in the box. */
export interface Step extends Runs {
  /** Largest stride of the storage first. */
  shape: number[];
  /** Where in the runs, in elements. */
  from: number[];
  /** Where in the box; these can be negative. */
  to: number[];
  toStart: number;
}

interface Dimension {
  size: number;
  /** In the storage, never negative. */
  stride: number;
  /** In the box, counted in its elements. */
  to: number;
}

/** The dimensions of a box by stride, smallest first, with none that runs backward. */
function sorted(box: Layout): { dimensions: Dimension[]; low: number; toStart: number } {
  const dimensions: Dimension[] = [];
  let low = box.storageOffset;
  let toStart = 0;
  let to = 1;
  for (let d = box.shape.length - 1; d >= 0; d--) {
    const size = box.shape[d];
    const stride = box.strides[d];
    if (stride < 0) {
      low += (size - 1) * stride;
      toStart += (size - 1) * to;
    }
    if (size > 1) dimensions.push({ size, stride: Math.abs(stride), to: stride < 0 ? -to : to });
    to *= size;
  }
  dimensions.sort((a, b) => a.stride - b.stride);
  return { dimensions, low, toStart };
}

/** The steps that bring all elements of a box, in the order of the storage where that is possible. */
export function* stepsOf(box: Layout, { maxElements, maxGap }: ReadLimits): Generator<Step> {
  const { dimensions, low, toStart } = sorted(box);
  let length = 1;
  let split = 0;
  for (; split < dimensions.length; split++) {
    const { size, stride } = dimensions[split];
    const grown = (size - 1) * stride + length;
    if (stride - length > maxGap || grown > maxElements) break;
    length = grown;
  }
  const inner = dimensions.slice(0, split).reverse();
  const shape = inner.map(({ size }) => size);
  const from = inner.map(({ stride }) => stride);
  const to = inner.map((dimension) => dimension.to);
  if (split === dimensions.length) {
    yield { low, length, runs: 1, distance: 0, shape, from, to, toStart };
    return;
  }
  const middle = dimensions[split];
  const joined = middle.stride - length <= maxGap;
  const fitting = joined
    ? Math.floor((maxElements - length) / middle.stride) + 1
    : Math.floor(maxElements / length);
  const group = Math.max(1, Math.min(middle.size, fitting));
  for (const outer of positions(dimensions.slice(split + 1), low, toStart)) {
    for (let i = 0; i < middle.size; i += group) {
      const count = Math.min(group, middle.size - i);
      yield {
        low: outer.low + i * middle.stride,
        length: joined ? (count - 1) * middle.stride + length : length,
        runs: joined ? 1 : count,
        distance: middle.stride,
        shape: [count, ...shape],
        from: [joined ? middle.stride : length, ...from],
        to: [middle.to, ...to],
        toStart: outer.toStart + i * middle.to,
      };
    }
  }
}

/** Every combination of indices of the outer dimensions, largest stride outside. */
function* positions(
  dimensions: Dimension[],
  low: number,
  toStart: number,
): Generator<{ low: number; toStart: number }> {
  const index = new Array<number>(dimensions.length).fill(0);
  for (;;) {
    yield { low, toStart };
    let d = 0;
    for (; d < dimensions.length; d++) {
      const { size, stride, to } = dimensions[d];
      low += stride;
      toStart += to;
      if (++index[d] < size) break;
      low -= size * stride;
      toStart -= size * to;
      index[d] = 0;
    }
    if (d === dimensions.length) return;
  }
}
