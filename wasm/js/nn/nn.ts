/** What is asked about networks in an open file. */

import type { JobOptions, NodeRef, T7FileApi, T7Node } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { walk } from "../open/walk.js";
import { parametersBelow } from "./parameters.js";
import { printed } from "./print.js";
import { NnModule, snapshot } from "./values.js";

/** Packages of Torch whose classes are modules, criteria aside. */
const packages = /^(nn|nnx|cudnn|cunn|inn|fbnn|stn|ccn2|w2nn|onmt|autograd\.nn)\.(?!.*Criterion$)/;

export const isModule = ({ kind, typename = "" }: T7Node): boolean =>
  kind === "object" && packages.test(typename);

/** The outermost modules below a value: itself, or those in its tables. */
export async function networksBelow(
  file: T7FileApi,
  start: T7Node,
  { signal }: JobOptions,
): Promise<Array<{ path: string; node: T7Node }>> {
  const found: Array<{ path: string; node: T7Node }> = [];
  for await (const { path, node } of walk(file, start, signal, (visit) => !isModule(visit.node))) {
    if (isModule(node) && node.sameAs === undefined) found.push({ path, node });
  }
  return found;
}

/** The module at a node, its id or its path. Rejects with `not_a_module`. */
export async function moduleAt(
  file: T7FileApi,
  value: NodeRef | string,
  { signal }: JobOptions,
): Promise<NnModule> {
  const path = typeof value === "string" ? value : await file.path(value);
  const node = typeof value === "object" ? value : await file.node(path, { signal });
  const found = node === null ? "nothing" : node.preview;
  if (node?.kind === "object") {
    const module = await snapshot(file, node, signal);
    if (module instanceof NnModule) return module;
  }
  throw new T7Error("not_a_module", `${path} is no module but ${found}`, {
    path,
    found,
    expected: "an object of a Torch class",
    hint: "Often the network is in a field, such as root.model.",
  });
}

/**
 * A module as text, as `print(module)` of Torch gives it (`docs/format.md` § Printing).
 * Rejects with `not_a_module`, `cyclic_network` or, beyond 16 MiB of text, `too_large`.
 */
export async function printModule(
  file: T7FileApi,
  module: NodeRef | string = "root",
  options: JobOptions = {},
): Promise<string> {
  return printed(await moduleAt(file, module, options));
}

export interface Parameter {
  /** Where it is first met. */
  path: string;
  node: T7Node;
}

/** The parameters of a module, as `module:parameters()` of Torch gives them; shared ones once. */
export async function parametersOf(
  file: T7FileApi,
  module: NodeRef | string = "root",
  options: JobOptions = {},
): Promise<Parameter[]> {
  return parametersBelow(await moduleAt(file, module, options)).map(({ path, node }) => ({
    path,
    node,
  }));
}
