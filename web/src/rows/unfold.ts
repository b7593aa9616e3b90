/**
 * What is unfolded of a file when it opens: the modules of networks and small records, level by
 * level, until the window is about full. Long lists, tensors and plain fields stay as they are.
 */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { isContainer, isExpandable, isLayer } from "../words/describe.js";
import { isGroup, type Part } from "./parts.js";
import type { Tree } from "./reveal.js";
import { type Branch, type Place, sourceOf } from "./rows.js";

/** What unfolding needs of an open file. */
interface Unfoldable extends Tree {
  readonly selection: { peek(): unknown };
  partsOf(node: T7Node): Promise<readonly Part[]>;
}

/** Tables with more entries are not unfolded. */
const mostEntries = 50;

/** Unfolds below the root until there are about `budget` rows, or somebody moves or opens a row. */
export async function unfold(openFile: Unfoldable, budget: number): Promise<void> {
  const { rows, selection } = openFile;
  const start = selection.peek();
  let length = rows.length;
  const isLeftAlone = (): boolean =>
    openFile.rows === rows && selection.peek() === start && rows.length === length;
  const layers: Place[] = [];

  const open = async (place: Place, node: T7Node): Promise<Branch | null> => {
    const wanted = await openFile.partsOf(node);
    const more = wanted.reduce((sum, part) => sum + part.rows, 0);
    if (!isLeftAlone() || rows.length + more > budget) return null;
    const branch = await openFile.open(place, node);
    length = rows.length;
    return branch;
  };

  if (rows.length >= budget) return;
  let level = rows.top.open;
  while (level.length > 0 && isLeftAlone()) {
    const found = await candidates(openFile, level);
    layers.push(...found.layers);
    const next: Branch[] = [];
    for (const { place, node } of [...found.containers, ...found.records]) {
      if (!isLeftAlone()) return;
      const branch = await open(place, node);
      if (branch !== null) next.push(branch);
    }
    level = next;
  }
  for (const place of layers) {
    if (!isLeftAlone()) return;
    const node = await openFile.pages.load(place);
    // One without parameters has nothing to show but plain fields.
    if ((await openFile.partsOf(node)).some(isGroup)) await open(place, node);
  }
}

interface Candidate {
  place: Place;
  node: T7Node;
}

/** What could be unfolded directly below some branches, in the order of the rows. */
async function candidates(openFile: Unfoldable, branches: Branch[]) {
  const containers: Candidate[] = [];
  const records: Candidate[] = [];
  const layers: Place[] = [];
  for (const branch of branches) {
    for (let index = 0; index < Math.min(branch.count, mostEntries); index += 1) {
      const place = { branch, index };
      if (isGroup(sourceOf(place))) continue;
      const node = await openFile.pages.load(place);
      if (node.sameAs !== undefined || node.incomplete || !isExpandable(node)) continue;
      if (isContainer(node)) containers.push({ place, node });
      else if (isLayer(node)) layers.push(place);
      else if (isSmallRecord(node)) records.push({ place, node });
    }
  }
  return { containers, records, layers };
}

const isSmallRecord = ({ kind, list, count = 0 }: T7Node): boolean =>
  (kind === "table" || kind === "hash") && list !== true && count <= mostEntries;
