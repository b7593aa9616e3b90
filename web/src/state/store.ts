/** The state of the page. Views read it; the functions of `opening/` and the views' handlers change it. */

import { signal } from "@preact/signals";
import type { Progress } from "../../../wasm/js/base/api.js";
import type { FileAddress } from "./address.js";
import type { OpenFile } from "./open-file.js";
import type { Problem } from "./problem.js";

/** A file that is being opened. */
export interface Loading {
  name: string;
  byteLength: number;
  progress: Progress | null;
  cancel: () => void;
}

/** All open files, in the order of opening. */
export const openFiles = signal<readonly OpenFile[]>([]);

/** The one that is shown; `null` is the empty state. */
export const openFile = signal<OpenFile | null>(null);

/** The files that are being opened, the last one last. */
export const loadings = signal<readonly Loading[]>([]);

/** What the banner says; `null` hides it. */
export const problem = signal<Problem | null>(null);

/** What is wrong with the schema that was typed; empty if nothing is. */
export const schemaError = signal("");

/** Title of the panel used last: it stays open when another tensor is selected. */
export const panel = signal("Histogram");

/** Bins (0: as many as the elements deserve) and count axis of the histogram, kept while moving through the tree. */
export const histogramBins = signal(0);
export const histogramLog = signal(false);

/** On a narrow window tree and inspector are two screens. */
export const screen = signal<"tree" | "detail">("tree");

/** A file inside a folder or an archive that was dropped. */
export interface Offered {
  /** With the folders that it lies in. */
  name: string;
  /** In bytes. */
  size: number;
  open: () => Promise<void>;
}

/** What a folder or an archive holds, to choose from; `null` when nothing is to be chosen. */
export const offer = signal<{ from: string; files: Offered[]; more: number } | null>(null);

/** A local file that the address names and that the browser cannot open by itself. */
export const missing = signal<(FileAddress & { kind: "local" }) | null>(null);

/** Where to go in the next file that opens: the path that the address names. */
export const pendingPath = signal("");
