/** What was dropped or picked: files, folders and archives. Folders and archives are offered by name. */

import { problemOf } from "../state/problem.js";
import { type Offered, offer, problem } from "../state/store.js";
import { openPicked } from "./open.js";

/** More would be a page of its own. */
const offeredFiles = 500;
/** Entries of a folder that are looked at: somebody may drop a whole disk. */
const lookedAt = 20_000;

/** Names that `torch.save` was given most. */
export const looksLikeTorch = (name: string) =>
  /\.(t7b?|t7\.gz|th|net|model|torch|bin|dat|caffemodel|ascii|asc)$/i.test(name);

const isArchive = (name: string) => /\.zip$/i.test(name);

/** Files of a picker, or of a drop that has no entries. */
export function openAll(files: Iterable<File>): void {
  for (const file of files) void openOne(file);
}

async function openOne(file: File, handle?: FileSystemFileHandle): Promise<void> {
  if (isArchive(file.name)) return offerArchive(file);
  const picked = { input: file, name: file.name, schema: "" };
  await openPicked(handle === undefined ? picked : { ...picked, handle });
}

/** Takes everything that was dropped. What it holds must be asked for before the event ends. */
export function takeDrop(transfer: DataTransfer | null): void {
  if (transfer === null) return;
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const parts = items.map((item) => ({
    entry: item.webkitGetAsEntry?.() ?? null,
    file: item.getAsFile(),
    handle: handleOf(item),
  }));
  for (const { entry, file, handle } of parts) {
    if (entry?.isDirectory) void offerFolder(entry as FileSystemDirectoryEntry);
    else if (file !== null) void handle.then((known) => openOne(file, known));
  }
}

/** The handle with which a file can be opened again on another day, where the browser has them. */
async function handleOf(item: DataTransferItem): Promise<FileSystemFileHandle | undefined> {
  const giving = item as DataTransferItem & {
    getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
  };
  try {
    const handle = await giving.getAsFileSystemHandle?.();
    return handle?.kind === "file" ? (handle as FileSystemFileHandle) : undefined;
  } catch {
    return undefined;
  }
}

async function offerFolder(folder: FileSystemDirectoryEntry): Promise<void> {
  try {
    const files = (await filesBelow(folder)).filter(({ name }) => looksLikeTorch(name));
    const offered = await Promise.all(files.slice(0, offeredFiles).map(offeredFile));
    showOffer(folder.name, offered, files.length - offered.length);
  } catch (error) {
    problem.value = problemOf(error, folder.name);
  }
}

async function filesBelow(top: FileSystemDirectoryEntry): Promise<FileSystemFileEntry[]> {
  const files: FileSystemFileEntry[] = [];
  const folders = [top];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const reader = folder.createReader();
    for (;;) {
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (entries.length === 0) break;
      for (const entry of entries) {
        if (entry.isDirectory) folders.push(entry as FileSystemDirectoryEntry);
        else files.push(entry as FileSystemFileEntry);
      }
      seen += entries.length;
      if (seen > lookedAt) return files;
    }
  }
  return files;
}

async function offeredFile(entry: FileSystemFileEntry): Promise<Offered> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  return { name: entry.fullPath.replace(/^\//, ""), size: file.size, open: () => openOne(file) };
}

async function offerArchive(file: File): Promise<void> {
  try {
    const { entriesOf } = await import("./archive.js");
    const entries = (await entriesOf(file)).filter(({ name }) => looksLikeTorch(name));
    const offered = entries.slice(0, offeredFiles).map(({ name, size, extract }) => ({
      name,
      size,
      open: async () => {
        try {
          const input = await extract();
          await openPicked({ input, name: name.split("/").at(-1) ?? name, schema: "" });
        } catch (error) {
          problem.value = problemOf(error, `${file.name}: ${name}`);
        }
      },
    }));
    showOffer(file.name, offered, entries.length - offered.length);
  } catch (error) {
    problem.value = problemOf(error, file.name);
  }
}

/** One file is opened at once; of several the user chooses. */
function showOffer(from: string, files: Offered[], more: number): void {
  const [only] = files;
  if (only === undefined) {
    const error = new Error("no .t7 file is inside");
    problem.value = problemOf(error, from);
  } else if (files.length === 1) void only.open();
  else {
    const inOrder = new Intl.Collator(undefined, { numeric: true }).compare;
    offer.value = { from, files: files.sort((a, b) => inOrder(a.name, b.name)), more };
  }
}
