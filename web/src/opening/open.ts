/** Opening a file: from the picker, a drop, an address or the samples, with progress, cancel and errors. */

import type { Progress } from "../../../wasm/js/base/api.js";
import { openInWorker } from "../../../wasm/js/worker/client.js";
import { OpenFile } from "../state/open-file.js";
import { type Picked, sizeOf } from "../state/picked.js";
import { infoOf, problemOf, whatHappened } from "../state/problem.js";
import {
  type Loading,
  loadings,
  missing,
  offer,
  openFile,
  openFiles,
  pendingPath,
  problem,
  schemaError,
  screen,
} from "../state/store.js";
import { ownWorker } from "./core.js";
import { remember } from "./recent.js";
import { samples } from "./samples.js";

/**
 * Opens a file beside those that are open, or in place of `replaced`, which stays if this one cannot
 * be read at all. Cancelled, it shows what was read so far.
 */
export async function openPicked(
  picked: Picked,
  replaced: OpenFile | null = null,
): Promise<OpenFile | null> {
  const { input, name, schema } = picked;
  const turn = ++turns;
  const controller = new AbortController();
  const cancel = () => controller.abort();
  // With a schema it is the same file: its banner, in which the schema was typed, stays until then.
  if (schema === "") problem.value = null;
  schemaError.value = "";
  const update = startLoading({ name, byteLength: sizeOf(picked), progress: null, cancel });
  try {
    const options = {
      ...(schema === "" ? {} : { schema }),
      keepPartial: true,
      signal: controller.signal,
      onProgress: (progress: Progress) => update({ progress }),
    };
    const file = await openInWorker(input, options, await ownWorker());
    problem.value = file.error === null ? null : problemOf(file.error, picked);
    if (file.root === null) {
      await file.close();
      return null;
    }
    const next: OpenFile = new OpenFile(file, picked, (error) => {
      if (openFile.value === next) fail(error, picked);
    });
    show(next, replaced, turn);
    void remember(picked);
    return next;
  } catch (error) {
    if (!controller.signal.aborted) fail(error, picked);
    return null;
  } finally {
    update(null);
  }
}

/** Lists a file as being opened; the answer changes what is known of it, or takes it off the list. */
function startLoading(loading: Loading): (change: Partial<Loading> | null) => void {
  let entry = loading;
  loadings.value = [...loadings.value, entry];
  return (change) => {
    const next = change === null ? null : { ...entry, ...change };
    loadings.value = loadings.value.flatMap((other) =>
      other === entry ? (next === null ? [] : [next]) : [other],
    );
    if (next !== null) entry = next;
  };
}

/** Opens one of the page's own files. */
export async function openSample(name: string): Promise<void> {
  const sample = samples.find(({ file }) => file === name);
  if (sample === undefined) {
    problem.value = problemOf(new Error(`there is no sample ${name}`), name);
    return;
  }
  await openPicked({ input: sample.url, name, schema: "", isSample: true });
}

/** Opens a file at an address, reading only the ranges that are needed. */
export async function openAddress(text: string): Promise<void> {
  const address = text.trim();
  let url: URL;
  try {
    url = new URL(address, location.href);
  } catch {
    problem.value = problemOf(new Error("this is no address"), address);
    return;
  }
  const name = decodeURIComponent(url.pathname.split("/").at(-1) || url.hostname);
  await openPicked({ input: url.href, name, schema: "" });
}

/** Shows one of the open files, each as it was left. */
export function switchTo(file: OpenFile | null): void {
  openFile.value = file;
  screen.value = "tree";
}

export function closeFile(file: OpenFile): void {
  const rest = openFiles.value.filter((other) => other !== file);
  openFiles.value = rest;
  if (openFile.value === file) switchTo(rest.at(-1) ?? null);
  file.close();
}

/** Openings are counted: what was asked for last is shown, whichever is ready last. */
let turns = 0;
let shown = 0;

function show(next: OpenFile, replaced: OpenFile | null, turn: number): void {
  const files = openFiles.value;
  openFiles.value = files.includes(replaced as OpenFile)
    ? files.map((file) => (file === replaced ? next : file))
    : [...files, next];
  replaced?.close();
  offer.value = null;
  missing.value = null;
  if (turn < shown) return;
  shown = turn;
  switchTo(next);
  if (pendingPath.value === "") return;
  void next.goTo(pendingPath.value);
  pendingPath.value = "";
}

/** A schema that cannot be read is told where it was typed; all else is the banner's. */
function fail(error: unknown, picked: Picked): void {
  const info = infoOf(error);
  if (info.code === "bad_schema" && picked.schema !== "") schemaError.value = whatHappened(info);
  else problem.value = problemOf(error, picked);
}
