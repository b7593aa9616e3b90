/** From a node to the elements it stands for, or to the reason why there are none. */

import { T7Error } from "../base/errors.js";
import { Flag, Kind, none } from "../index/graph.js";
import { pathText } from "../index/locate.js";
import type { Tree } from "../index/tree.js";
import type { View } from "./elements.js";
import type { NodeMaker } from "./nodes.js";

/** The elements of a tensor or storage; throws if it is something else or unusable. */
export function viewOf(tree: Tree, nodes: NodeMaker, id: number): View {
  const { graph } = tree;
  const kind = graph.kind(id);
  const node = nodes.make(id);
  if (kind !== Kind.tensor && kind !== Kind.storage) {
    throw new T7Error("not_a_tensor", `this is a ${node.kind}, not a tensor`, {
      path: pathText(tree, id),
      found: node.kind,
      expected: "a tensor or storage",
    });
  }
  const object = graph.ref(id);
  const storage = kind === Kind.tensor ? graph.storageOf(object) : object;
  const error = node.error ?? nodes.errorOf(storage);
  if (error !== undefined) throw T7Error.fromJSON(error);
  if (node.incomplete || (storage !== none && graph.has(storage, Flag.incomplete))) {
    throw new T7Error("truncated", "the elements of this tensor are not all in the file", {
      path: pathText(tree, id),
      offset: node.offset,
      hint: "Get the file again: it is incomplete.",
    });
  }
  const { dtype } = graph.classOf(object);
  if (kind === Kind.storage) {
    const { length } = graph.extent(storage);
    return { dtype, storage, shape: [length], strides: [1], storageOffset: 0 };
  }
  return { dtype, storage, ...graph.view(object) };
}
