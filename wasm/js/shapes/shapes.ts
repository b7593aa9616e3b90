/** What is asked about the shapes inside a network in an open file. */

import type { JobOptions, NodeRef, T7FileApi } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { moduleAt } from "../nn/nn.js";
import { type ModuleShape, type NetworkShape, UnknownShape } from "./flow.js";
import { inferInput } from "./infer.js";
import { runNetwork } from "./run.js";

export type { ModuleShape, NetworkShape } from "./flow.js";

export interface ShapesOptions extends JobOptions {
  /** The input's shape, with its batch where there is one; else one is looked for that fits. */
  input?: NetworkShape;
}

/** Shapes and costs of a network. */
export interface NetworkShapes {
  /** `null` where none was given and none can be inferred. */
  input: NetworkShape | null;
  /** True if the input was not given but solved from the layers: one sample, as a batch of 1 where there must be one. */
  inferred: boolean;
  /** `null` where it is not known. */
  output: NetworkShape | null;
  /** Multiplications with an addition in all; `null` where the output is not known. */
  multiplyAdds: number | null;
  /** What is known of each module, in the order in which they are called; those inside one come before it. */
  modules: ModuleShape[];
  /** Where and why it ends, if the output is not known. */
  unknown: { path: string; typename: string; reason: string } | null;
}

/** Sizes of 1 or more, or a list of shapes. */
function isShape(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  if (typeof value[0] !== "number") return value.every(isShape);
  return value.every((size) => Number.isSafeInteger(size) && size >= 1);
}

/**
 * The shape that comes out of each module of a network (a node, its id or its path; `root` unless told), and
 * how many multiply-adds it takes. What Torch would refuse, or a class whose output is not known, is `unknown`.
 * Rejects with `not_a_module`.
 */
export async function shapesOf(
  file: T7FileApi,
  network: NodeRef | string = "root",
  options: ShapesOptions = {},
): Promise<NetworkShapes> {
  const { input } = options;
  if (input !== undefined && !isShape(input)) {
    throw new T7Error("bad_option", "input is no shape", {
      found: String(input),
      expected: "sizes such as [3, 224, 224], or a list of such for a table",
    });
  }
  const module = await moduleAt(file, network, options);
  if (input === undefined) {
    const found = inferInput(module);
    if (found === null) {
      return {
        input: null,
        inferred: false,
        output: null,
        multiplyAdds: null,
        modules: [],
        unknown: {
          path: module.path,
          typename: module.typename,
          reason: "its layers do not tell the size of its input",
        },
      };
    }
    const { output, multiplyAdds, modules } = found.result;
    const all = [...modules.values()];
    return {
      input: found.input,
      inferred: true,
      output,
      multiplyAdds,
      modules: all,
      unknown: null,
    };
  }
  try {
    const { output, multiplyAdds, modules } = runNetwork(module, input);
    const all = [...modules.values()];
    return { input, inferred: false, output, multiplyAdds, modules: all, unknown: null };
  } catch (error) {
    if (!(error instanceof UnknownShape)) throw error;
    const { path, typename, reason, modules } = error;
    return {
      input,
      inferred: false,
      output: null,
      multiplyAdds: null,
      modules: [...modules.values()],
      unknown: { path, typename, reason },
    };
  }
}
