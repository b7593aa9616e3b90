/** The lines under the inspector's title: class, shape, element type, bytes, layout, sharing. Pure. */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { kindName } from "./describe.js";
import { exactBytes, formatBytes, formatCount, formatShape, plural } from "./format.js";

export interface Fact {
  text: string;
  title?: string;
  tone?: "strong" | "warn";
}

export function factsOf(node: T7Node): Fact[] {
  const facts: Fact[] = [{ text: kindName(node), tone: "strong" }];
  if (node.kind === "tensor") facts.push(...tensorFacts(node));
  else if (node.kind === "storage") facts.push(...storageFacts(node));
  else facts.push(...otherFacts(node));
  if (node.index !== undefined) {
    facts.push({ text: `object #${formatCount(node.index)}`, title: "Its number in the file" });
  }
  facts.push({ text: `at byte ${formatCount(node.offset)}`, title: "Where it starts in the file" });
  if (node.incomplete) facts.push({ text: "incomplete: not all of it was read", tone: "warn" });
  if (node.guessed) facts.push({ text: "layout of this class was guessed", tone: "warn" });
  return facts;
}

function tensorFacts(node: T7Node): Fact[] {
  const { shape, size = 0 } = node;
  // The file ends before the shape is known.
  if (shape === undefined) return [];
  const facts: Fact[] = [{ text: size === 0 ? "empty" : formatShape(shape), tone: "strong" }];
  if (node.dtype !== undefined) facts.push({ text: node.dtype });
  facts.push({ text: plural(size, "element") }, bytesFact(node));
  if (size > 0) facts.push(layoutFact(node));
  return [...facts, ...sharingFacts(node)];
}

function layoutFact(node: T7Node): Fact {
  const strides = (node.strides ?? []).map(formatCount).join(", ");
  const title = `Strides in elements: ${strides}`;
  if (node.contiguous) return { text: "contiguous", title };
  return { text: `not contiguous: strides ${strides}`, title };
}

function sharingFacts(node: T7Node): Fact[] {
  const { storage, storageOffset = 0 } = node;
  if (storage === undefined) return [];
  if (storage === null) return [{ text: "no storage" }];
  const facts: Fact[] = [];
  const others = storage.sharedBy - 1;
  if (others > 0) {
    facts.push({ text: `storage shared with ${plural(others, "other", "others")}` });
  }
  if (storage.length > (node.size ?? 0)) {
    const from = storageOffset > 0 ? ` from element ${formatCount(storageOffset)}` : "";
    facts.push({ text: `part of a storage of ${formatCount(storage.length)}${from}` });
  }
  return facts;
}

function storageFacts(node: T7Node): Fact[] {
  const facts: Fact[] = [{ text: plural(node.size ?? 0, "element") }];
  if (node.dtype !== undefined) facts.unshift({ text: node.dtype });
  return [...facts, bytesFact(node)];
}

function otherFacts(node: T7Node): Fact[] {
  const facts: Fact[] = [];
  if (node.version !== undefined && node.version !== null) {
    facts.push({ text: `class version ${node.version}` });
  }
  if (node.kind === "table") {
    facts.push({ text: node.list ? `list of ${formatCount(node.count ?? 0)}` : entries(node) });
  } else if (node.count !== undefined && node.kind !== "function") {
    facts.push({ text: node.kind === "object" ? plural(node.count, "field") : entries(node) });
  }
  if (node.byteLength !== undefined) facts.push(bytesFact(node));
  return facts;
}

const entries = (node: T7Node) => plural(node.count ?? 0, "entry", "entries");

function bytesFact(node: T7Node): Fact {
  const bytes = node.byteLength ?? 0;
  return { text: formatBytes(bytes), title: exactBytes(bytes) };
}
