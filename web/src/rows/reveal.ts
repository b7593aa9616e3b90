/**
 * From the id of a node to its row, opening what is above it. Ids count occurrences in file order, so
 * the child that holds a node is the last one whose id is not above it.
 */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { isExpandable } from "../words/describe.js";
import type { Pages } from "./pages.js";
import { type Branch, type Place, placeOf, type Rows } from "./rows.js";

/**
 * The place of a node, or of the nearest that shows it where it has no row of its own: the entry
 * whose key it is (or is inside of), the tensor whose storage it is, the object whose fields it holds.
 * Branches on the way are expanded in `rows`. `null` if the file is empty.
 */
export async function revealNode(rows: Rows, pages: Pages, id: number): Promise<Place | null> {
  let branch = rows.top;
  for (;;) {
    const index = await childHolding(pages, branch, id);
    if (index < 0) return (await keyedEntry(pages, { branch, index: 0 })) ?? placeOf(branch);
    const place = { branch, index };
    const node = await pages.load(branch, index);
    if (node.id === id || node.kind === "tensor") return place;
    if (!isExpandable(node) || node.sameAs !== undefined) {
      return (await entryAfter(pages, place)) ?? placeOf(branch) ?? place;
    }
    branch = rows.expand(place, node.id, node.count ?? 0);
  }
}

/** Index of the last child whose id is at most `id`; −1 if there is none. */
async function childHolding(pages: Pages, branch: Branch, id: number): Promise<number> {
  let low = 0;
  let high = branch.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((await pages.load(branch, middle)).id <= id) low = middle + 1;
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
  const node: T7Node = await pages.load(place.branch, place.index);
  return node.key?.startsWith("<") ? place : null;
}
