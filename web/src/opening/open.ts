/** Opening a file: from the picker, a drop or the samples to an open file, with progress, cancel and errors. */

import { openInWorker } from "../../../wasm/js/worker/client.js";
import { OpenFile } from "../state/open-file.js";
import type { Picked } from "../state/picked.js";
import { infoOf, problemOf, whatHappened } from "../state/problem.js";
import { loading, openFile, problem, schemaError, screen } from "../state/store.js";

/**
 * Opens a file in place of the one that is open, which stays if this one cannot be read at all.
 * Cancelled, it shows what was read so far.
 */
export async function openPicked(picked: Picked): Promise<void> {
  loading.value?.cancel();
  const { blob, name, schema } = picked;
  const controller = new AbortController();
  const cancel = () => controller.abort();
  // With a schema it is the same file: its banner, in which the schema was typed, stays until then.
  if (schema === "") problem.value = null;
  schemaError.value = "";
  loading.value = { name, byteLength: blob.size, progress: null, cancel };
  const isCurrent = () => loading.value?.cancel === cancel;
  try {
    const api = await openInWorker(blob, {
      ...(schema === "" ? {} : { schema }),
      keepPartial: true,
      signal: controller.signal,
      onProgress: (progress) => {
        if (isCurrent() && loading.value !== null) loading.value = { ...loading.value, progress };
      },
    });
    if (!isCurrent()) {
      await api.close();
      return;
    }
    problem.value = api.error === null ? null : problemOf(api.error, picked);
    if (api.root === null) await api.close();
    else {
      const next: OpenFile = new OpenFile(api, picked, (error) => {
        if (openFile.value === next) fail(error, picked);
      });
      show(next);
    }
  } catch (error) {
    if (!isCurrent() || controller.signal.aborted) return;
    fail(error, picked);
  } finally {
    if (isCurrent()) loading.value = null;
  }
}

/** Opens a file of the page's own, such as a sample. */
export async function openUrl(url: string, name: string): Promise<void> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    await openPicked({ blob: await response.blob(), name, schema: "" });
  } catch (error) {
    problem.value = problemOf(error, name);
  }
}

/** Takes the first of some dropped or picked files. */
export function openFiles(files: FileList | null | undefined): void {
  const file = files?.[0];
  if (file !== undefined) void openPicked({ blob: file, name: file.name, schema: "" });
}

/** The system's file dialog. */
export function pickFile(): void {
  const input = document.createElement("input");
  input.type = "file";
  input.addEventListener("change", () => openFiles(input.files));
  input.click();
}

function show(next: OpenFile): void {
  openFile.value?.close();
  openFile.value = next;
  screen.value = "tree";
}

/** A schema that cannot be read is told where it was typed; all else is the banner's. */
function fail(error: unknown, picked: Picked): void {
  const info = infoOf(error);
  if (info.code === "bad_schema" && picked.schema !== "") schemaError.value = whatHappened(info);
  else problem.value = problemOf(error, picked);
}
