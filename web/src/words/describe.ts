/** What a tree row says about a node: its key, its class or type, and the one fact that matters. Pure. */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { formatBytes, formatCount, formatShape } from "./format.js";

export interface RowText {
  key: string;
  /** Class or type; empty where the fact says it all (`list of 12`, `"adam"`). */
  type: string;
  fact: string;
  /** What stands at the right edge; empty for tensors, which have a sparkline there. */
  size: string;
  /** How it is drawn: values are read, structure is quiet, empty things are grey. */
  tone: "value" | "structure" | "empty";
}

/** The name of a top-level value: `root`, then `roots[2]`, `roots[3]` … as in paths. */
export function rootName(index: number): string {
  return index === 0 ? "root" : `roots[${index + 1}]`;
}

export function describe(node: T7Node, index: number): RowText {
  const key = node.key ?? rootName(index);
  return { key, ...describers[node.kind](node) };
}

/**
 * True if the row can be opened. Back-references too, as far down as one likes: the first place of an
 * object may be inside a key, which has no row.
 */
export function isExpandable(node: T7Node): boolean {
  return (node.count ?? 0) > 0;
}

/** The type or class in full: `torch.FloatTensor`, `table`, `number`. */
export function kindName(node: T7Node): string {
  if (node.typename !== undefined) return node.typename;
  return kindNames[node.kind];
}

/** Where a type name is cut for a row: the last part is what differs. */
function shortClass(node: T7Node): string {
  const name = node.typename ?? kindNames[node.kind];
  return name.length > 60 ? `…${name.slice(-59)}` : name;
}

type Described = Omit<RowText, "key">;

const kindNames: Record<T7Node["kind"], string> = {
  nil: "nil",
  boolean: "boolean",
  number: "number",
  integer: "integer",
  string: "string",
  table: "table",
  object: "object",
  tensor: "tensor",
  storage: "storage",
  function: "function",
  hash: "tds.Hash",
  vec: "tds.Vec",
  bytes: "bytes",
};

const describers: Record<T7Node["kind"], (node: T7Node) => Described> = {
  nil: scalar,
  boolean: scalar,
  number: scalar,
  integer: scalar,
  string: describeString,
  table: describeTable,
  hash: describeTable,
  vec: describeTable,
  object: describeObject,
  tensor: describeTensor,
  storage: describeStorage,
  function: describeBytes,
  bytes: describeBytes,
};

function scalar(node: T7Node): Described {
  return { type: "", fact: node.preview, size: "", tone: node.kind === "nil" ? "empty" : "value" };
}

function describeString(node: T7Node): Described {
  const bytes = node.byteLength ?? 0;
  const tone = bytes === 0 ? "empty" : "value";
  return { type: "", fact: node.preview, size: bytes > 40 ? formatBytes(bytes) : "", tone };
}

function describeTable(node: T7Node): Described {
  const tone = (node.count ?? 0) === 0 ? "empty" : "structure";
  const type = node.kind === "table" ? "" : shortClass(node);
  return { type, fact: withoutPrefix(node.preview, type), size: "", tone };
}

function describeObject(node: T7Node): Described {
  const type = shortClass(node);
  return { type, fact: withoutPrefix(node.preview, type), size: "", tone: "structure" };
}

function describeTensor(node: T7Node): Described {
  const type = node.dtype ?? "tensor";
  if (node.shape === undefined) return { type, fact: "", size: "", tone: "structure" };
  if ((node.size ?? 0) === 0) return { type: `empty ${type}`, fact: "", size: "", tone: "empty" };
  return { type, fact: formatShape(node.shape ?? []), size: "", tone: "value" };
}

function describeStorage(node: T7Node): Described {
  const type = `${node.dtype ?? ""} storage`.trim();
  const { size } = node;
  if (size === undefined) return { type, fact: "", size: "", tone: "structure" };
  if (size === 0) return { type: `empty ${type}`, fact: "", size: "", tone: "empty" };
  return { type, fact: formatCount(size), size: formatBytes(node.byteLength ?? 0), tone: "value" };
}

function describeBytes(node: T7Node): Described {
  const size = node.byteLength === undefined ? "" : formatBytes(node.byteLength);
  const type = node.kind === "function" ? "function" : shortClass(node);
  return { type, fact: "", size, tone: "structure" };
}

/** A preview that only repeats the type says nothing new. */
function withoutPrefix(preview: string, type: string): string {
  if (type === "" || !preview.startsWith(type)) return preview;
  return preview.slice(type.length).trim();
}

/** A layer of a network; criteria are none. */
export const isLayer = ({ kind, typename = "" }: T7Node): boolean =>
  kind === "object" && /^(nn|cudnn)\.(?!.*Criterion$)/.test(typename);

/** A layer that holds others: printing one would print all of them. */
export const isContainer = (node: T7Node): boolean =>
  isLayer(node) && containers.test(node.typename ?? "");

const containers =
  /\.(Sequential|Concat|ConcatTable|Parallel|ParallelTable|DepthConcat|gModule|Inception|DataParallelTable|Sequencer|Bi\w+|Seq\w+|Rec\w+|LSTM|FastLSTM|GRU|\w*Bottle|MapTable|Decorator|Container)$/;
