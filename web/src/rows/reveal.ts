/**
 * From the id of a node to its row, opening what is above it. Ids count occurrences in file order, so
 * the child that holds a node is the last one whose id is not above it.
 */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { isExpandable } from "../words/describe.js";
import type { Pages } from "./pages.js";
import { isGroup } from "./parts.js";
import { type Branch, type Place, placeOf, type Rows } from "./rows.js";

/** What the way to a node needs of the tree. */
export interface Tree {
  rows: Rows;
  pages: Pages;
  /** Expands the node at a place, if it is not expanded. */
  open(place: Place, node: T7Node): Promise<Branch>;
}

/**
 * The place of a node, or of the nearest that shows it where it has no row of its own: the entry
 * whose key it is (or is inside of), the tensor whose storage it is, the object whose fields it holds.
 * Branches on the way are expanded. `null` if the file is empty.
 */
export async function revealNode(tree: Tree, id: number): Promise<Place | null> {
  const { rows, pages } = tree;
  let branch = rows.top;
  for (;;) {
    const place = await placeHolding(tree, branch, id);
    if (place === null) return (await keyedEntry(pages, { branch, index: 0 })) ?? placeOf(branch);
    const node = await pages.load(place);
    if (node.id === id || node.kind === "tensor") return place;
    if (!isExpandable(node) || node.sameAs !== undefined) {
      return (await entryAfter(pages, place)) ?? placeOf(branch) ?? place;
    }
    branch = await tree.open(place, node);
  }
}

/** The row below a branch that is a node or holds it; groups on the way are expanded. */
async function placeHolding(tree: Tree, branch: Branch, id: number): Promise<Place | null> {
  const { pages } = tree;
  const parts = branch.parts.flatMap((part) => (isGroup(part) ? part.parts : [part]));
  const own = parts.find((part) => part.id === branch.id);
  if (own === undefined) return null;
  const index = await childHolding(pages, own, id);
  if (index < 0) return null;
  const child = await pages.child(own, index);
  // A list whose entries stand among the rows in its place.
  const list = parts.find((part) => part.id === child.id);
  if (list === undefined || id === child.id) return rowOfChild(tree.rows, branch, own.id, index);
  return rowOfChild(tree.rows, branch, list.id, await childHolding(pages, list, id));
}

/** The row of child number `index` of node `id` below a branch that shows it; its group is expanded. */
export function rowOfChild(rows: Rows, branch: Branch, id: number, index: number): Place | null {
  let row = 0;
  for (const part of branch.parts) {
    if (isGroup(part)) {
      if (part.parts.some((inner) => inner.id === id && isWithin(inner, index))) {
        const group = rows.expand({ branch, index: row }, part.node.id, part.parts);
        return rowOfChild(rows, group, id, index);
      }
    } else if (part.id === id && isWithin(part, index)) {
      return { branch, index: row + index - part.from };
    }
    row += part.rows;
  }
  return null;
}

const isWithin = ({ from, rows }: { from: number; rows: number }, index: number): boolean =>
  index >= from && index < from + rows;

/** Index of the last child whose id is at most `id`; −1 if there is none. */
async function childHolding(
  pages: Pages,
  parent: { id: number; count: number },
  id: number,
): Promise<number> {
  let low = 0;
  let high = parent.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((await pages.child(parent, middle)).id <= id) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The entry whose key comes next in the file after everything in `place`, if it is an object's. */
async function entryAfter(pages: Pages, place: Place): Promise<Place | null> {
  let { branch, index } = place;
  while (index + 1 >= branch.count) {
    if (branch.parent === null) return null;
    ({ parent: branch, index } = branch as Branch & { parent: Branch });
  }
  return keyedEntry(pages, { branch, index: index + 1 });
}

/** The place itself, if its key is an object: `<nn.Linear #12>`. */
async function keyedEntry(pages: Pages, place: Place): Promise<Place | null> {
  if (place.index >= place.branch.count) return null;
  const node: T7Node = await pages.load(place);
  return node.key?.startsWith("<") ? place : null;
}
