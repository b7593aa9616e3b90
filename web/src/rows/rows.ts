/**
 * Which rows the tree has: the expanded nodes and what their rows are give the number of rows, the
 * row at an index and the index of a row. Pure: no nodes are fetched here, no DOM is touched, and a
 * list of millions costs nothing until something inside it is expanded.
 */

import { allChildren, type Children, type Group, isGroup, type Part } from "./parts.js";

/** An expanded node. The invisible top holds the file's top-level values. */
export interface Branch {
  /** The node's id; −1 for the top. */
  readonly id: number;
  /** One number for each expansion: an object can be expanded in several places. */
  readonly serial: number;
  readonly parent: Branch | null;
  /** Position among the parent's rows. */
  readonly index: number;
  /** Depth of the branch's rows, from 0. */
  readonly depth: number;
  /** Rows directly below it. */
  readonly count: number;
  /** What they are. */
  readonly parts: readonly Part[];
  /** Rows below this branch, its own row not counted. */
  rows: number;
  /** Its expanded children by index, ascending. */
  open: Branch[];
  /** For each of `open`, the rows of those before it; `null` when out of date. */
  before: number[] | null;
}

/** A row is a place: row number `index` directly below an expanded node. */
export interface Place {
  branch: Branch;
  index: number;
}

export class Rows {
  readonly top: Branch;

  constructor(rootCount: number) {
    this.top = makeBranch(-1, null, 0, allChildren(-1, rootCount));
  }

  get length(): number {
    return this.top.rows;
  }

  /** The place shown in row `row`, which must be less than `length`. */
  at(row: number): Place {
    let branch = this.top;
    let rest = row;
    for (;;) {
      const k = lastOpenAtOrBefore(branch, rest);
      if (k < 0) return { branch, index: rest };
      const child = branch.open[k] as Branch;
      const start = child.index + (offsets(branch)[k] as number);
      if (rest === start) return { branch, index: child.index };
      if (rest > start + child.rows) {
        return { branch, index: rest - (offsets(branch)[k] as number) - child.rows };
      }
      rest -= start + 1;
      branch = child;
    }
  }

  /** The row of a place; the branch must be one of this tree. */
  rowOf(place: Place): number {
    let row = 0;
    let branch: Branch | null = place.branch;
    let index = place.index;
    while (branch !== null) {
      row += index + rowsOfOpenBefore(branch, index);
      index = branch.index;
      if (branch.parent !== null) row += 1;
      branch = branch.parent;
    }
    return row;
  }

  /** The expanded node at a place, if it is expanded. */
  opened(place: Place): Branch | null {
    const k = insertionPoint(place.branch, place.index);
    const found = place.branch.open[k];
    return found !== undefined && found.index === place.index ? found : null;
  }

  expand(place: Place, id: number, parts: readonly Part[]): Branch {
    const existing = this.opened(place);
    if (existing !== null) return existing;
    const branch = makeBranch(id, place.branch, place.index, parts);
    place.branch.open.splice(insertionPoint(place.branch, place.index), 0, branch);
    grow(place.branch, branch.count);
    return branch;
  }

  /** False once a branch above it was collapsed. */
  has(place: Place): boolean {
    let at = place.branch;
    while (at.parent !== null) {
      if (this.opened({ branch: at.parent, index: at.index }) !== at) return false;
      at = at.parent;
    }
    return at === this.top;
  }

  collapse(branch: Branch): void {
    if (branch.parent === null) return;
    const k = insertionPoint(branch.parent, branch.index);
    if (branch.parent.open[k] !== branch) return;
    branch.parent.open.splice(k, 1);
    grow(branch.parent, -branch.rows);
  }
}

/** What stands at a place: a child of a node, or a group of them. */
export function sourceOf({ branch, index }: Place): Group | (Children & { rows: 1 }) {
  let rest = index;
  for (const part of branch.parts) {
    if (rest < part.rows)
      return isGroup(part) ? part : { ...part, from: part.from + rest, rows: 1 };
    rest -= part.rows;
  }
  throw new RangeError(`no row ${index}`);
}

/** Where an expanded node itself stands; the top stands nowhere. */
export function placeOf({ parent, index }: Branch): Place | null {
  return parent === null ? null : { branch: parent, index };
}

/** True if `place` lies somewhere below `branch`. */
export function isBelow(place: Place, branch: Branch): boolean {
  for (let at: Branch | null = place.branch; at !== null; at = at.parent) {
    if (at === branch) return true;
  }
  return false;
}

let lastSerial = 0;

function makeBranch(
  id: number,
  parent: Branch | null,
  index: number,
  parts: readonly Part[],
): Branch {
  const depth = parent === null ? 0 : parent.depth + 1;
  lastSerial += 1;
  const serial = lastSerial;
  const count = parts.reduce((sum, part) => sum + part.rows, 0);
  return { id, serial, parent, index, depth, count, parts, rows: count, open: [], before: null };
}

function grow(branch: Branch, rows: number): void {
  for (let at: Branch | null = branch; at !== null; at = at.parent) {
    at.rows += rows;
    at.before = null;
  }
}

function offsets(branch: Branch): number[] {
  if (branch.before === null) {
    let sum = 0;
    branch.before = branch.open.map((child) => {
      const start = sum;
      sum += child.rows;
      return start;
    });
  }
  return branch.before;
}

/** Index in `open` of the last expanded child whose own row is at `row` or before; −1 for none. */
function lastOpenAtOrBefore(branch: Branch, row: number): number {
  const before = offsets(branch);
  return (
    bisect(branch.open.length, (k) => {
      return (branch.open[k] as Branch).index + (before[k] as number) <= row;
    }) - 1
  );
}

function rowsOfOpenBefore(branch: Branch, index: number): number {
  const k = insertionPoint(branch, index);
  if (k === 0) return 0;
  return (offsets(branch)[k - 1] as number) + (branch.open[k - 1] as Branch).rows;
}

function insertionPoint(branch: Branch, index: number): number {
  return bisect(branch.open.length, (k) => (branch.open[k] as Branch).index < index);
}

/** The number of leading entries for which `holds`; it must hold for a prefix. */
export function bisect(length: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
