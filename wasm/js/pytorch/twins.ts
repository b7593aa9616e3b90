/** Each class's twin in PyTorch, as a constructor call. Classes without one are in no row. */

import { isTensor, NnModule, NnTable, type NnTensor } from "../nn/values.js";
import { type CodeWriter, contradiction } from "./code-writer.js";
import { callText, pyBoolean, pyNumber, pySize, pyTuple } from "./python-text.js";

/** What a row is given besides the module. */
export interface TwinContext {
  writer: CodeWriter;
  /** Of the names of its parameters: `0.2.`. */
  prefix: string;
  /** The code of a child that is registered as `name`. */
  child(module: NnModule | undefined, name: string): string;
  /** A call with the children as its last arguments, registered as 0, 1, 2 … */
  call(name: string, args: string[], children: NnModule[]): string;
  /** The variable of the pooling that an unpooling belongs to; `null` where it is not in the network. */
  poolingOf(unpooling: NnModule): string | null;
  /** Whether an unpooling needs the indices of this pooling. */
  keepsIndices(pooling: NnModule): boolean;
  /** Rows of numbers that decide the layer: `connTable`, `partition`. */
  rows(module: NnModule, field: string): number[][] | undefined;
}

export type Twin = (module: NnModule, context: TwinContext) => string;

/** A whole number in a field; throws `bad_network`. */
export function int(module: NnModule, field: string, otherwise?: number): number {
  const value = module.number(field) ?? otherwise;
  if (value !== undefined && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  throw contradiction(module, `${field} is ${value ?? "missing"}`, "a whole number");
}

/** A length: 1 or more. */
function length(module: NnModule, field: string, otherwise?: number): number {
  const value = int(module, field, otherwise);
  if (value >= 1) return value;
  throw contradiction(module, `${field} is ${value}`, "1 or more");
}

export function num(module: NnModule, field: string, otherwise?: number): number {
  const value = module.number(field) ?? otherwise;
  if (value !== undefined) return value;
  throw contradiction(module, `${field} is missing`, "a number");
}

const is = (module: NnModule, field: string): boolean => module.get(field) === true;

/** Old files have one `padding` for both. */
const axes = (module: NnModule, prefix: string, names: string, otherwise: number): number[] =>
  [...names].map((axis) => {
    const both = prefix === "pad" ? module.number("padding") : undefined;
    return int(module, prefix + axis, both ?? otherwise);
  });

const plain =
  (code: string): Twin =>
  () =>
    code;

const helper =
  (name: string, args: (module: NnModule) => string = () => ""): Twin =>
  (module, { writer }) =>
    `${writer.helper(name)}(${args(module)})`;

/** Elementwise functions without a module of their own. */
const apply =
  (expression: (module: NnModule) => string): Twin =>
  (module, { writer }) =>
    `${writer.helper("Apply")}(lambda x: ${expression(module)})`;

/** `axis` is what Torch's dimensions are counted by. */
const withAxis =
  (name: string, args: (module: NnModule) => string): Twin =>
  (module, { writer }) => {
    writer.helper("axis");
    return `${writer.helper(name)}(${args(module)})`;
  };

const dims = (module: NnModule, field: string): string => {
  const value = module.number(field);
  return value === undefined || value <= 0 ? "" : `, ${int(module, field)}`;
};

const child: Twin = (module, context) =>
  context.child(module.module("module") ?? module.modules()[0], "");

/** A module that is only its child, whose parameters keep their names. */
const transparent = child;

const container =
  (name: string): Twin =>
  (module, { writer, call }) =>
    call(writer.helper(name), [], module.modules());

const sequential: Twin = (module, { call }) => call("nn.Sequential", [], module.modules());

/** Code of modules with weight and bias, `names` telling what the call is without them. */
function weighted(
  module: NnModule,
  { writer, prefix }: TwinContext,
  weight: number[],
  bias: number[],
): boolean {
  if (!writer.parameter(module, "weight", `${prefix}weight`, weight) && !module.tensor("weight")) {
    throw contradiction(module, "weight is missing", weight.join("×"));
  }
  return writer.parameter(module, "bias", `${prefix}bias`, bias);
}

const linear: Twin = (module, context) => {
  const [outputs = 0, inputs = 0] = module.tensor("weight")?.node.shape ?? [];
  const bias = weighted(module, context, [outputs, inputs], [outputs]);
  return `nn.Linear(${inputs}, ${outputs}${bias ? "" : ", bias=False"})`;
};

/** Arguments that are not what PyTorch takes unless told. */
function unusual(options: Array<[name: string, values: number[], usual: number]>): string {
  return options
    .filter(([, values, usual]) => values.some((value) => value !== usual))
    .map(([name, values]) => `, ${name}=${pySize(values)}`)
    .join("");
}

const convolution =
  (spatial: string, transposed = false): Twin =>
  (module, context) => {
    const inputs = length(module, "nInputPlane");
    const outputs = length(module, "nOutputPlane");
    const groups = int(module, "groups", 1);
    const kernel = [...spatial].map((axis) => length(module, `k${axis}`));
    const planes = transposed ? [inputs, outputs / groups] : [outputs, inputs / groups];
    const bias = weighted(module, context, [...planes, ...kernel], [outputs]);
    const options = unusual([
      ["stride", axes(module, "d", spatial, 1), 1],
      ["padding", axes(module, "pad", spatial, 0), 0],
      ["output_padding", transposed ? axes(module, "adj", spatial, 0) : [0], 0],
      ["dilation", axes(module, "dilation", spatial, 1), 1],
      ["groups", [groups], 1],
    ]);
    const name = `nn.Conv${transposed ? "Transpose" : ""}${spatial.length}d`;
    return `${name}(${inputs}, ${outputs}, ${pySize(kernel)}${options}${bias ? "" : ", bias=False"})`;
  };

const maxPooling =
  (spatial: string): Twin =>
  (module, { writer, keepsIndices }) => {
    const kernel = [...spatial].map((axis) => length(module, `k${axis}`));
    const options = unusual([
      ["padding", axes(module, "pad", spatial, 0), 0],
      ["dilation", axes(module, "dilation", spatial, 1), 1],
    ]);
    const ceil = is(module, "ceil_mode") ? ", ceil_mode=True" : "";
    const name = keepsIndices(module) ? writer.helper("MaxPool2d") : `nn.MaxPool${spatial.length}d`;
    return `${name}(${pySize(kernel)}, ${pySize(axes(module, "d", spatial, 1))}${options}${ceil})`;
  };

const averagePooling =
  (spatial: string): Twin =>
  (module) => {
    const kernel = [...spatial].map((axis) => length(module, `k${axis}`));
    const options = unusual([["padding", axes(module, "pad", spatial, 0), 0]]);
    const ceil = is(module, "ceil_mode") ? ", ceil_mode=True" : "";
    const inner = module.get("count_include_pad") === false ? ", count_include_pad=False" : "";
    const isSum = spatial === "HW" && module.get("divide") !== true;
    const sum = isSum ? ", divisor_override=1" : "";
    return `nn.AvgPool${spatial.length}d(${pySize(kernel)}, ${pySize(axes(module, "d", spatial, 1))}${options}${ceil}${inner}${sum})`;
  };

const batchNormalization =
  (dimensions: number): Twin =>
  (module, { writer, prefix }) => {
    const features = module.tensor("running_mean")?.node.size;
    if (features === undefined) throw contradiction(module, "running_mean is missing", "a tensor");
    const affine = writer.parameter(module, "weight", `${prefix}weight`, [features]);
    if (affine && !writer.parameter(module, "bias", `${prefix}bias`, [features])) {
      throw contradiction(module, "bias is missing", `${features}`);
    }
    writer.parameter(module, "running_mean", `${prefix}running_mean`, [features]);
    const eps = num(module, "eps", 1e-5);
    if (!writer.parameter(module, "running_var", `${prefix}running_var`, [features])) {
      const tensor = module.tensor("running_std");
      if (tensor?.node.size !== features) {
        throw contradiction(module, "running_var is missing", `${features}`);
      }
      const name = `${prefix}running_var`;
      writer.add({ name, tensor, shape: [features], deviation: eps });
    }
    const momentum = num(module, "momentum", 0.1);
    const options = [
      eps === 1e-5 ? "" : `, eps=${pyNumber(eps)}`,
      momentum === 0.1 ? "" : `, momentum=${pyNumber(momentum)}`,
      affine ? "" : ", affine=False",
    ];
    return `nn.BatchNorm${dimensions}d(${features}${options.join("")})`;
  };

const reduce = (function_: string): Twin =>
  withAxis("Reduce", (module) => {
    const squeeze = module.get("squeeze") === false ? ", squeeze=False" : "";
    const chosen = is(module, "sizeAverage") ? "torch.mean" : function_;
    return `${chosen}, ${int(module, "dimension")}${dims(module, "nInputDims")}${squeeze}`;
  });

const scores = (function_: string): Twin => helper("Scores", () => function_);

const padding = (names: string[], mode?: string): Twin =>
  helper("Pad", (module) => {
    const pads = names.map((name) => int(module, name, 0));
    return pads.join(", ") + (mode ? `, mode="${mode}"` : "");
  });

const flat = ["pad_l", "pad_r", "pad_t", "pad_b"];

const connected =
  (transposed: boolean): Twin =>
  (module, { writer, prefix, rows: rowsOf }) => {
    const table = rowsOf(module, "connTable");
    const kernel = [length(module, "kH"), length(module, "kW")];
    const outputs = length(module, "nOutputPlane");
    if (!table) throw contradiction(module, "connTable is missing", "pairs of planes");
    writer.parameter(module, "weight", `${prefix}weight`, [table.length, ...kernel]);
    writer.parameter(module, "bias", `${prefix}bias`, [outputs]);
    const rows = table.map(pyTuple).join(", ");
    const stride = pySize([int(module, "dH", 1), int(module, "dW", 1)]);
    const more = transposed ? ", transposed=True" : "";
    return `${writer.helper("ConnectedConv2d")}([${rows}], ${length(module, "nInputPlane")}, ${outputs}, ${pyTuple(kernel)}, ${stride}${more})`;
  };

const sizes = (module: NnModule): string => {
  const list = module.sizes("size");
  if (!list) throw contradiction(module, "size is missing", "sizes");
  return list.map((size) => pyNumber(size)).join(", ");
};

/** A helper with parameters of its own. */
const parametric =
  (
    name: string,
    fields: Record<string, (module: NnModule) => number[]>,
    args: (module: NnModule, has: Set<string>) => string,
  ): Twin =>
  (module, { writer, prefix }) => {
    const has = new Set<string>();
    for (const [field, shape] of Object.entries(fields)) {
      if (writer.parameter(module, field, prefix + field, shape(module))) has.add(field);
    }
    return `${writer.helper(name)}(${args(module, has)})`;
  };

const shapeOf = (module: NnModule, field: string): number[] => {
  const shape = module.tensor(field)?.node.shape;
  if (shape) return shape;
  throw contradiction(module, `${field} is missing`, "a tensor");
};

const recurrent =
  (states: number): Twin =>
  (module, context) => {
    const { writer } = context;
    const cell = module.module("recurrentModule") ?? stepOf(module);
    const code = context.child(cell, "cell");
    const args = [code, `size=${int(module, "outputSize")}`, `states=${states}`];
    return callText(writer.helper("Recurrent"), args);
  };

const stepOf = (module: NnModule): NnModule | undefined => {
  const clones = module.get("sharedClones");
  const first = clones instanceof NnTable ? clones.list[0] : undefined;
  return first instanceof NnModule ? first : undefined;
};

const weightNorm: Twin = (module, context) => {
  const { writer, prefix } = context;
  const direction = shapeOf(module, "v");
  const length_ = shapeOf(module, "g");
  writer.parameter(module, "v", `${prefix}v`, direction);
  writer.parameter(module, "g", `${prefix}g`, length_);
  const shape = module.sizes("weightSize");
  if (!shape) throw contradiction(module, "weightSize is missing", "sizes");
  const inner = context.child(module.modules()[0], "module");
  const dim = int(module, "outputDim", 1);
  const more = `${dim === 1 ? "" : `, dim=${dim}`}, square_eps=1e-4`;
  return `${writer.helper("WeightNorm")}(${inner}, ${pyTuple(direction)}, ${pyTuple(length_)}, ${pyTuple(shape)}${more})`;
};

const linearWeightNorm: Twin = (module, context) => {
  const { writer, prefix } = context;
  const [outputs = 0, inputs = 0] = shapeOf(module, "v");
  writer.parameter(module, "v", `${prefix}v`, [outputs, inputs]);
  writer.parameter(module, "g", `${prefix}g`, shapeOf(module, "g"));
  const bias = writer.parameter(module, "bias", `${prefix}module.bias`, [outputs]);
  const inner = `nn.Linear(${inputs}, ${outputs}${bias ? "" : ", bias=False"})`;
  const eps = num(module, "eps", 1e-16);
  return `${writer.helper("WeightNorm")}(${inner}, (${outputs}, ${inputs}), ${pyTuple(shapeOf(module, "g"))}, (${outputs}, ${inputs}), eps=${pyNumber(eps)})`;
};

const unpooling: Twin = (module, { writer, poolingOf }) => {
  const name = poolingOf(module);
  if (name === null)
    throw contradiction(
      module,
      "its pooling is not in the network",
      "the pooling whose maxima it puts back",
    );
  return `${writer.helper("MaxUnpool2d")}(${name})`;
};

const dropout: Twin = (module, { writer }) => {
  const p = pyNumber(num(module, "p", 0.5));
  return module.get("v2") === true ? `nn.Dropout(${p})` : `${writer.helper("DropoutV1")}(${p})`;
};

/** By the class without its package. */
export const twins: Readonly<Record<string, Twin>> = {
  // Containers
  Sequential: sequential,
  Maxout: sequential,
  HighwayMaxout: sequential,
  LayerNormalization: sequential,
  SpatialLPPooling: sequential,
  ConcatTable: container("ConcatTable"),
  ParallelTable: container("ParallelTable"),
  MapTable: (module, { writer, call }) =>
    call(writer.helper("MapTable"), [], module.modules().slice(0, 1)),
  Concat: (module, { writer, call }) => {
    writer.helper("axis");
    return call(writer.helper("Concat"), [String(int(module, "dimension"))], module.modules());
  },
  DepthConcat: (module, { writer, call }) => {
    writer.helper("axis");
    return call(writer.helper("DepthConcat"), [String(int(module, "dimension"))], module.modules());
  },
  Parallel: (module, { writer, call }) => {
    writer.helper("axis");
    const args = [int(module, "inputDimension"), int(module, "outputDimension")].map(String);
    return call(writer.helper("Parallel"), args, module.modules());
  },
  Bottle: (module, { writer, call }) =>
    call(
      writer.helper("Bottle"),
      [String(int(module, "nInputDim", 2))],
      module.modules().slice(0, 1),
    ),
  MaskZero: (module, { writer, call }) =>
    call(
      writer.helper("MaskZero"),
      [String(int(module, "nInputDim"))],
      module.modules().slice(0, 1),
    ),
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
  WeightNorm: weightNorm,
  // Tables
  CAddTable: helper("CAddTable"),
  CSubTable: helper("CSubTable"),
  CMulTable: helper("CMulTable"),
  CDivTable: helper("CDivTable"),
  CMaxTable: helper("CMaxTable"),
  CMinTable: helper("CMinTable"),
  JoinTable: withAxis(
    "JoinTable",
    (module) => int(module, "dimension") + dims(module, "nInputDims"),
  ),
  SplitTable: withAxis(
    "SplitTable",
    (module) => int(module, "dimension") + dims(module, "nInputDims"),
  ),
  SelectTable: helper("SelectTable", (module) => String(int(module, "index"))),
  NarrowTable: helper(
    "NarrowTable",
    (module) => `${int(module, "offset")}, ${int(module, "length", 1)}`,
  ),
  FlattenTable: helper("FlattenTable"),
  ReverseTable: helper("ReverseTable"),
  ZipTable: helper("ZipTable"),
  ZipTableOneToMany: helper("ZipTableOneToMany"),
  MixtureTable: helper("MixtureTable", (module) => String(int(module, "dim", 2))),
  MM: helper(
    "MM",
    (module) => `${pyBoolean(is(module, "transA"))}, ${pyBoolean(is(module, "transB"))}`,
  ),
  MV: helper("MV", (module) => pyBoolean(is(module, "trans"))),
  DotProduct: helper("DotProduct"),
  CosineDistance: helper("CosineDistance"),
  PairwiseDistance: helper("PairwiseDistance", (module) => pyNumber(num(module, "norm", 2))),
  Index: withAxis("Index", (module) => `${int(module, "dimension")}, zero_based`),
  // Linear
  Linear: linear,
  LinearNoBias: linear,
  LinearWeightNorm: linearWeightNorm,
  Bilinear: parametric(
    "Bilinear",
    {
      weight: (module) => shapeOf(module, "weight"),
      bias: (module) => [shapeOf(module, "weight")[0] as number],
    },
    (module, has) => {
      const [outputs, first, second] = shapeOf(module, "weight");
      return `${first}, ${second}, ${outputs}${has.has("bias") ? "" : ", bias=False"}`;
    },
  ),
  PartialLinear: (module, { writer, prefix, rows }) => {
    const inputs = length(module, "inputsize");
    const outputs = length(module, "outputsize");
    const table = lookupIn(module);
    if (!table) throw contradiction(module, "network has no weight", `${outputs}×${inputs}`);
    writer.parameter(table, "weight", `${prefix}weight`, [outputs, inputs]);
    const bias = writer.parameter(module, "bias", `${prefix}bias`, [1, outputs]);
    const partition = rows(module, "partition")?.flat();
    if (!partition) throw contradiction(module, "partition is missing", "outputs");
    return `${writer.helper("PartialLinear")}(${inputs}, ${outputs}, ${pyTuple(partition)}${bias ? "" : ", bias=False"})`;
  },
  Cosine: parametric("Cosine", { weight: (module) => shapeOf(module, "weight") }, (module) =>
    [...shapeOf(module, "weight")].reverse().join(", "),
  ),
  Euclidean: parametric("Euclidean", { weight: (module) => shapeOf(module, "weight") }, (module) =>
    shapeOf(module, "weight").join(", "),
  ),
  WeightedEuclidean: parametric(
    "WeightedEuclidean",
    {
      weight: (module) => shapeOf(module, "weight"),
      diagCov: (module) => shapeOf(module, "weight"),
    },
    (module) => shapeOf(module, "weight").join(", "),
  ),
  LookupTable: parametric(
    "Embedding",
    { weight: (module) => shapeOf(module, "weight") },
    (module) => {
      const most = module.number("maxNorm");
      const limit =
        most === undefined ? "" : `, ${pyNumber(most)}, ${pyNumber(num(module, "normType", 2))}`;
      return `${shapeOf(module, "weight").join(", ")}, zero_based${limit}`;
    },
  ),
  LookupTableMaskZero: parametric(
    "EmbeddingMaskZero",
    { weight: (module) => shapeOf(module, "weight") },
    (module) => shapeOf(module, "weight").join(", "),
  ),
  Add: parametric(
    "Add",
    { bias: (module) => shapeOf(module, "bias") },
    (module) => `${shapeOf(module, "bias")[0]}${is(module, "scalar") ? ", scalar=True" : ""}`,
  ),
  CAdd: parametric("CAdd", { bias: (module) => module.sizes("size") ?? [] }, sizes),
  CMul: parametric("CMul", { weight: (module) => module.sizes("size") ?? [] }, sizes),
  Mul: parametric("Mul", { weight: () => [1] }, () => ""),
  Constant: (module, { writer, prefix }) => {
    const value = module.get("value");
    if (!isTensor(value)) throw contradiction(module, "value is no tensor", "a tensor");
    const shape = (value as NnTensor).node.shape ?? [];
    writer.parameter(module, "value", `${prefix}value`, shape);
    return `${writer.helper("Constant")}(${pyTuple(shape)}${dims(module, "nInputDim")})`;
  },
  // Convolutions
  SpatialConvolution: convolution("HW"),
  SpatialConvolutionMM: convolution("HW"),
  SpatialDilatedConvolution: convolution("HW"),
  SpatialFullConvolution: convolution("HW", true),
  VolumetricConvolution: convolution("THW"),
  VolumetricConvolutionMM: convolution("THW"),
  VolumetricDilatedConvolution: convolution("THW"),
  VolumetricFullConvolution: convolution("THW", true),
  SpatialDepthWiseConvolution: parametric(
    "DepthWiseConv2d",
    {
      weight: (module) => [
        length(module, "nOutputPlane"),
        length(module, "nInputPlane"),
        length(module, "kH"),
        length(module, "kW"),
      ],
      bias: (module) => [length(module, "nOutputPlane"), length(module, "nInputPlane")],
    },
    (module, has) =>
      `${length(module, "nInputPlane")}, ${length(module, "nOutputPlane")}, ${pyTuple([int(module, "kH"), int(module, "kW")])}, ${pySize(axes(module, "d", "HW", 1))}, ${pySize(axes(module, "pad", "HW", 0))}${has.has("bias") ? "" : ", bias=False"}`,
  ),
  SpatialConvolutionLocal: parametric(
    "LocalConv2d",
    {
      weight: (module) =>
        ["oH", "oW", "nOutputPlane", "nInputPlane", "kH", "kW"].map((name) => length(module, name)),
      bias: (module) => ["nOutputPlane", "oH", "oW"].map((name) => length(module, name)),
    },
    (module) =>
      `${length(module, "nInputPlane")}, ${length(module, "nOutputPlane")}, ${pyTuple(axes(module, "o", "HW", 1))}, ${pyTuple(axes(module, "k", "HW", 1))}, ${pyTuple(axes(module, "d", "HW", 1))}, ${pyTuple(axes(module, "pad", "HW", 0))}`,
  ),
  SpatialConvolutionMap: connected(false),
  SpatialFullConvolutionMap: connected(true),
  SpatialSubSampling: parametric(
    "SubSampling2d",
    {
      weight: (module) => [length(module, "nInputPlane")],
      bias: (module) => [length(module, "nInputPlane")],
    },
    (module) =>
      `${length(module, "nInputPlane")}, ${pySize(axes(module, "k", "HW", 1))}, ${pySize(axes(module, "d", "HW", 1))}`,
  ),
  TemporalConvolution: parametric(
    "TemporalConv",
    {
      weight: (module) => [
        length(module, "outputFrameSize"),
        length(module, "kW") * length(module, "inputFrameSize"),
      ],
      bias: (module) => [length(module, "outputFrameSize")],
    },
    (module) =>
      `${length(module, "inputFrameSize")}, ${length(module, "outputFrameSize")}, ${length(module, "kW")}, ${int(module, "dW", 1)}`,
  ),
  TemporalRowConvolution: parametric(
    "TemporalRowConv",
    {
      weight: (module) => [length(module, "inputFrameSize"), 1, length(module, "kW")],
      bias: (module) => [length(module, "inputFrameSize")],
    },
    (module, has) =>
      `${length(module, "inputFrameSize")}, ${length(module, "kW")}, ${int(module, "dW", 1)}, ${int(module, "padW", 0)}, ${pyBoolean(is(module, "featFirst"))}${has.has("bias") ? "" : ", bias=False"}`,
  ),
  TemporalMaxPooling: helper(
    "TemporalMaxPool",
    (module) => `${length(module, "kW")}, ${int(module, "dW", 1)}`,
  ),
  TemporalSubSampling: parametric(
    "TemporalSubSampling",
    {
      weight: (module) => [length(module, "inputFrameSize")],
      bias: (module) => [length(module, "inputFrameSize")],
    },
    (module) =>
      `${length(module, "inputFrameSize")}, ${length(module, "kW")}, ${int(module, "dW", 1)}`,
  ),
  TemporalDynamicKMaxPooling: helper(
    "DynamicKMax",
    (module) => `${int(module, "minK")}, ${pyNumber(num(module, "factor", 0))}`,
  ),
  // Pooling, sizes
  SpatialMaxPooling: maxPooling("HW"),
  SpatialDilatedMaxPooling: maxPooling("HW"),
  VolumetricMaxPooling: maxPooling("THW"),
  VolumetricDilatedMaxPooling: maxPooling("THW"),
  SpatialAveragePooling: averagePooling("HW"),
  VolumetricAveragePooling: averagePooling("THW"),
  SpatialAdaptiveMaxPooling: (module) =>
    `nn.AdaptiveMaxPool2d(${pyTuple([length(module, "H"), length(module, "W")])})`,
  SpatialAdaptiveAveragePooling: (module) =>
    `nn.AdaptiveAvgPool2d(${pyTuple([length(module, "H"), length(module, "W")])})`,
  SpatialMaxUnpooling: unpooling,
  SpatialUpSamplingNearest: helper("UpsampleNearest", (module) =>
    String(length(module, "scale_factor")),
  ),
  SpatialUpSamplingBilinear: (module, { writer }) => {
    const name = writer.helper("UpsampleLinear");
    return module.number("scale_factor") === undefined
      ? `${name}(size=${pyTuple([length(module, "oheight"), length(module, "owidth")])})`
      : `${name}(scale=${length(module, "scale_factor")})`;
  },
  UpSampling: (module, { writer }) => {
    const mode = module.get("mode");
    const isVolume = module.number("odepth") !== undefined;
    const scale = module.number("scale_factor");
    if (mode === "nearest" && scale !== undefined && !isVolume) {
      return `${writer.helper("UpsampleNearest")}(${length(module, "scale_factor")})`;
    }
    if (mode !== "linear" || isVolume || scale === undefined) {
      throw contradiction(module, `mode is ${String(mode)}`, "nearest or linear, by a factor");
    }
    return `${writer.helper("UpsampleLinear")}(scale=${length(module, "scale_factor")})`;
  },
  PixelShuffle: (module) => `nn.PixelShuffle(${length(module, "upscaleFactor")})`,
  SpatialZeroPadding: padding(flat),
  SpatialReflectionPadding: padding(flat, "reflect"),
  SpatialReplicationPadding: padding(flat, "replicate"),
  VolumetricReplicationPadding: padding(
    ["pleft", "pright", "ptop", "pbottom", "pfront", "pback"],
    "replicate",
  ),
  // Normalization, dropout
  BatchNormalization: batchNormalization(1),
  SpatialBatchNormalization: batchNormalization(2),
  VolumetricBatchNormalization: batchNormalization(3),
  SpatialCrossMapLRN: (module, { writer }) => {
    const [alpha, beta, k] = ["alpha", "beta", "k"].map((field) => pyNumber(num(module, field)));
    const name = writer.helper("CrossMapLRN");
    return `${name}(${length(module, "size")}, ${alpha}, ${beta}, ${k})`;
  },
  SpatialSubtractiveNormalization: (module, context) =>
    callText(context.writer.helper("SubtractiveNorm"), [
      context.child(module.module("meanestimator"), "mean"),
    ]),
  SpatialDivisiveNormalization: (module, context) =>
    callText(context.writer.helper("DivisiveNorm"), [
      context.child(module.module("meanestimator"), "mean"),
      context.child(module.module("stdestimator"), "deviation"),
      context.child(module.module("thresholder"), "threshold"),
    ]),
  SpatialContrastiveNormalization: (module, context) =>
    context.child(module.module("normalizer"), ""),
  InstanceNormalization: (module, { writer, prefix }) => {
    const features = length(module, "nOutput");
    const affine = writer.parameter(module, "weight", `${prefix}weight`, [features]);
    writer.parameter(module, "bias", `${prefix}bias`, [features]);
    const eps = pyNumber(num(module, "eps", 1e-5));
    return `nn.InstanceNorm2d(${features}, eps=${eps}${affine ? ", affine=True" : ""})`;
  },
  Normalize: helper(
    "Normalize",
    (module) => `${pyNumber(num(module, "p"))}, ${pyNumber(num(module, "eps", 1e-10))}`,
  ),
  Dropout: dropout,
  SpatialDropout: helper("DropoutV1", (module) => `${pyNumber(num(module, "p", 0.5))}, channels=2`),
  VolumetricDropout: helper(
    "DropoutV1",
    (module) => `${pyNumber(num(module, "p", 0.5))}, channels=3`,
  ),
  // Activations
  ReLU: plain("nn.ReLU()"),
  ReLU6: plain("nn.ReLU6()"),
  Tanh: plain("nn.Tanh()"),
  Sigmoid: plain("nn.Sigmoid()"),
  LogSigmoid: plain("nn.LogSigmoid()"),
  SoftSign: plain("nn.Softsign()"),
  TanhShrink: plain("nn.Tanhshrink()"),
  SoftPlus: (module) =>
    `nn.Softplus(${pyNumber(num(module, "beta", 1))}, ${pyNumber(num(module, "threshold", 20))})`,
  SoftShrink: (module) => `nn.Softshrink(${pyNumber(num(module, "lambda", 0.5))})`,
  HardShrink: (module) => `nn.Hardshrink(${pyNumber(num(module, "lambda", 0.5))})`,
  HardTanh: (module) =>
    `nn.Hardtanh(${pyNumber(num(module, "min_val", -1))}, ${pyNumber(num(module, "max_val", 1))})`,
  Clamp: (module) =>
    `nn.Hardtanh(${pyNumber(num(module, "min_val"))}, ${pyNumber(num(module, "max_val"))})`,
  ELU: (module) => `nn.ELU(${pyNumber(num(module, "alpha", 1))})`,
  LeakyReLU: (module) => `nn.LeakyReLU(${pyNumber(num(module, "negval", 0.01))})`,
  RReLU: (module) =>
    `nn.RReLU(${pyNumber(num(module, "lower", 1 / 8))}, ${pyNumber(num(module, "upper", 1 / 3))})`,
  PReLU: (module, { writer, prefix }) => {
    const [count = 1] = shapeOf(module, "weight");
    writer.parameter(module, "weight", `${prefix}weight`, [count]);
    // PyTorch's takes the second dimension for the channels whatever there are.
    return count === 1 ? "nn.PReLU(1)" : `${writer.helper("PReLU")}(${count})`;
  },
  Threshold: (module) =>
    `nn.Threshold(${pyNumber(num(module, "threshold", 1e-6))}, ${pyNumber(num(module, "val", 0))})`,
  GatedLinearUnit: (module) =>
    `nn.GLU(${int(module, "dim", 1) > 0 ? int(module, "dim", 1) - 1 : int(module, "dim")})`,
  SoftMax: scores("F.softmax"),
  SpatialSoftMax: scores("F.softmax"),
  LogSoftMax: scores("F.log_softmax"),
  SpatialLogSoftMax: scores("F.log_softmax"),
  SoftMin: (_module, { writer }) => `${writer.helper("Scores")}(${writer.helper("softmin")})`,
  CReLU: helper("CReLU", (module) => String(int(module, "nInputDims"))),
  ClippedReLU: (module) => `nn.Hardtanh(0, ${pyNumber(num(module, "ceiling"))})`,
  Clip: (module) =>
    `nn.Hardtanh(${pyNumber(num(module, "minval"))}, ${pyNumber(num(module, "maxval"))})`,
  // Elements
  Abs: apply(() => "x.abs()"),
  Exp: apply(() => "x.exp()"),
  Log: apply(() => "x.log()"),
  Square: apply(() => "x * x"),
  Sqrt: apply((module) => {
    const eps = num(module, "eps", 0);
    return eps === 0 ? "x.sqrt()" : `(x + ${pyNumber(eps)}).sqrt()`;
  }),
  Power: apply((module) => `x.pow(${pyNumber(num(module, "pow"))})`),
  AddConstant: apply((module) => `x + ${pyNumber(num(module, "constant_scalar"))}`),
  MulConstant: apply((module) => `x * ${pyNumber(num(module, "constant_scalar"))}`),
  SAdd: apply((module) => {
    const sum = `x + ${pyNumber(num(module, "addend"))}`;
    return is(module, "negate") ? `-(${sum})` : sum;
  }),
  // Nothing, in evaluation
  Identity: plain("nn.Identity()"),
  Copy: plain("nn.Identity()"),
  Contiguous: plain("nn.Identity()"),
  GradientReversal: plain("nn.Identity()"),
  ZeroGrad: plain("nn.Identity()"),
  WhiteNoise: plain("nn.Identity()"),
  L1Penalty: plain("nn.Identity()"),
  // Shapes
  View: helper("View", (module) => {
    const count = module.number("numInputDims");
    return `${sizes(module)}${count === undefined ? "" : `, dims=${int(module, "numInputDims")}`}`;
  }),
  Reshape: helper("Reshape", (module) => {
    const batch = module.get("batchMode");
    return `${sizes(module)}${typeof batch === "boolean" ? `, batch=${pyBoolean(batch)}` : ""}`;
  }),
  Replicate: withAxis(
    "Replicate",
    (module) => `${length(module, "nfeatures")}, ${int(module, "dim", 1)}${dims(module, "ndim")}`,
  ),
  Transpose: helper("Transpose", (module) => {
    const pairs = module.get("permutations");
    const list = pairs instanceof NnTable ? pairs.list : [];
    const texts = list.map((pair) => {
      const numbers = pair instanceof NnTable ? pair.list : [];
      if (numbers.length !== 2 || !numbers.every((value) => Number.isInteger(value))) {
        throw contradiction(module, "permutations are no pairs", "pairs of dimensions");
      }
      return pyTuple(numbers as number[]);
    });
    const count = module.number("numInputDims");
    return texts.join(", ") + (count === undefined ? "" : `, dims=${int(module, "numInputDims")}`);
  }),
  Unsqueeze: helper("Unsqueeze", (module) => int(module, "pos") + dims(module, "numInputDims")),
  Squeeze: withAxis("Squeeze", (module) =>
    module.number("dim") === undefined ? "" : int(module, "dim") + dims(module, "numInputDims"),
  ),
  Select: withAxis("Select", (module) => `${int(module, "dimension")}, ${int(module, "index")}`),
  Narrow: withAxis(
    "Narrow",
    (module) => `${int(module, "dimension")}, ${int(module, "index")}, ${int(module, "length", 1)}`,
  ),
  Padding: helper(
    "Padding",
    (module) =>
      `${int(module, "dim")}, ${int(module, "pad")}, ${int(module, "nInputDim", 0)}, ${pyNumber(num(module, "value", 0))}, ${int(module, "index", 1)}`,
  ),
  Collapse: helper("Collapse", (module) => String(int(module, "nInputDim"))),
  Sum: reduce("torch.sum"),
  Mean: reduce("torch.mean"),
  Max: reduce("torch.max"),
  Min: reduce("torch.min"),
  // Sequences
  Sequencer: (module, context) => {
    context.writer.helper("Recurrent");
    const step = module.module("module") ?? module.modules()[0];
    return callText(context.writer.helper("Sequencer"), [context.child(step, "step")]);
  },
  Recursor: transparent,
  FastLSTM: recurrent(2),
  LSTM: recurrent(2),
  GRU: recurrent(1),
  Recurrent: (module, context) => {
    const { writer } = context;
    const first = context.child(module.module("initialModule"), "first");
    const cell = context.child(module.module("recurrentModule") ?? stepOf(module), "cell");
    return callText(writer.helper("Recurrent"), [cell, `first=${first}`]);
  },
  SeqReverseSequence: apply((module) => `x.flip(${int(module, "dim", 1) - 1})`),
  SeqLSTM: parametric(
    "SeqLSTM",
    {
      weight: (module) => [
        length(module, "inputsize") + length(module, "outputsize"),
        4 * length(module, "outputsize"),
      ],
      bias: (module) => [4 * length(module, "outputsize")],
    },
    (module) =>
      `${length(module, "inputsize")}, ${length(module, "outputsize")}, ${pyBoolean(is(module, "batchfirst"))}`,
  ),
  SeqGRU: parametric(
    "SeqGRU",
    {
      weight: (module) => [
        length(module, "inputSize") + length(module, "outputSize"),
        3 * length(module, "outputSize"),
      ],
      bias: (module) => [3 * length(module, "outputSize")],
    },
    (module) =>
      `${length(module, "inputSize")}, ${length(module, "outputSize")}, ${pyBoolean(is(module, "batchfirst"))}`,
  ),
};

/** `nn.PartialLinear` keeps its weight in a lookup table somewhere in `network`. */
function lookupIn(module: NnModule): NnModule | undefined {
  const waiting = [module.module("network")];
  for (let count = 0; count < 100 && waiting.length > 0; count++) {
    const next = waiting.pop();
    if (next?.tensor("weight")) return next;
    if (next) waiting.push(...next.modules());
  }
  return undefined;
}
