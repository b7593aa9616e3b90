/** Walking over a storage by shape and strides. */

/** An array that elements are copied between; both sides hold the same element type. */
interface Elements {
  [index: number]: number | bigint;
  readonly length: number;
  subarray(from: number, to: number): Elements;
  set(source: never, at: number): void;
}

/** From this length on, copying a whole run pays for the call. */
const longRun = 16;

/** True if strides are those of row-major order; a dimension of size 1 can have any. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  let matches = true;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== expected) matches = false;
    expected *= shape[d];
  }
  return matches || expected === 0;
}

/**
 * Fewest dimensions that walk the same elements in the same order: those of size 1 disappear and
 * neighbours that continue each other are merged, so that the inner loop is as long as possible.
 */
export function simplify(
  shape: readonly number[],
  strides: readonly number[],
): [number[], number[]] {
  const sizes: number[] = [];
  const steps: number[] = [];
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && steps[last] === shape[d] * strides[d]) {
      sizes[last] *= shape[d];
      steps[last] = strides[d];
    } else {
      sizes.push(shape[d]);
      steps.push(strides[d]);
    }
  }
  return sizes.length > 0 ? [sizes, steps] : [[1], [1]];
}

/**
 * Copies the elements of a view into `target` in row-major order. The view lies inside `source`
 * (checked by the core) and `target` has the product of the shape.
 */
export function gather(
  source: Elements,
  target: Elements,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): void {
  const [sizes, steps] = simplify(shape, strides);
  const inner = sizes.length - 1;
  const rowLength = sizes[inner];
  const rowStep = steps[inner];
  const index = new Array<number>(inner).fill(0);
  let from = offset;
  for (let to = 0; to < target.length; ) {
    if (rowStep === 1 && rowLength >= longRun) {
      target.set(source.subarray(from, from + rowLength) as never, to);
      to += rowLength;
    } else {
      for (let i = 0, at = from; i < rowLength; i++, at += rowStep) target[to++] = source[at];
    }
    for (let d = inner - 1; d >= 0; d--) {
      from += steps[d];
      if (++index[d] < sizes[d]) break;
      from -= steps[d] * sizes[d];
      index[d] = 0;
    }
  }
}
