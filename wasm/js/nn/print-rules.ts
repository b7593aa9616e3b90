/** How Torch prints each class (`docs/format.md` § Printing); those without a rule by their name alone. */

import { fixed, general, plain, whole } from "./lua-format.js";
import type { NnModule, NnValue } from "./values.js";

export interface PrintRule {
  /** Children whose text is part of this one. */
  children: (module: NnModule) => Array<NnModule | undefined>;
  /** `texts` are theirs, in order. */
  text: (module: NnModule, texts: string[]) => string;
}

const number = (value: NnValue): number => (typeof value === "number" ? value : Number.NaN);

/** Fields, concatenated. */
const fields = (module: NnModule, ...names: string[]): string[] =>
  names.map((name) => plain(module.get(name)));

const isNot = (module: NnModule, expected: number, ...names: string[]): boolean =>
  names.some((name) => (module.number(name) ?? expected) !== expected);

/** Groups behind the first, each only if one of its values is not what it is unless told. */
function group(module: NnModule, names: string[], shown: boolean): string {
  return shown ? `, ${fields(module, ...names).join(",")}` : "";
}

const withoutBias = (module: NnModule): string =>
  module.get("bias") === undefined || module.get("bias") === null ? " without bias" : "";

const indent = (text: string, by: string): string => text.replace(/\n/g, `\n${by}`);

const sizeAt = (module: NnModule, name: string, dimension: number): string =>
  plain(module.tensor(name)?.node.shape?.[dimension]);

const leaf = (text: (module: NnModule) => string): PrintRule => ({ children: () => [], text });

const named = (text: (module: NnModule) => string): PrintRule =>
  leaf((module) => `${module.typename}(${text(module)})`);

/** `3x3`, strides and paddings of a window, wherever they are not the usual ones. */
function windowText(module: NnModule, axes: string, strides: "always" | "unusual"): string {
  const names = (prefix: string) => [...axes].map((axis) => prefix + axis);
  const kernel = [...axes].map((axis) => `k${axis}`);
  const pads = names("pad");
  const padded = isNot(module, 0, ...pads);
  const strided = isNot(module, 1, ...names("d"));
  const shown = strides === "always" || strided || padded;
  return (
    fields(module, ...kernel).join("x") +
    group(module, names("d"), shown) +
    group(module, pads, padded)
  );
}

const planes = (module: NnModule): string =>
  fields(module, "nInputPlane", "nOutputPlane").join(" -> ");

/** Older files have no strides of padding before these fields came. */
const convolution = (axes: string, more: (module: NnModule) => string = () => ""): PrintRule =>
  leaf(
    (module) =>
      `${module.typename}(${planes(module)}, ${windowText(module, axes, "unusual")}${more(module)})`,
  );

const biased = (rule: PrintRule): PrintRule => ({
  ...rule,
  text: (module, texts) => rule.text(module, texts) + withoutBias(module),
});

const dilation = (axes: string) => (module: NnModule) =>
  group(
    module,
    [...axes].map((axis) => `dilation${axis}`),
    true,
  );

const adjustment = (axes: string) => (module: NnModule) => {
  const names = [...axes].map((axis) => `adj${axis}`);
  return group(module, names, isNot(module, 0, ...names));
};

const pooling = (axes: string, more: (module: NnModule) => string = () => ""): PrintRule =>
  named((module) => windowText(module, axes, "always") + more(module));

/** Text of the fields in one format: `lambda:%f`. */
const floats = (name: string) => (module: NnModule) => fixed(number(module.get(name)));

const batchNormalization = (dimensions: number): PrintRule =>
  leaf(
    (module) =>
      `${module.typename} (${dimensions}D) (${plain(module.tensor("running_mean")?.node.size)})`,
  );

const padding = (labels: Record<string, string>): PrintRule =>
  named((module) =>
    Object.entries(labels)
      .map(([label, name]) => `${label}=${whole(number(module.get(name)))}`)
      .join(", "),
  );

const flatPadding = padding({ l: "pad_l", r: "pad_r", t: "pad_t", b: "pad_b" });

const decorated = (module: NnModule) => [module.module("module") ?? module.modules()[0]];

const decorator: PrintRule = {
  children: decorated,
  text: (module, [child]) => `${module.typename} @ ${child}`,
};

const modules = (module: NnModule) => module.modules();

const sequential: PrintRule = {
  children: modules,
  text: (_module, texts) => {
    const chain = texts.map((_, at) => `(${at + 1})`);
    const lines = [`[${["input", ...chain, "output"].join(" -> ")}]`];
    lines.push(...texts.map((text, at) => `(${at + 1}): ${text}`));
    return `nn.Sequential {\n  ${lines.map((line) => indent(line, "  ")).join("\n  ")}\n}`;
  },
};

const branches: PrintRule = {
  children: modules,
  text: (module, texts) => {
    const lines = texts.map((text, at) =>
      at < texts.length - 1
        ? `    |\`-> (${at + 1}): ${indent(text, "    |    ")}`
        : `     \`-> (${at + 1}): ${indent(text, "         ")}`,
    );
    return [`${module.typename} {`, "  input", ...lines, "     ... -> output", "}"].join("\n");
  },
};

const mapTable: PrintRule = {
  children: (module) => module.modules().slice(0, 1),
  text: (module, [child]) =>
    child === undefined
      ? `${module.typename} { }`
      : `${module.typename} {\n  ${indent(child, "        ")}\n}`,
};

const inputToOutput = named((module) => fields(module, "inputSize", "outputSize").join(" -> "));

const recurrent: PrintRule = {
  children: (module) =>
    ["startModule", "inputModule", "feedbackModule", "mergeModule", "transferModule"].map((name) =>
      module.module(name),
    ),
  text: (
    module,
    [start = "nil", input = "nil", feedback = "nil", merge = "nil", transfer = "nil"],
  ) =>
    [
      `${module.typename} {`,
      "  [{input(t), output(t-1)} -> (1) -> (2) -> (3) -> output(t)]",
      "  (1):  {",
      "    input(t)",
      `      |\`-> (t==0): ${indent(start, "      |    ")}`,
      `      |\`-> (t~=0): ${indent(input, "      |    ")}`,
      "    output(t-1)",
      `      |\`-> ${indent(feedback, "      |    ")}`,
      "  }",
      `  (2): ${indent(merge, "  ")}`,
      `  (3): ${indent(transfer, "  ")}`,
      "}",
    ].join("\n"),
};

const fractional = (axes: string): PrintRule =>
  named((module) => {
    const has = module.number(`out${axes[0]}`) !== undefined;
    const sizes = [...axes].map((axis) =>
      whole(number(module.get((has ? "out" : "ratio") + axis))),
    );
    const pools = [...axes].map((axis) => whole(number(module.get(`poolSize${axis}`))));
    return `${sizes.join("x")}, ${pools.join(",")}`;
  });

const unpooling: PrintRule = {
  children: (module) => [module.module("pooling")],
  text: (module, [pool]) => `${module.typename} associated to ${pool ?? "nil"}`,
};

/** By the class without its package; a rule with the package in its name comes first. */
export const printRules: Readonly<Record<string, PrintRule>> = {
  // Containers
  Sequential: sequential,
  Maxout: sequential,
  HighwayMaxout: sequential,
  LayerNormalization: sequential,
  SpatialLPPooling: sequential,
  Concat: branches,
  ConcatTable: branches,
  Parallel: branches,
  ParallelTable: branches,
  DepthConcat: branches,
  MapTable: mapTable,
  Bottle: decorator,
  DontCast: decorator,
  WeightNorm: decorator,
  Serial: decorator,
  MaskZero: decorator,
  TrimZero: decorator,
  Profile: decorator,
  Sequencer: decorator,
  SequencerCriterion: decorator,
  Recursor: decorator,
  Recurrence: decorator,
  BiSequencer: decorator,
  BiSequencerLM: decorator,
  SeqBRNN: decorator,
  Inception: decorator,
  Recurrent: recurrent,
  NaN: {
    children: decorated,
    text: (module, [child]) => `${module.typename}(${plain(module.get("id"))}) @ ${child}`,
  },
  GPU: {
    children: decorated,
    text: (module, [child]) => `${module.typename}(${plain(module.get("device"))}) @ ${child}`,
  },
  gModule: leaf((module) => {
    const name = module.get("name");
    return typeof name === "string" ? name : module.typename;
  }),
  // Linear
  Linear: biased(
    named((module) => `${sizeAt(module, "weight", 1)} -> ${sizeAt(module, "weight", 0)}`),
  ),
  LinearNoBias: biased(
    named((module) => `${sizeAt(module, "weight", 1)} -> ${sizeAt(module, "weight", 0)}`),
  ),
  LinearWeightNorm: biased(inputToOutput),
  PartialLinear: leaf(
    (module) =>
      `${module.typename}(${fields(module, "inputsize", "outputsize").join(" -> ")})` +
      (module.get("bias") === false ? " without bias" : ""),
  ),
  Bilinear: leaf((module) => {
    const [out, first, second] = module.tensor("weight")?.node.shape ?? [];
    const sizes = `${plain(first)}x${plain(second)} -> ${plain(out)}`;
    return `${module.typename}(${sizes}) ${withoutBias(module)}`;
  }),
  // Convolutions
  SpatialConvolution: biased(convolution("WH")),
  SpatialConvolutionMM: biased(convolution("WH")),
  SpatialDepthWiseConvolution: biased(convolution("WH")),
  SpatialConvolutionLocal: leaf((module) => {
    const input = fields(module, "iW", "iH").join("x");
    return `${module.typename}(${planes(module)}, ${input}, ${windowText(module, "WH", "unusual")})`;
  }),
  SpatialDilatedConvolution: biased(convolution("WH", dilation("WH"))),
  SpatialFullConvolution: biased(convolution("WH", adjustment("WH"))),
  VolumetricConvolution: convolution("TWH"),
  VolumetricDilatedConvolution: biased(convolution("TWH", dilation("TWH"))),
  VolumetricFullConvolution: convolution("TWH", adjustment("TWH")),
  TemporalRowConvolution: biased(
    named(
      (module) =>
        fields(module, "inputFrameSize", "kW").join(", ") +
        (isNot(module, 1, "dW") ? `, ${plain(module.get("dW"))}` : "") +
        (isNot(module, 0, "padW") ? `, ${plain(module.get("padW"))}` : ""),
    ),
  ),
  // Pooling
  SpatialMaxPooling: pooling("WH"),
  SpatialAveragePooling: pooling("WH"),
  SpatialDilatedMaxPooling: pooling("WH", dilation("WH")),
  VolumetricMaxPooling: pooling("TWH"),
  VolumetricAveragePooling: pooling("TWH"),
  VolumetricDilatedMaxPooling: pooling("TWH", dilation("TWH")),
  SpatialFractionalMaxPooling: fractional("WH"),
  VolumetricFractionalMaxPooling: fractional("TWH"),
  SpatialMaxUnpooling: unpooling,
  VolumetricMaxUnpooling: unpooling,
  // Normalization and dropout
  BatchNormalization: batchNormalization(2),
  SpatialBatchNormalization: batchNormalization(4),
  VolumetricBatchNormalization: batchNormalization(5),
  Normalize: named((module) => {
    const p = number(module.get("p"));
    return Number.isInteger(p) ? whole(p) : fixed(p);
  }),
  // That of rnn has another text than that of nn, which has no field `lazy`.
  Dropout: named((module) =>
    module.get("lazy") === undefined
      ? floats("p")(module)
      : `${fixed(number(module.get("p")), 1)}, ${module.get("lazy") === true ? "lazy" : "busy"}`,
  ),
  SpatialDropout: named(floats("p")),
  VolumetricDropout: named(floats("p")),
  TotalDropout: named(floats("p")),
  SpatialRegionDropout: leaf((module) => `${module.typename} p: ${floats("p")(module)}`),
  WhiteNoise: leaf(
    (module) => `${module.typename} mean: ${floats("mean")(module)}, std: ${floats("std")(module)}`,
  ),
  // Activations
  LeakyReLU: named((module) => general(number(module.get("negval")), 6)),
  ELU: leaf((module) => `${module.typename} (alpha:${floats("alpha")(module)})`),
  RReLU: leaf(
    (module) => `${module.typename} (l:${floats("lower")(module)}, u:${floats("upper")(module)})`,
  ),
  CReLU: leaf(() => "CReLU()"),
  // Shapes
  Reshape: named((module) => (module.sizes("size") ?? []).map(plain).join("x")),
  View: named((module) => (module.sizes("size") ?? []).map(plain).join(", ")),
  SelectTable: named((module) => plain(module.get("index"))),
  Unsqueeze: named((module) => `dim ${plain(module.get("pos"))}`),
  SpatialZeroPadding: flatPadding,
  SpatialReflectionPadding: flatPadding,
  SpatialReplicationPadding: flatPadding,
  VolumetricReplicationPadding: padding({
    left: "pleft",
    right: "pright",
    top: "ptop",
    bottom: "pbottom",
    front: "pfront",
    back: "pback",
  }),
  SpatialUpSamplingBilinear: named((module) =>
    module.number("scale_factor") === undefined
      ? fields(module, "oheight", "owidth").join(", ")
      : plain(module.get("scale_factor")),
  ),
  UpSampling: named((module) => {
    const mode = plain(module.get("mode"));
    if (module.number("scale_factor") !== undefined) {
      return `${plain(module.get("scale_factor"))}x, ${mode}`;
    }
    const names = module.number("odepth") === undefined ? [] : ["odepth"];
    return `${fields(module, ...names, "oheight", "owidth").join("x")}, ${mode}`;
  }),
  // rnn and dpnn
  LSTM: inputToOutput,
  FastLSTM: inputToOutput,
  NormStabilizer: inputToOutput,
  GRU: named(
    (module) =>
      `${fields(module, "inputSize", "outputSize").join(" -> ")}, ${fixed(number(module.get("p")), 2)}`,
  ),
  LookupRNN: inputToOutput,
  LinearRNN: inputToOutput,
  RecLSTM: inputToOutput,
  RecGRU: inputToOutput,
  FireModule: leaf((module) => {
    const { typename } = module;
    const squeeze = plain(module.get("s1x1"));
    const expand = `${plain(module.get("e1x1"))}(1x1) + ${plain(module.get("e3x3"))}(3x3)`;
    const activation = plain(module.get("activation"));
    return `${typename} inputPlanes: ${plain(module.get("nInputPlane"))} -> Squeeze Planes: ${squeeze} -> Expand: ${expand}, activation: ${activation}`;
  }),
};

/** `nn.Linear` and `cudnn.Linear` are printed by one rule. */
export const bareName = (typename: string): string => typename.slice(typename.lastIndexOf(".") + 1);

export const ruleOf = (typename: string): PrintRule | undefined => {
  const name = bareName(typename);
  return Object.hasOwn(printRules, name) ? printRules[name] : undefined;
};
