/** Modules that change shapes, take parts, or compute along a dimension; tables; linear layers. */

import { isTensor, type NnModule, NnTable } from "../nn/values.js";
import {
  axisOf,
  elementsOf,
  isTensorShape,
  joined,
  listOf,
  type NetworkShape,
  type ShapeRule,
  tensorOf,
  unknown,
  whole,
  withLength,
} from "./flow.js";

/** Every element for itself, or along a dimension that stays. */
const same: ShapeRule = (_module, input) => input;

/** As `same`, of a tensor. */
const sameTensor: ShapeRule = (module, input) => tensorOf(module, input);

const firstTensor = (module: NnModule, input: NetworkShape): number[] =>
  tensorOf(module, listOf(module, input)[0]);

const firstOfTable: ShapeRule = (module, input) => firstTensor(module, input);

const weightShape = (module: NnModule, field = "weight"): number[] => {
  const shape = module.tensor(field)?.node.shape;
  if (shape === undefined) throw unknown(module, `${field} is missing`);
  return shape;
};

/** Outputs and inputs of a linear layer. */
const linear =
  (sizesOf: (module: NnModule) => number[]): ShapeRule =>
  (module, input, run) => {
    const shape = tensorOf(module, input);
    const [outputs = 0, inputs = 0] = sizesOf(module);
    if (shape.length > 2) throw unknown(module, `its input has ${shape.length} dimensions`);
    if (shape.at(-1) !== inputs) {
      throw unknown(module, `it takes ${inputs} inputs and is given ${shape.at(-1)}`);
    }
    run.multiplyAdds(elementsOf(shape) * outputs);
    return [...shape.slice(0, -1), outputs];
  };

const distances = linear((module) => {
  const [inputs = 0, outputs = 0] = weightShape(module);
  return [outputs, inputs];
});

/** A row of the table for each index. */
const lookup: ShapeRule = (module, input) => [
  ...tensorOf(module, input),
  weightShape(module)[1] as number,
];

/** Sum, mean and extremes along a dimension. */
const reduced: ShapeRule = (module, input) => {
  const shape = tensorOf(module, input);
  const dims = module.number("nInputDims") ?? 0;
  const axis = axisOf(module, shape, whole(module, "dimension"), dims);
  if (module.get("squeeze") === false || shape.length === 1) return withLength(shape, axis, 1);
  return shape.filter((_, at) => at !== axis);
};

/** Of two vectors, or two batches of them, one number each. */
const pairwise: ShapeRule = (module, input) => {
  const shape = firstTensor(module, input);
  return shape.length === 1 ? [1] : shape.slice(0, -1);
};

/** The sizes with −1 filled in, for so many elements. */
function filled(module: NnModule, sizes: readonly number[], elements: number): number[] {
  const known = sizes.filter((size) => size !== -1);
  const rest = elements / elementsOf(known);
  const holes = sizes.length - known.length;
  const fits = holes === 0 ? rest === 1 : holes === 1 && Number.isInteger(rest);
  if (!fits) throw unknown(module, `${elements} elements do not fit ${sizes.join("×")}`);
  return sizes.map((size) => (size === -1 ? rest : size));
}

const sizesOf = (module: NnModule): number[] => {
  const sizes = module.sizes("size");
  if (sizes === undefined || sizes.length === 0) throw unknown(module, "size is missing");
  return sizes;
};

const view: ShapeRule = (module, input) => {
  const shape = tensorOf(module, input);
  const sizes = sizesOf(module);
  const given = module.number("numInputDims") ?? 0;
  const dims = given || shape.length;
  const outer = elementsOf(shape.slice(0, Math.max(0, shape.length - dims)));
  const inner = elementsOf(shape.slice(Math.max(0, shape.length - dims)));
  const batch = sizes.includes(-1) ? outer : (outer * inner) / elementsOf(sizes);
  const all = elementsOf(shape);
  if (batch === 1 && (given === 0 || shape.length <= dims)) return filled(module, sizes, all);
  if (!Number.isInteger(batch)) {
    throw unknown(module, `${all} elements do not fit ${sizes.join("×")}`);
  }
  return [batch, ...filled(module, sizes, all / batch)];
};

const reshape: ShapeRule = (module, input) => {
  const shape = tensorOf(module, input);
  const sizes = sizesOf(module);
  const batch = module.get("batchMode");
  const isWhole = elementsOf(shape) === elementsOf(sizes) && shape[0] !== 1;
  if (batch === false || (batch !== true && isWhole)) {
    return filled(module, sizes, elementsOf(shape));
  }
  const [first = 1, ...rest] = shape;
  return [first, ...filled(module, sizes, elementsOf(rest))];
};

const swapped: ShapeRule = (module, input) => {
  const shape = [...tensorOf(module, input)];
  const pairs = module.get("permutations");
  const count = module.number("numInputDims");
  const more = count === undefined ? 0 : shape.length - count;
  for (const pair of pairs instanceof NnTable ? pairs.list : []) {
    const [a, b] = pair instanceof NnTable ? pair.list : [];
    const from = Number(a) - 1 + more;
    const to = Number(b) - 1 + more;
    const [first, second] = [shape[from], shape[to]];
    if (first === undefined || second === undefined) {
      throw unknown(module, `its input has ${shape.length} dimensions`);
    }
    shape[from] = second;
    shape[to] = first;
  }
  return shape;
};

const outputsOf = (module: NnModule, input: NetworkShape, run: Parameters<ShapeRule>[2]) =>
  module.modules().map((child) => run.child(child, input));

const inSequence: ShapeRule = (module, input, run) =>
  module.modules().reduce<NetworkShape>((shape, child) => run.child(child, shape), input);

/** A module that is only another. */
const transparent: ShapeRule = (module, input, run) =>
  run.child(module.module("module") ?? module.modules()[0], input);

const matrices: ShapeRule = (module, input, run) => {
  const [a, b] = listOf(module, input).map((shape) => [...tensorOf(module, shape)]);
  if (!a || !b || a.length < 2 || a.length !== b.length) throw unknown(module, "no two matrices");
  const [rows, inner] = module.get("transA") === true ? [a.at(-1), a.at(-2)] : a.slice(-2);
  const [length, columns] = module.get("transB") === true ? [b.at(-1), b.at(-2)] : b.slice(-2);
  if (inner !== length) throw unknown(module, `${a.join("×")} by ${b.join("×")}`);
  const output = [...a.slice(0, -2), rows as number, columns as number];
  run.multiplyAdds(elementsOf(output) * (inner as number));
  return output;
};

const matrixAndVector: ShapeRule = (module, input, run) => {
  const [matrix, vector] = listOf(module, input).map((shape) => tensorOf(module, shape));
  if (!matrix || !vector || matrix.length < 2) throw unknown(module, "no matrix and vector");
  const [rows, inner] =
    module.get("trans") === true ? [matrix.at(-1), matrix.at(-2)] : matrix.slice(-2);
  if (inner !== vector.at(-1)) throw unknown(module, `${matrix.join("×")} by ${vector.join("×")}`);
  run.multiplyAdds(elementsOf(matrix));
  return [...matrix.slice(0, -2), rows as number];
};

/** The cells of rnn: features in, features out, and so many products of both. */
const cell =
  (products: number, input = "inputSize", output = "outputSize"): ShapeRule =>
  (module, given, run) => {
    const shape = tensorOf(module, given);
    const inputs = whole(module, input);
    const outputs = whole(module, output);
    if (shape.at(-1) !== inputs) {
      throw unknown(module, `it takes ${inputs} features and is given ${shape.at(-1)}`);
    }
    const rows = elementsOf(shape.slice(0, -1));
    run.multiplyAdds(rows * products * (inputs + outputs) * outputs);
    return [...shape.slice(0, -1), outputs];
  };

/** One step after the other; equal ones are computed once. */
const sequencer: ShapeRule = (module, input, run) => {
  const step = module.module("module") ?? module.modules()[0];
  if (isTensorShape(input)) {
    const [steps = 0, ...rest] = input;
    const outputs = Array.from({ length: steps }, () => tensorOf(module, run.child(step, rest)));
    if (outputs[0] === undefined) throw unknown(module, "a sequence without a step");
    return [steps, ...outputs[0]];
  }
  return (input as NetworkShape[]).map((shape) => run.child(step, shape));
};

export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  // Containers
  Sequential: inSequence,
  Maxout: inSequence,
  HighwayMaxout: inSequence,
  LayerNormalization: inSequence,
  SpatialLPPooling: inSequence,
  ConcatTable: outputsOf,
  ParallelTable: (module, input, run) => {
    const list = listOf(module, input);
    return module.modules().map((child, at) => run.child(child, list[at] ?? []));
  },
  MapTable: (module, input, run) =>
    listOf(module, input).map((shape) => run.child(module.modules()[0], shape)),
  Concat: (module, input, run) => {
    const outputs = outputsOf(module, input, run);
    const first = tensorOf(module, outputs[0]);
    return joined(module, outputs, axisOf(module, first, whole(module, "dimension")));
  },
  DepthConcat: (module, input, run) => {
    const outputs = outputsOf(module, input, run).map((shape) => tensorOf(module, shape));
    const [first] = outputs;
    if (first === undefined) throw unknown(module, "it has no modules");
    const axis = axisOf(module, first, whole(module, "dimension"));
    return first.map((_, at) => {
      const lengths = outputs.map((shape) => shape[at] ?? 0);
      return at === axis
        ? lengths.reduce((a, b) => a + b, 0)
        : lengths.reduce((a, b) => Math.max(a, b), 0);
    });
  },
  Parallel: (module, input, run) => {
    const shape = tensorOf(module, input);
    const axis = axisOf(module, shape, whole(module, "inputDimension"));
    const slice = shape.filter((_, at) => at !== axis);
    const outputs = module
      .modules()
      .slice(0, shape[axis])
      .map((child) => run.child(child, slice));
    const first = tensorOf(module, outputs[0]);
    return joined(module, outputs, axisOf(module, first, whole(module, "outputDimension")));
  },
  Bottle: (module, input, run) => {
    const shape = tensorOf(module, input);
    const dims = whole(module, "nInputDim", 2);
    const [child] = module.modules();
    if (shape.length <= dims) return run.child(child, shape);
    const outer = shape.length - dims + 1;
    const rows = elementsOf(shape.slice(0, outer));
    const output = tensorOf(module, run.child(child, [rows, ...shape.slice(outer)]));
    return [...shape.slice(0, outer), ...output.slice(1)];
  },
  MaskZero: transparent,
  TrimZero: transparent,
  DontCast: transparent,
  NaN: transparent,
  Serial: transparent,
  Profile: transparent,
  GPU: transparent,
  Inception: transparent,
  Convert: transparent,
  BiSequencer: transparent,
  BiSequencerLM: transparent,
  SeqBRNN: transparent,
  DataParallelTable: transparent,
  WeightNorm: transparent,
  Recursor: transparent,
  // Tables
  CAddTable: firstOfTable,
  CSubTable: firstOfTable,
  CMulTable: firstOfTable,
  CDivTable: firstOfTable,
  CMaxTable: firstOfTable,
  CMinTable: firstOfTable,
  JoinTable: (module, input) => {
    const list = listOf(module, input);
    const dims = module.number("nInputDims") ?? 0;
    const first = tensorOf(module, list[0]);
    return joined(module, list, axisOf(module, first, whole(module, "dimension"), dims));
  },
  SplitTable: (module, input) => {
    const shape = tensorOf(module, input);
    const dims = module.number("nInputDims") ?? 0;
    const axis = axisOf(module, shape, whole(module, "dimension"), dims);
    const slice = shape.filter((_, at) => at !== axis);
    return Array.from({ length: shape[axis] as number }, () => (slice.length > 0 ? slice : [1]));
  },
  SelectTable: (module, input) => {
    const list = listOf(module, input);
    const index = whole(module, "index");
    const chosen = list.at(index > 0 ? index - 1 : index);
    if (chosen === undefined) throw unknown(module, `a table of ${list.length} has no ${index}`);
    return chosen;
  },
  NarrowTable: (module, input) => {
    const first = whole(module, "offset") - 1;
    return listOf(module, input).slice(first, first + whole(module, "length", 1));
  },
  FlattenTable: (_module, input) => {
    const flat: number[][] = [];
    const waiting: NetworkShape[] = [input];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (isTensorShape(next)) flat.push(next);
      else waiting.push(...([...next].reverse() as NetworkShape[]));
    }
    return flat;
  },
  ReverseTable: (module, input) => [...listOf(module, input)].reverse(),
  ZipTable: (module, input) => {
    const lists = listOf(module, input).map((list) => listOf(module, list));
    return (lists[0] ?? []).map((_, at) => lists.map((list) => list[at] ?? []));
  },
  ZipTableOneToMany: (module, input) => {
    const [one = [], many = []] = listOf(module, input);
    return listOf(module, many).map((each) => [one, each]);
  },
  MixtureTable: (module, input) => {
    const [gater, experts = []] = listOf(module, input);
    if (!isTensorShape(experts)) return firstTensor(module, experts);
    const single = tensorOf(module, gater).length === 1;
    const axis = single ? 0 : whole(module, "dim", 2) - 1;
    return experts.filter((_, at) => at !== axis);
  },
  MM: matrices,
  MV: matrixAndVector,
  DotProduct: pairwise,
  CosineDistance: pairwise,
  PairwiseDistance: pairwise,
  Index: (module, input) => {
    const [values, indices] = listOf(module, input).map((shape) => tensorOf(module, shape));
    if (!values || !indices) throw unknown(module, "no values and indices");
    const axis = axisOf(module, values, whole(module, "dimension"));
    return [...values.slice(0, axis), ...indices, ...values.slice(axis + 1)];
  },
  // Linear
  Linear: linear(weightShape),
  LinearNoBias: linear(weightShape),
  LinearWeightNorm: linear((module) => weightShape(module, "v")),
  PartialLinear: (module, input, run) => {
    const shape = tensorOf(module, input);
    const partition = module.get("partition");
    const outputs = isTensor(partition) ? (partition.node.size ?? 0) : whole(module, "outputsize");
    run.multiplyAdds(elementsOf(shape) * outputs);
    return [...shape.slice(0, -1), outputs];
  },
  Bilinear: (module, input, run) => {
    const shape = tensorOf(module, listOf(module, input)[0]);
    const [outputs = 0, first = 0, second = 0] = weightShape(module);
    run.multiplyAdds(elementsOf(shape.slice(0, -1)) * outputs * first * second);
    return [...shape.slice(0, -1), outputs];
  },
  Cosine: linear(weightShape),
  Euclidean: distances,
  WeightedEuclidean: distances,
  LookupTable: lookup,
  LookupTableMaskZero: lookup,
  Constant: (module, input) => {
    const value = module.get("value");
    const shape = isTensor(value) ? value.node.shape : undefined;
    if (shape === undefined) throw unknown(module, "value is no tensor");
    const dims = module.number("nInputDim");
    const isBatch = dims !== undefined && isTensorShape(input) && input.length === dims + 1;
    return isBatch ? [input[0] as number, ...shape] : shape;
  },
  // Shapes
  View: view,
  Reshape: reshape,
  Transpose: swapped,
  Replicate: (module, input) => {
    const shape = tensorOf(module, input);
    const dims = module.number("ndim") ?? 0;
    const dimension = whole(module, "dim", 1);
    const at = dimension - 1 + (dims > 0 && shape.length === dims + 1 ? 1 : 0);
    return [...shape.slice(0, at), whole(module, "nfeatures"), ...shape.slice(at)];
  },
  Unsqueeze: (module, input) => {
    const shape = tensorOf(module, input);
    const dims = module.number("numInputDims");
    const at = whole(module, "pos") - 1 + (dims === undefined ? 0 : shape.length - dims);
    return [...shape.slice(0, at), 1, ...shape.slice(at)];
  },
  Squeeze: (module, input) => {
    const shape = tensorOf(module, input);
    const dimension = module.number("dim");
    if (dimension === undefined) {
      const rest = shape.filter((size) => size !== 1);
      return rest.length > 0 ? rest : [1];
    }
    const axis = axisOf(module, shape, dimension, module.number("numInputDims") ?? 0);
    return shape[axis] === 1 && shape.length > 1 ? shape.filter((_, at) => at !== axis) : shape;
  },
  Select: (module, input) => {
    const shape = tensorOf(module, input);
    const axis = axisOf(module, shape, whole(module, "dimension"));
    const rest = shape.filter((_, at) => at !== axis);
    return rest.length > 0 ? rest : [1];
  },
  Narrow: (module, input) => {
    const shape = tensorOf(module, input);
    const axis = axisOf(module, shape, whole(module, "dimension"));
    const size = shape[axis] as number;
    const index = whole(module, "index");
    const length = whole(module, "length", 1);
    const first = index > 0 ? index - 1 : size + index;
    return withLength(shape, axis, length >= 0 ? length : size - first + length + 1);
  },
  Padding: (module, input) => {
    const shape = tensorOf(module, input);
    const dims = module.number("nInputDim") ?? 0;
    const axis = whole(module, "dim") - 1 + (dims > 0 && shape.length !== dims ? 1 : 0);
    if (axis >= shape.length) throw unknown(module, `its input has no dimension ${axis + 1}`);
    return withLength(shape, axis, (shape[axis] as number) + Math.abs(whole(module, "pad")));
  },
  Collapse: (module, input) => {
    const shape = tensorOf(module, input);
    const outer = Math.max(0, shape.length - whole(module, "nInputDim"));
    return [...shape.slice(0, outer), elementsOf(shape.slice(outer))];
  },
  Sum: reduced,
  Mean: reduced,
  Max: reduced,
  Min: reduced,
  GatedLinearUnit: (module, input) => {
    const shape = tensorOf(module, input);
    const axis = axisOf(module, shape, whole(module, "dim", 1));
    return withLength(shape, axis, (shape[axis] as number) / 2);
  },
  CReLU: (module, input) => {
    const shape = tensorOf(module, input);
    const axis = shape.length === whole(module, "nInputDims") + 1 ? 1 : 0;
    return withLength(shape, axis, 2 * (shape[axis] as number));
  },
  // Sequences
  Sequencer: sequencer,
  FastLSTM: cell(4),
  LSTM: cell(4),
  GRU: cell(3),
  SeqLSTM: cell(4, "inputsize", "outputsize"),
  SeqGRU: cell(3),
  Recurrent: (module, input, run) => run.child(module.module("initialModule"), input),
};

/** Classes whose output has the shape of their input. */
const unchanged = [
  ...["Identity", "Copy", "Contiguous", "GradientReversal", "ZeroGrad", "WhiteNoise"],
  ...["L1Penalty", "SeqReverseSequence"],
];
/** The same, of tensors only. */
const elementwise = [
  ...["Add", "CAdd", "CMul", "Mul", "PReLU", "RReLU", "ReLU", "ReLU6", "Tanh", "Sigmoid"],
  ...["LogSigmoid", "SoftSign", "TanhShrink", "SoftPlus", "SoftShrink", "HardShrink", "HardTanh"],
  ...["Clamp", "ELU", "LeakyReLU", "Threshold", "SoftMax", "SpatialSoftMax", "LogSoftMax"],
  ...["SpatialLogSoftMax", "SoftMin", "ClippedReLU", "Clip", "Abs", "Exp", "Log", "Square", "Sqrt"],
  ...["Power", "AddConstant", "MulConstant", "SAdd", "BatchNormalization"],
  ...["SpatialBatchNormalization", "VolumetricBatchNormalization", "InstanceNormalization"],
  ...["SpatialCrossMapLRN", "SpatialSubtractiveNormalization", "SpatialDivisiveNormalization"],
  ...["SpatialContrastiveNormalization", "Normalize", "Dropout", "SpatialDropout"],
  ...["VolumetricDropout"],
];

export const plainRules: ReadonlyMap<string, ShapeRule> = new Map([
  ...unchanged.map((name) => [name, same] as const),
  ...elementwise.map((name) => [name, sameTensor] as const),
]);
