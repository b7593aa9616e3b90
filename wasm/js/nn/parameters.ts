/** The parameters of a network, as `net:parameters()` of Torch gives them. */

import { bareName } from "./print-rules.js";
import { NnModule, NnTable, type NnTensor } from "./values.js";

/** Fields with parameters, where they are not `weight` and `bias`. */
const ownParameters: Readonly<Record<string, readonly string[]>> = {
  WeightNorm: ["v", "g", "bias"],
  LinearWeightNorm: ["v", "g", "bias"],
  SeqLSTM: ["weight", "bias", "weightO"],
  SeqLSTMP: ["weight", "bias", "weightO"],
  WeightedEuclidean: ["weight", "diagCov"],
};

/** Classes whose modules are kept somewhere else than in `modules`. */
function childrenOf(module: NnModule): NnModule[] {
  const name = bareName(module.typename);
  if (name === "WeightNorm") return [];
  if (name === "PartialLinear") {
    const network = module.module("network");
    return network ? [network] : [];
  }
  const own = module.modules();
  if (name !== "gModule" || own.length > 0) return own;
  const nodes = module.get("forwardnodes");
  if (!(nodes instanceof NnTable)) return [];
  return nodes.list.flatMap((node) => {
    const data = node instanceof NnTable ? node.get("data") : undefined;
    const inner = data instanceof NnTable ? data.get("module") : undefined;
    return inner instanceof NnModule ? [inner] : [];
  });
}

/** Two tensors with one of these are the same parameter. */
const view = ({ node }: NnTensor): string =>
  [node.storage?.id, node.storageOffset, node.shape?.join("x"), node.strides?.join("x")].join(" ");

/** In the order in which Torch has them; what is shared comes once. */
export function parametersBelow(start: NnModule): NnTensor[] {
  const found = new Map<string, NnTensor>();
  const seen = new Set<NnModule>();
  const waiting = [start];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (seen.has(module)) continue;
    seen.add(module);
    const name = bareName(module.typename);
    const names = Object.hasOwn(ownParameters, name) ? ownParameters[name] : undefined;
    for (const field of names ?? ["weight", "bias"]) {
      const tensor = module.tensor(field);
      if (tensor !== undefined && !found.has(view(tensor))) found.set(view(tensor), tensor);
    }
    waiting.push(...childrenOf(module).reverse());
  }
  return [...found.values()];
}
