/**
 * What the entries of a table are: networks, curves, settings, vocabularies, pictures, texts. Small
 * recognisers, each of which looks at one entry and at most a few of what it holds.
 */

import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import { listText, recordText } from "../../rows/hints.js";
import { isContainer, isLayer } from "../../words/describe.js";
import { picturesOf } from "./pixels.js";

/** What is shown of an entry, by what it is. */
export type Card =
  | { is: "network"; node: T7Node; networks: T7Node[] }
  | { is: "curve"; node: T7Node; x: number[]; y: number[]; count: number }
  | { is: "settings"; node: T7Node; entries: T7Node[] }
  | { is: "names"; node: T7Node; text: string }
  | { is: "picture"; node: T7Node }
  | { is: "tensor"; node: T7Node }
  | { is: "text"; node: T7Node; text: string }
  | { is: "table"; node: T7Node; text: string }
  | { is: "value"; node: T7Node }
  | { is: "other"; node: T7Node };

/** Entries of a table that are looked at; the tree has the others. */
export const mostCards = 60;
/** Entries of what is in the table that are looked at. */
const looked = 16;
/** Numbers of the longest curve that is drawn here. */
const mostPoints = 20_000;
const shortText = 40;
/** Of the longest string that is read for its first words. */
const mostBytes = 65_536;
/** Pixels across and down of what is worth drawing as a picture. */
const smallest = 16;

/** A card for each entry, the most telling first. */
export async function cardsOf(api: T7FileApi, table: T7Node, signal: AbortSignal): Promise<Card[]> {
  const entries = await api.children(table, 0, mostCards, { signal });
  const cards: Card[] = [];
  for (const entry of entries) cards.push(await cardOf(api, entry, signal));
  const rank = ({ is }: Card) => order.indexOf(is);
  return cards.sort((a, b) => rank(a) - rank(b));
}

const order: Card["is"][] = [
  ...(["value", "network", "curve", "picture", "tensor"] as const),
  ...(["settings", "names", "text", "table", "other"] as const),
];

async function cardOf(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Card> {
  if (node.incomplete || node.error !== undefined) return { is: "other", node };
  switch (node.kind) {
    case "nil":
    case "boolean":
    case "number":
    case "integer":
      return { is: "value", node };
    case "string":
      return stringCard(api, node, signal);
    case "tensor":
      return tensorCard(api, node, signal);
    case "table":
    case "hash":
    case "vec":
      return tableCard(api, node, signal);
    default:
      return isContainer(node) || isLayer(node)
        ? { is: "network", node, networks: [node] }
        : { is: "other", node };
  }
}

async function stringCard(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Card> {
  const bytes = node.byteLength ?? 0;
  if (bytes <= shortText) return { is: "value", node };
  const value = bytes <= mostBytes ? await api.value(node, { signal }) : null;
  return { is: "text", node, text: typeof value === "string" ? value.slice(0, 400) : node.preview };
}

async function tensorCard(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Card> {
  const { shape = [], size = 0, dtype = "" } = node;
  const pictures = picturesOf(node);
  if (
    pictures !== null &&
    (dtype === "uint8" || pictures.channels === 3) &&
    Math.min(pictures.height, pictures.width) >= smallest
  )
    return { is: "picture", node };
  const isCurve = shape.length === 1 && size >= 8 && size <= mostPoints;
  if (!isCurve || !/loss|err|acc|score|history|curve/i.test(node.key ?? ""))
    return { is: "tensor", node };
  const y = Array.from((await api.read(node, [], { signal })) as Iterable<number>, Number);
  return { is: "curve", node, x: y.map((_, at) => at + 1), y, count: size };
}

async function tableCard(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Card> {
  const count = node.count ?? 0;
  if (count === 0) return { is: "other", node };
  const first = await api.children(node, 0, looked, { signal });
  const networks = first.filter((entry) => isContainer(entry) || isLayer(entry));
  if (networks.length > 0) return { is: "network", node, networks };
  if (count >= 3 && first.every(({ kind }) => kind === "number"))
    return (await seriesCard(api, node, first, signal)) ?? namesCard(node, first);
  const isList = node.list === true || node.kind === "vec";
  const isNames = first.every(({ kind }) => kind === "string" || kind === "number");
  if (isNames && (isList || count > looked)) return namesCard(node, first);
  const isPlain = ({ kind }: T7Node) => ["boolean", "number", "integer", "string"].includes(kind);
  if (!isList && count <= 50 && first.filter(isPlain).length * 2 > first.length)
    return { is: "settings", node, entries: first };
  const more = count > first.length;
  return { is: "table", node, text: isList ? listText(first, more) : recordText(first, more) };
}

/** Numbers one after the other, or by the step that is their key. */
async function seriesCard(
  api: T7FileApi,
  node: T7Node,
  first: T7Node[],
  signal: AbortSignal,
): Promise<Card | null> {
  const isList = node.list === true || node.kind === "vec";
  if (!isList && !first.every((entry) => Number.isFinite(stepOf(entry)))) return null;
  const count = Math.min(node.count ?? 0, mostPoints);
  const points: [number, number][] = [];
  for (let from = 0; from < count; from += 5000) {
    const entries = await api.children(node, from, Math.min(count, from + 5000), { signal });
    for (const [at, entry] of entries.entries()) {
      if (typeof entry.value !== "number") continue;
      points.push([isList ? from + at + 1 : stepOf(entry), entry.value]);
    }
  }
  if (!isList) points.sort(([a], [b]) => a - b);
  return {
    is: "curve",
    node,
    x: points.map(([step]) => step),
    y: points.map(([, value]) => value),
    count: node.count ?? 0,
  };
}

/** `[1000]` → 1000; NaN for a key that is no number. */
const stepOf = ({ key = "" }: T7Node): number =>
  key.startsWith("[") && !key.startsWith('["') ? Number(key.slice(1, -1)) : Number.NaN;

function namesCard(node: T7Node, first: T7Node[]): Card {
  const isList = node.list === true || node.kind === "vec";
  const words = first.map((entry) => {
    const text = entry.preview;
    return isList ? text : `${entry.key} → ${text}`;
  });
  return { is: "names", node, text: words.join(", ") };
}

/** What a table with such cards is, in a word; empty where nothing tells. */
export function kindOf(cards: readonly Card[]): string {
  const has = (is: Card["is"]) => cards.some((card) => card.is === is);
  const isTrained = cards.some(
    ({ is, node }) =>
      is === "curve" || /^(epoch|iter|iteration|step|optim|optimState|opt)$/i.test(node.key ?? ""),
  );
  if (has("network")) return isTrained ? "checkpoint" : "table with a network";
  if (has("picture")) return "pictures and what belongs to them";
  if (has("curve")) return "log of numbers";
  return cards.every(({ is }) => is === "value") ? "settings" : "";
}
