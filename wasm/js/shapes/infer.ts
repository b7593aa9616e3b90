/** Which input a network was made for, where nothing says so: the sizes with which all of it fits. */

import { bareName } from "../nn/print-rules.js";
import { NnModule, NnTable } from "../nn/values.js";
import { elementsOf, type NetworkShape, UnknownShape } from "./flow.js";
import { type RunResult, runNetwork } from "./run.js";

/** Modules that are passed over in search of the first that says what it takes. */
const mostLooked = 1000;

/** Sides of pictures that are usual, the most usual first. */
const usual = [224, 32, 28, 227, 256, 299, 64, 96, 112, 128, 231, 221, 192, 160, 48, 84, 512, 16];
const largest = 320;

/** Far larger than any input: a network that takes it takes any. */
const anySize = 1000;

/** The shape of one sample (as a batch of 1 where there must be one), with the run that shows that it fits; `null` where nothing tells. */
export function inferInput(network: NnModule): { input: number[]; result: RunResult } | null {
  const first = firstThatTells(network);
  if (first === undefined) return null;
  const name = bareName(first.typename);
  if (/^(Linear|LinearNoBias|LinearWeightNorm)$/.test(name)) {
    const shape = first.tensor(name === "LinearWeightNorm" ? "v" : "weight")?.node.shape;
    return fitting(network, [shape?.[1] ?? 0]);
  }
  if (name === "View" || name === "Reshape") {
    const sizes = first.sizes("size") ?? [];
    return sizes.includes(-1) ? null : fitting(network, [elementsOf(sizes)]);
  }
  const planes = first.number("nInputPlane");
  return planes === undefined ? null : picture(network, planes);
}

function picture(network: NnModule, planes: number) {
  // Sizes that only a later layer decides: where any fits, none was meant.
  if (fitting(network, [planes, anySize, anySize]) !== null) return null;
  for (const side of usual) {
    const found = fitting(network, [planes, side, side]);
    if (found !== null) return found;
  }
  const sides = Array.from({ length: largest }, (_, at) => at + 1);
  const found = sides.flatMap((side) => fitting(network, [planes, side, side]) ?? []);
  const evenness = ({ input }: { input: number[] }) => {
    const side = input.at(-1) as number;
    return side & -side;
  };
  // Of those that pooling makes equal, the one that was halved most evenly.
  return found.reduce<(typeof found)[0] | null>(
    (best, each) => (best === null || evenness(each) > evenness(best) ? each : best),
    null,
  );
}

/** Does a batch of two such samples stay one? `View` would make more samples of one that is too large. */
function fitting(network: NnModule, input: number[]) {
  const batch = attempt(network, [2, ...input]);
  if (batch === null || batchOf(batch.output) !== 2) return null;
  for (const sample of [input, [1, ...input]]) {
    const result = attempt(network, sample);
    if (result !== null) return { input: sample, result };
  }
  return null;
}

function attempt(network: NnModule, input: number[]): RunResult | null {
  try {
    return runNetwork(network, input);
  } catch (error) {
    if (error instanceof UnknownShape) return null;
    throw error;
  }
}

function batchOf(output: NetworkShape): number | undefined {
  let first: NetworkShape | number | undefined = output;
  while (Array.isArray(first)) first = first[0];
  return first;
}

/** Containers whose first module is given the container's own input. */
const passing =
  /^(Sequential|Concat|ConcatTable|DepthConcat|Inception|DataParallelTable|WeightNorm|DontCast|NaN|GPU|Serial|Profile|Maxout)$/;

const telling =
  /^(Linear|LinearNoBias|LinearWeightNorm|View|Reshape|SpatialConvolution|SpatialConvolutionMM|SpatialDilatedConvolution|SpatialConvolutionLocal|SpatialConvolutionMap|SpatialDepthWiseConvolution|SpatialFullConvolution)$/;

/** Modules before it that leave the input as it is. */
const neutral =
  /^(Identity|Copy|Contiguous|Dropout|SpatialDropout|MulConstant|AddConstant|ReLU|WhiteNoise|SpatialZeroPadding|SpatialReflectionPadding|SpatialReplicationPadding|SpatialBatchNormalization|SpatialContrastiveNormalization|SpatialSubtractiveNormalization)$/;

function firstThatTells(network: NnModule): NnModule | undefined {
  const waiting = [network];
  for (let looked = 0; waiting.length > 0 && looked < mostLooked; looked += 1) {
    const module = waiting.pop() as NnModule;
    const name = bareName(module.typename);
    if (telling.test(name)) return module;
    if (passing.test(name)) {
      const inner = module.module("module");
      const children = module.modules();
      waiting.push(...(children.length > 0 ? children : inner ? [inner] : []).reverse());
    } else if (name === "gModule") waiting.push(...graphModules(module).reverse());
    else if (!neutral.test(name)) return undefined;
  }
  return undefined;
}

function graphModules(graph: NnModule): NnModule[] {
  const nodes = graph.get("forwardnodes");
  return (nodes instanceof NnTable ? nodes.list : []).flatMap((node) => {
    const data = node instanceof NnTable ? node.get("data") : undefined;
    const module = data instanceof NnTable ? data.get("module") : undefined;
    return module instanceof NnModule ? [module] : [];
  });
}

/** `3×224×224`; a table in braces. */
export function shapeText(shape: NetworkShape): string {
  const [first] = shape;
  if (shape.length > 0 && typeof first === "number") return shape.join("×");
  return `{${(shape as NetworkShape[]).map(shapeText).join(", ")}}`;
}
