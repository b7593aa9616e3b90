/** Which tensors are only other views of elements that are written anyway. */

import { isContiguous } from "../compute/strided.js";
import { shapeOf, sizeOf } from "./blocks.js";
import type { NamedTensor } from "./tensors.js";

/** A view of a written tensor's elements, taken as one row. */
export interface Alias {
  of: string;
  /** Of the first element, in elements of `of`. */
  storageOffset: number;
  shape: number[];
  /** In elements. */
  strides: number[];
}

export interface Sharing {
  written: NamedTensor[];
  aliases: Map<string, Alias>;
}

/** Where a tensor lies in its storage: elements `low` … `high`, the end left out. */
interface Extent {
  tensor: NamedTensor;
  low: number;
  high: number;
  strides: number[];
  straight: boolean;
}

function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

function extentOf(tensor: NamedTensor): Extent {
  const { node } = tensor;
  const shape = shapeOf(node);
  const strides = node.strides ?? rowMajor(shape);
  const low = node.storageOffset ?? 0;
  const last = shape.reduce((sum, length, d) => sum + (length - 1) * strides[d], low);
  return { tensor, low, high: last + 1, strides, straight: isContiguous(shape, strides) };
}

/** The storage that a tensor views, or that the node is. */
const storageOf = ({ node }: NamedTensor): number | undefined =>
  node.kind === "storage" ? (node.sameAs ?? node.id) : node.storage?.id;

const sameView = ({ tensor, low, strides }: Extent) =>
  `${low} ${shapeOf(tensor.node).join(",")} ${strides.join(",")}`;

/**
 * Of tensors that share a storage those are written that lie in no other one whose elements follow
 * each other; the others become views of these.
 */
export function sharingOf(tensors: readonly NamedTensor[]): Sharing {
  const byStorage = new Map<number, Extent[]>();
  const aliases = new Map<string, Alias>();
  for (const tensor of tensors) {
    const storage = storageOf(tensor);
    if (storage === undefined || sizeOf(tensor.node) === 0) continue;
    const group = byStorage.get(storage) ?? [];
    if (group.length === 0) byStorage.set(storage, group);
    group.push(extentOf(tensor));
  }
  for (const group of byStorage.values()) findAliases(group, aliases);
  return { written: tensors.filter(({ name }) => !aliases.has(name)), aliases };
}

/** In order of their beginnings, the longest first: what holds a view has come before it. */
function findAliases(group: Extent[], aliases: Map<string, Alias>): void {
  group.sort((a, b) => a.low - b.low || b.high - a.high || Number(b.straight) - Number(a.straight));
  let reaching: Extent | null = null;
  const views = new Map<string, Extent>();
  for (const extent of group) {
    const whole: Extent | undefined =
      reaching !== null && reaching.high >= extent.high ? reaching : views.get(sameView(extent));
    if (whole === undefined) {
      if (extent.straight) reaching = extent;
      else views.set(sameView(extent), extent);
      continue;
    }
    const shape = shapeOf(extent.tensor.node);
    const isSame = whole !== reaching;
    aliases.set(extent.tensor.name, {
      of: whole.tensor.name,
      storageOffset: isSame ? 0 : extent.low - whole.low,
      shape,
      strides: isSame ? rowMajor(shape) : extent.strides,
    });
  }
}
