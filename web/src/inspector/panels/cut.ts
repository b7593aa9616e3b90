/** A tensor of any number of dimensions cut to a page: one axis down, one across, an index for each other. Pure. */

import type { T7Node, TensorSlice } from "../../../../wasm/js/base/api.js";

export interface Cut {
  down: number;
  /** `null` for tensors of one dimension: a column. */
  across: number | null;
  /** An index for each dimension; those of the two axes mean nothing. */
  at: readonly number[];
}

export type Range = [start: number, end: number];

/** A storage is one long row of elements. */
export const shapeOf = ({ shape, size }: T7Node): readonly number[] => shape ?? [size ?? 0];

/** The last two dimensions, at the beginning of the others. */
export function firstCut(shape: readonly number[]): Cut {
  const at = shape.map(() => 0);
  if (shape.length < 2) return { down: 0, across: null, at };
  return { down: shape.length - 2, across: shape.length - 1, at };
}

/** Whether a cut that was made for another tensor fits this one. */
export const fits = (cut: Cut, shape: readonly number[]): boolean =>
  cut.at.length === shape.length && cut.at.every((index, d) => index < Math.max(1, shape[d] ?? 0));

export const rowsOf = ({ down }: Cut, shape: readonly number[]): number => shape[down] ?? 0;

export const columnsOf = ({ across }: Cut, shape: readonly number[]): number =>
  across === null ? 1 : (shape[across] ?? 0);

/** The part of the tensor behind some rows and columns. */
export function sliceOf(cut: Cut, rows: Range, columns: Range): TensorSlice {
  return cut.at.map((index, d) => (d === cut.down ? rows : d === cut.across ? columns : index));
}

/** Where in such a part the element of a row and a column is; both counted from its corner. */
export function placeOf(
  cut: Cut,
  size: [rows: number, columns: number],
  row: number,
  column: number,
) {
  const isTurned = cut.across !== null && cut.across < cut.down;
  return isTurned ? column * size[0] + row : row * size[1] + column;
}

/** Index of the element in the tensor, from 0. */
export function indexOf(cut: Cut, row: number, column: number): number[] {
  return cut.at.map((index, d) => (d === cut.down ? row : d === cut.across ? column : index));
}

/** The axes after one of the two has been chosen anew: they change places where they would be one. */
export function withAxis(cut: Cut, which: "down" | "across", axis: number): Cut {
  const other = which === "down" ? cut.across : cut.down;
  if (axis !== other) return { ...cut, [which]: axis };
  return { ...cut, down: cut.across ?? cut.down, across: cut.down };
}
