/** What the page shows, as its address says it: which file, which value, which panel. Pure. */

import { type Picked, sizeOf } from "./picked.js";

/** Which file an address means. Of a local file it can only keep what it was called. */
export type FileAddress =
  | { kind: "url"; url: string }
  | { kind: "sample"; name: string }
  | { kind: "local"; name: string; size: number };

export interface Address {
  file: FileAddress | null;
  /** Path of the selected value; empty for the root. */
  path: string;
  /** Title of the panel; empty for the one that the page would choose. */
  panel: string;
}

export function fileAddress(picked: Picked): FileAddress {
  if (picked.isSample) return { kind: "sample", name: picked.name };
  if (typeof picked.input === "string") return { kind: "url", url: picked.input };
  return { kind: "local", name: picked.name, size: sizeOf(picked) };
}

export function sameFile(a: FileAddress | null, b: FileAddress | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The address of a view, without the page's own: `?sample=a.t7&panel=Values#root.weight`. */
export function formatAddress({ file, path, panel }: Address): string {
  const query = new URLSearchParams();
  if (file?.kind === "url") query.set("url", file.url);
  if (file?.kind === "sample") query.set("sample", file.name);
  if (file?.kind === "local") {
    query.set("file", file.name);
    query.set("size", String(file.size));
  }
  if (panel !== "") query.set("panel", panel);
  const text = query.toString();
  return (text === "" ? "" : `?${text}`) + (path === "" ? "" : `#${encodeURI(path)}`);
}

/** Reads `search` and `hash` of a location; what is not understood is left out. */
export function parseAddress(search: string, hash: string): Address {
  const query = new URLSearchParams(search);
  return { file: fileOf(query), path: decoded(hash.slice(1)), panel: query.get("panel") ?? "" };
}

function fileOf(query: URLSearchParams): FileAddress | null {
  const [url, sample, name] = ["url", "sample", "file"].map((key) => query.get(key));
  if (url) return { kind: "url", url };
  if (sample) return { kind: "sample", name: sample };
  if (!name) return null;
  const size = Number(query.get("size"));
  return { kind: "local", name, size: Number.isSafeInteger(size) && size > 0 ? size : 0 };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
