/** The state of the page. Views read it; the functions of `open.ts` and the views' handlers change it. */

import { signal } from "@preact/signals";
import type { Progress } from "../../../wasm/js/base/api.js";
import type { OpenFile } from "./open-file.js";
import type { Problem } from "./problem.js";

/** A file that is being opened. */
export interface Loading {
  name: string;
  byteLength: number;
  progress: Progress | null;
  cancel: () => void;
}

/** The open file; `null` is the empty state. */
export const openFile = signal<OpenFile | null>(null);

export const loading = signal<Loading | null>(null);

/** What the banner says; `null` hides it. */
export const problem = signal<Problem | null>(null);

/** What is wrong with the schema that was typed; empty if nothing is. */
export const schemaError = signal("");

/** Title of the panel used last: it stays open when another tensor is selected. */
export const panel = signal("Histogram");

/** Bins and count axis of the histogram, kept while moving through the tree. */
export const histogramBins = signal(128);
export const histogramLog = signal(false);

/** On a narrow window tree and inspector are two screens. */
export const screen = signal<"tree" | "detail">("tree");
