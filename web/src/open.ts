/** Opening a file: from the picker, a drop or the samples to a session, with progress, cancel and errors. */

import { openInWorker } from "../../wasm/js/client.js";
import { problemOf } from "./problem.js";
import { Session } from "./session.js";
import { loading, problem, screen, session } from "./store.js";

/** Opens `blob` in place of the file that is open, which stays if this one cannot be read at all. */
export async function openBlob(blob: Blob, name: string): Promise<void> {
  loading.value?.cancel();
  const controller = new AbortController();
  const cancel = () => controller.abort();
  problem.value = null;
  loading.value = { name, byteLength: blob.size, progress: null, cancel };
  const isCurrent = () => loading.value?.cancel === cancel;
  try {
    const api = await openInWorker(blob, {
      signal: controller.signal,
      onProgress: (progress) => {
        if (isCurrent() && loading.value !== null) loading.value = { ...loading.value, progress };
      },
    });
    if (!isCurrent()) {
      await api.close();
      return;
    }
    if (api.error !== null) problem.value = problemOf(api.error, name);
    if (api.root === null) await api.close();
    else {
      const next: Session = new Session(api, { name, byteLength: blob.size }, (error) => {
        if (session.value === next) fail(error, name);
      });
      show(next);
    }
  } catch (error) {
    if (!isCurrent() || controller.signal.aborted) return;
    fail(error, name);
  } finally {
    if (isCurrent()) loading.value = null;
  }
}

/** Opens a file of the page's own, such as a sample. */
export async function openUrl(url: string, name: string): Promise<void> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    await openBlob(await response.blob(), name);
  } catch (error) {
    fail(error, name);
  }
}

/** Takes the first of some dropped or picked files. */
export function openFiles(files: FileList | null | undefined): void {
  const file = files?.[0];
  if (file !== undefined) void openBlob(file, file.name);
}

/** The system's file dialog. */
export function pickFile(): void {
  const input = document.createElement("input");
  input.type = "file";
  input.addEventListener("change", () => openFiles(input.files));
  input.click();
}

function show(next: Session): void {
  session.value?.close();
  session.value = next;
  screen.value = "tree";
}

function fail(error: unknown, name: string): void {
  problem.value = problemOf(error, name);
}
