/** The files that were opened last, where the browser keeps handles of files: kept on this computer only. */

import { signal } from "@preact/signals";
import { get, set } from "idb-keyval";
import type { Picked } from "../state/picked.js";

export interface Recent {
  name: string;
  handle: FileSystemFileHandle;
}

const key = "recent";
const kept = 8;

/** The last one first. */
export const recentFiles = signal<readonly Recent[]>([]);

/** Storage may be refused, as in a private window: then nothing is remembered. */
export async function readRecent(): Promise<void> {
  recentFiles.value = (await get<Recent[]>(key).catch(() => undefined)) ?? [];
}

export async function remember({ handle, name }: Picked): Promise<void> {
  if (handle === undefined) return;
  const others: Recent[] = [];
  for (const recent of recentFiles.value) {
    if (!(await recent.handle.isSameEntry(handle))) others.push(recent);
  }
  recentFiles.value = [{ name, handle }, ...others].slice(0, kept);
  await set(key, recentFiles.value).catch(() => undefined);
}

/** The file behind a handle, once the user allows it; `null` if that is refused. */
export async function fileOf(handle: FileSystemFileHandle): Promise<File | null> {
  // Not in TypeScript's library yet: https://wicg.github.io/file-system-access/
  const asking = handle as FileSystemFileHandle & {
    requestPermission?: (options: { mode: "read" }) => Promise<PermissionState>;
  };
  const allowed = (await asking.requestPermission?.({ mode: "read" })) ?? "granted";
  return allowed === "granted" ? handle.getFile() : null;
}
