/**
 * The address says what the page shows, and the browser's history goes through it: a file that is
 * opened and a jump are entries of their own, moving through the tree is not.
 */

import { effect } from "@preact/signals";
import { openAddress, openSample, switchTo } from "../opening/open.js";
import {
  type Address,
  fileAddress,
  formatAddress,
  parseAddress,
  sameFile,
} from "../state/address.js";
import type { OpenFile } from "../state/open-file.js";
import { missing, openFile, openFiles, panel, pendingPath, screen } from "../state/store.js";

/** Browsers refuse to note more than some hundred addresses in half a minute. */
const noteAfterMs = 300;

/** Numbers the open files, so that an entry of the history finds its own again. */
const numbers = new WeakMap<OpenFile, number>();
let lastNumber = 0;

function numberOf(file: OpenFile): number {
  const known = numbers.get(file) ?? ++lastNumber;
  numbers.set(file, known);
  return known;
}

/** What an entry of the history keeps beside its address. */
interface Entry {
  file: number;
  screen: "tree" | "detail";
}

let noted: { file: OpenFile | null; jumps: number; screen: string } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
/** While an entry is being gone to, what changes is not noted as something new. */
let going = false;

/** Follows the address, and keeps it right from now on. Opens what the page's address names. */
export function startHistory(): void {
  window.addEventListener("popstate", (event) => void goTo(event.state as Entry | null));
  const first = parseAddress(location.search, location.hash);
  noted = { file: null, jumps: 0, screen: "tree" };
  effect(() => {
    const file = openFile.value;
    const jumps = file?.jumps.value ?? 0;
    const selected = file?.selection.value;
    note(file, jumps, screen.value, selected?.node.id, panel.value);
  });
  if (first.file !== null) void openNamed(first);
}

function note(file: OpenFile | null, jumps: number, shown: string, ..._also: unknown[]): void {
  document.title = file === null ? "torchfile" : `${file.picked.name} – torchfile`;
  if (noted === null) return;
  const isNew = file !== noted.file || jumps > noted.jumps || shown !== noted.screen;
  const isStart = noted.file === null && file === null;
  noted = { file, jumps, screen: shown };
  clearTimeout(timer);
  if (isStart) return;
  if (isNew && !going) {
    history.pushState(entryOf(file), "", addressOf(file, ""));
  }
  timer = setTimeout(() => void writeAddress(file), isNew ? 0 : noteAfterMs);
}

const entryOf = (file: OpenFile | null): Entry => ({
  file: file === null ? 0 : numberOf(file),
  screen: screen.peek(),
});

function addressOf(file: OpenFile | null, path: string): string {
  const named: Address = { file: file === null ? null : fileAddress(file.picked), path, panel: "" };
  if (file !== null && panel.peek() !== "Histogram") named.panel = panel.peek();
  const text = formatAddress(named);
  return text === "" ? location.pathname : text;
}

/** Writes the path of what is selected; a file that is closed meanwhile has none. */
async function writeAddress(file: OpenFile | null): Promise<void> {
  const node = file?.selection.peek()?.node;
  const path = node === undefined ? "" : await file?.file.path(node).catch(() => "");
  if (openFile.peek() !== file) return;
  history.replaceState(entryOf(file), "", addressOf(file, path === "root" ? "" : (path ?? "")));
}

/** Shows what an entry of the history shows. */
async function goTo(entry: Entry | null): Promise<void> {
  const address = parseAddress(location.search, location.hash);
  const files = openFiles.peek();
  const file =
    files.find((open) => numbers.get(open) === entry?.file) ??
    files.find((open) => sameFile(fileAddress(open.picked), address.file));
  going = true;
  try {
    if (address.panel !== "") panel.value = address.panel;
    if (file !== undefined) {
      switchTo(file);
      screen.value = entry?.screen ?? "tree";
      await file.goTo(address.path === "" ? "root" : address.path);
    } else if (address.file === null) switchTo(null);
    else await openNamed(address);
  } finally {
    if (noted !== null) noted.jumps = openFile.peek()?.jumps.peek() ?? 0;
    going = false;
  }
}

/** Opens the file of an address, or says which one to open where the page may not. */
async function openNamed({ file, path, panel: title }: Address): Promise<void> {
  if (title !== "") panel.value = title;
  pendingPath.value = path;
  if (file?.kind === "url") await openAddress(file.url);
  else if (file?.kind === "sample") await openSample(file.name);
  else {
    switchTo(null);
    missing.value = file;
  }
}
