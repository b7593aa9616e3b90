/** What is searched for in the open file, and what was found so far. */

import { signal } from "@preact/signals";
import type { T7Node } from "../../../wasm/js/base/api.js";
import type { OpenFile } from "../state/open-file.js";
import { messageOf } from "../words/format.js";

export interface Hit {
  node: T7Node;
  path: string;
}

/** Hits that are listed: whoever wants more says more of what is wanted. */
export const mostHits = 500;

/** Nothing is asked before this long after the last letter, in milliseconds. */
const patience = 120;

export const query = signal("");
export const hits = signal<readonly Hit[]>([]);
/** The hit that is shown; −1 for none. */
export const current = signal(-1);
export const isSearching = signal(false);
/** What is wrong with the query, or with the file; empty if nothing is. */
export const complaint = signal("");

let stop = new AbortController();
let timer = 0;
/** Enter was pressed before anything was found. */
let isFirstWanted = false;

/** Searches as soon as nobody types any more; an empty query ends the search. */
export function searchFor(file: OpenFile, text: string): void {
  query.value = text;
  stop.abort();
  stop = new AbortController();
  clearTimeout(timer);
  hits.value = [];
  current.value = -1;
  complaint.value = "";
  isFirstWanted = false;
  isSearching.value = text.trim() !== "";
  if (isSearching.value)
    timer = window.setTimeout(() => void run(file, text, stop.signal), patience);
}

async function run(open: OpenFile, text: string, signal_: AbortSignal): Promise<void> {
  const { file } = open;
  try {
    for await (const node of file.find(text, { signal: signal_ })) {
      const path = await file.path(node, { signal: signal_ });
      hits.value = [...hits.value, { node, path }];
      if (isFirstWanted) goToHit(open, 0);
      if (hits.value.length >= mostHits) break;
    }
  } catch (error) {
    if (!signal_.aborted) complaint.value = messageOf(error);
  } finally {
    if (!signal_.aborted) isSearching.value = false;
  }
}

export function endSearch(file: OpenFile): void {
  searchFor(file, "");
}

/** Shows a hit: the way to it is unfolded. The first one also if it is yet to be found. */
export function goToHit(file: OpenFile, at: number): void {
  const hit = hits.value[at];
  isFirstWanted = hit === undefined;
  if (hit === undefined) return;
  current.value = at;
  void file.reveal(hit.node.id);
}
