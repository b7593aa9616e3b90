/** What a node is, in a few words: the right side of a tree row. */

import type { T7Node } from "../../base/api.js";
import { bytes, grouped } from "./numbers.js";
import { oneLine } from "./terminal.js";

const sizes = (shape: readonly number[]) => (shape.length === 0 ? "empty" : shape.join("×"));

/** `float32 64×3×3×3`, `nn.Linear`, `list of 12`, `"adam"` */
export function describe(node: T7Node): string {
  if (node.error) return `${oneLine(node.typename ?? node.kind)}: ${oneLine(node.error.message)}`;
  if (node.kind === "tensor") return `${node.dtype} ${sizes(node.shape ?? [])}`;
  if (node.kind === "storage") return `${node.dtype} storage of ${grouped(node.size ?? 0)}`;
  if (node.kind === "object") return oneLine(node.typename ?? "object");
  return oneLine(node.preview);
}

/** What follows it, dimmer: bytes, an earlier occurrence, doubts. */
export function remarks(node: T7Node): string[] {
  const said: string[] = [];
  if (node.kind === "tensor" && node.byteLength) said.push(bytes(node.byteLength));
  if (node.sameAs !== undefined && node.index !== undefined) said.push(`= #${node.index}`);
  if (node.incomplete) said.push("incomplete");
  if (node.guessed) said.push("layout guessed");
  return said;
}

/** Two siblings with one of these are alike, so that many of them can be folded. */
export function likeness(node: T7Node): string {
  if (node.error || node.incomplete) return `alone ${node.id}`;
  if (node.kind === "object") return `object ${node.typename}`;
  if (node.kind === "tensor") return `tensor ${node.dtype} ${node.shape?.length}`;
  return node.kind;
}

/** `12 × nn.SpatialConvolution`; of tensors and tables the kind alone. */
export function describeMany(count: number, node: T7Node): string {
  const what = node.kind === "object" ? oneLine(node.typename ?? "object") : node.dtype;
  return `${grouped(count)} × ${node.kind === "tensor" ? `${what} tensor` : (what ?? node.kind)}`;
}
