/** What passes between the modules of a network: the shape of a tensor, or a list of such. */

import type { NnModule } from "../nn/values.js";

/** A tensor's shape, outermost dimension first; for a table a list of what is in it. */
export type NetworkShape = number[] | NetworkShape[];

/** What one module does in a run. */
export interface ModuleShape {
  /** Where it is first met. */
  path: string;
  /** Class: `nn.Linear`. */
  typename: string;
  /** Of its first call. */
  output: NetworkShape;
  /** Multiplications with an addition, in all of its calls and those of the modules inside. */
  multiplyAdds: number;
}

/** Why what comes after a module is not known. */
export class UnknownShape extends Error {
  /** What was known before. */
  modules: ReadonlyMap<NnModule, ModuleShape> = new Map();
  constructor(
    readonly path: string,
    readonly typename: string,
    readonly reason: string,
  ) {
    super(`${path} (${typename}): ${reason}`);
  }
}

export const unknown = ({ path, typename }: NnModule, reason: string): UnknownShape =>
  new UnknownShape(path, typename, reason);

/** What a row of the table is given. */
export interface ShapeRun {
  /** The output of a module inside this one. */
  child(module: NnModule | undefined, input: NetworkShape): NetworkShape;
  /** A multiplication and an addition, so many times. */
  multiplyAdds(count: number): void;
  /** What a pooling was given, for the unpooling that undoes it. */
  inputOf(pooling: NnModule | undefined): NetworkShape | undefined;
  /** Rows of a small table of numbers of a module, if it has one. */
  rowsOf(module: NnModule, field: string): number;
}

/** The output's shape for an input's; throws `UnknownShape`. */
export type ShapeRule = (module: NnModule, input: NetworkShape, run: ShapeRun) => NetworkShape;

export const isTensorShape = (shape: NetworkShape | undefined): shape is number[] =>
  shape !== undefined && shape.length > 0 && typeof shape[0] === "number";

/** The shape of a tensor; throws where it is a table. */
export function tensorOf(module: NnModule, shape: NetworkShape | undefined): number[] {
  if (isTensorShape(shape)) return shape;
  throw unknown(module, "its input is no tensor");
}

/** The entries of a table; throws where it is a tensor. */
export function listOf(module: NnModule, shape: NetworkShape): NetworkShape[] {
  if (!isTensorShape(shape)) return shape as NetworkShape[];
  throw unknown(module, "its input is no table");
}

/** A field that is a whole number; throws where it is none. */
export function whole(module: NnModule, field: string, otherwise?: number): number {
  const value = module.number(field) ?? otherwise;
  if (value !== undefined && Number.isSafeInteger(value)) return value;
  throw unknown(module, `${field} is ${value ?? "missing"}`);
}

/** Torch's dimension, counted from 1 or back from −1; `dims` is what a single sample has. */
export function axisOf(module: NnModule, shape: number[], dimension: number, dims = 0): number {
  const axis =
    dimension < 0
      ? shape.length + dimension
      : dimension - 1 + (dims > 0 && shape.length === dims + 1 ? 1 : 0);
  if (axis >= 0 && axis < shape.length) return axis;
  throw unknown(module, `its input has no dimension ${dimension}`);
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The same, but for one dimension. */
export function withLength(shape: number[], axis: number, length: number): number[] {
  return shape.map((old, at) => (at === axis ? length : old));
}

/** Tensors joined along an axis: equal in all others. */
export function joined(module: NnModule, shapes: NetworkShape[], axis: number): number[] {
  const [first, ...rest] = shapes.map((shape) => tensorOf(module, shape));
  if (first === undefined) throw unknown(module, "there is nothing to join");
  let length = first[axis] as number;
  for (const shape of rest) {
    const fits =
      shape.length === first.length && shape.every((size, at) => at === axis || size === first[at]);
    if (!fits) throw unknown(module, `${shape.join("×")} cannot be joined to ${first.join("×")}`);
    length += shape[axis] as number;
  }
  return withLength(first, axis, length);
}
