/** What is gathered while a network becomes code: parameters and their names, helpers, classes, what has no twin. */

import { T7Error } from "../base/errors.js";
import type { NnModule, NnTensor } from "../nn/values.js";
import { reservedNames } from "./helpers.js";

/** A parameter or buffer as the weights file has it. */
export interface NamedParameter {
  /** As `state_dict()` names it. */
  name: string;
  tensor: NnTensor;
  shape: number[];
  /** Old batch normalization: running_var of running_std and this eps. */
  deviation?: number;
}

export interface Unsupported {
  path: string;
  typename: string;
  reason: string;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const shapeText = (shape: readonly number[]) => shape.join("×") || "none";

export class CodeWriter {
  readonly parameters: NamedParameter[] = [];
  /** Names that stand for a parameter which has another name already. */
  readonly ties: Array<[name: string, first: string]> = [];
  readonly helpers = new Set<string>();
  readonly classes: string[] = [];
  readonly functions: string[] = [];
  /** Statements before the network, for modules that are in several places. */
  readonly statements: string[] = [];
  readonly unsupported: Unsupported[] = [];
  readonly names = new Set<string>(reservedNames);
  private readonly byView = new Map<string, string>();

  /** Uses a helper, which has this name in Python too. */
  helper(name: string): string {
    this.helpers.add(name);
    return name;
  }

  /**
   * Gives a tensor the name `name`, if the field has one with elements. Throws `bad_network` where its
   * shape is not `shape`; the same elements in fewer dimensions are taken.
   */
  parameter(module: NnModule, field: string, name: string, shape: number[]): boolean {
    const tensor = module.tensor(field);
    if (tensor === undefined || tensor.computed) return false;
    const actual = tensor.node.shape ?? [];
    const isFlat = actual[0] === shape[0] && product(actual) === product(shape);
    if (actual.join() !== shape.join() && !isFlat) {
      throw contradiction(module, `${field} has shape ${shapeText(actual)}`, shapeText(shape));
    }
    this.add({ name, tensor, shape });
    return true;
  }

  add(parameter: NamedParameter): void {
    const { node } = parameter.tensor;
    const view = [node.storage?.id, node.storageOffset, node.strides, parameter.shape].join(" ");
    const first = this.byView.get(view);
    if (first !== undefined && parameter.deviation === undefined) {
      this.ties.push([parameter.name, first]);
      return;
    }
    this.byView.set(view, parameter.name);
    this.parameters.push(parameter);
  }
}

/** The fields of a module do not agree. */
export function contradiction(module: NnModule, found: string, expected: string): T7Error {
  const { path, offset, typename } = module;
  return new T7Error(
    "bad_network",
    `${path} (${typename}) contradicts itself: ${found}; expected ${expected}`,
    {
      path,
      offset,
      found,
      expected,
      hint: "Torch could not have run it; the file was changed, or the field means something else.",
    },
  );
}
