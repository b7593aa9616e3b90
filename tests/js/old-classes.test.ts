/**
 * Files of Torch5 and of 2011, whose classes wrote their fields one by one: every class of
 * `docs/format.md` § Classes of Torch5 and 2011, alone and among others, in binary and as text.
 */

import { describe, expect, it } from "vitest";
import type { T7FileApi, T7Node } from "../../wasm/js/base/api.js";
import { load, open } from "../../wasm/js/index.node.js";
import { Bytes, type DialectName } from "./bytes.js";

/** What the bodies of all modules and criteria begin with. */
const module_ = "O gradInput output";
const criterion = "O gradInput D output";

/**
 * Kinds as in the appendix: they go for all names behind them. Where a class had several forms, the first is
 * taken unless the file tells that it cannot be: then another is found, and said to be guessed.
 */
const layouts: Record<string, string[]> = {
  // Torch5
  Module: [module_],
  Criterion: [criterion],
  AbsCriterion: [`${criterion} B sizeAverage`],
  MSECriterion: [`${criterion} B sizeAverage`],
  Add: [`${module_} bias gradBias`],
  CMul: [`${module_} weight gradWeight`],
  Mul: [`${module_} weight gradWeight`],
  Euclidean: [`${module_} weight gradWeight`],
  Concat: [`${module_} modules size I dimension`],
  ConcatTable: [`${module_} modules`],
  ParallelTable: [`${module_} modules`],
  Sequential: [`${module_} modules`],
  CosineDistance: [module_],
  DotProduct: [module_],
  Identity: [module_],
  CosineEmbeddingCriterion: [`${criterion} margin`],
  HingeEmbeddingCriterion: [`${criterion} margin`],
  L1HingeEmbeddingCriterion: [`${criterion} margin`],
  MarginCriterion: [`${criterion} margin`],
  MarginRankingCriterion: [`${criterion} margin`],
  CriterionTable: [`${module_} criterion`],
  JoinTable: [`${module_} size I dimension`],
  Linear: [`${module_} D weightDecay O weight bias gradWeight gradBias`],
  SparseLinear: [`${module_} D weightDecay O weight bias gradWeight gradBias`],
  LogSigmoid: [`${module_} buffer`],
  LookupTable: [`${module_} size weight currentInputs currentGradWeights`],
  Max: [`${module_} I dimension O indices`],
  Min: [`${module_} I dimension O indices`],
  Mean: [`${module_} I dimension`],
  Sum: [`${module_} I dimension`],
  MultiCriterion: [`${criterion} O criterions weights`],
  PairwiseDistance: [`${module_} D norm`],
  Parallel: [`${module_} modules size I inputDimension outputDimension`],
  Reshape: [`${module_} size`],
  Select: [`${module_} I dimension L index`],
  SoftMax: [`${module_} D shift B computeShift`],
  SpatialConvolution: [
    `${module_} I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias`,
  ],
  SpatialSubSampling: [`${module_} I kW kH dW dH nInputPlane O weight bias gradWeight gradBias`],
  SplitTable: [`${module_} modules I dimension`],
  StochasticGradient: [
    "D learningRate learningRateDecay I maxIteration B shuffleIndices O module criterion",
  ],
  TemporalConvolution: [
    `${module_} I kW dW inputFrameSize outputFrameSize O weight bias gradWeight gradBias`,
  ],
  TemporalSubSampling: [`${module_} I kW dW inputFrameSize O weight bias gradWeight gradBias`],
  // They only inherit.
  Tanh: [module_],
  Sigmoid: [module_],
  HardTanh: [module_],
  LogSoftMax: [module_],
  Exp: [module_],
  TanhShrink: [module_],
  SoftShrink: [module_],
  ClassNLLCriterion: [criterion],
  // Side branches of 2011
  Abs: [module_],
  CAddTable: [module_],
  CDivTable: [module_],
  CMulTable: [module_],
  CSubTable: [module_],
  Sqrt: [module_],
  Square: [module_],
  Narrow: [`${module_} I dimension L index length`],
  Power: [`${module_} D pow`],
  Replicate: [`${module_} I nfeatures`],
  SpatialConvolutionMap: [
    `${module_} I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias connTable`,
  ],
  SpatialMaxPooling: [`${module_} I kW kH dW dH O indices`],
  Threshold: [`${module_} D threshold val`],
  // nnx
  SparseCriterion: [`${criterion} B sizeAverage`],
  SpatialClassNLLCriterion: [`${criterion} resampleTarget I nbGradients B sizeAverage`],
  SpatialColorTransform: [`${module_} type B islinear O linear`],
  SpatialConvolutionSparse: [
    `${module_} I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias connTable`,
  ],
  SpatialConvolutionTable: [
    `${module_} I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias connTable`,
  ],
  SpatialFovea: [
    `${module_} I nInputPlane padding fov sub B bilinear O ratios downsamplers padders upsamplers processors preProcessors pyramid preProcessed padded narrowed processed upsampled`,
    `${module_} I nInputPlane padding fov sub O ratios downsamplers padders upsamplers processors preProcessors pyramid preProcessed padded narrowed processed upsampled`,
  ],
  SpatialGraph: [`${module_} I connex dist normalize`],
  SpatialLinear: [`${module_} I fanin fanout D weightDecay O weight bias gradWeight gradBias`],
  SpatialMSECriterion: [
    `${criterion} resampleTarget I nbGradients`,
    `${criterion} resampleTarget I nbGradients ignoreClass`,
    `${criterion} resampleTarget I nbUpdates B distribution I ignoreClass B meanError`,
  ],
  SpatialNormalization: [
    `${module_} kernel I nfeatures padW padH kerWisPair kerHisPair O convo convostd squareMod sqrtMod subtractMod meanDiviseMod stdDiviseMod thresMod diviseMod coef I fixedThres`,
  ],
  SpatialPadding: [`${module_} I pad_l pad_r pad_t pad_b`],
  SpatialReSampling: [`${module_} I owidth oheight`],
  SpatialSparseCriterion: [`${criterion} D part1 I part2`],
  SpatialUpSampling: [`${module_} I dW dH`, `${module_} I dW dH nInputPlane`],
  Probe: [`${module_} name B content display size backw`],
  DistNLLCriterion: [
    `${criterion} B part1 part2 part3 O targetSoftMax inputLogSoftMax gradLogInput`,
  ],
  Trainer: ["D part1 part2 I part3", "D part1 part2 I part3 B part4"],
  StochasticTrainer: ["D part1 part2 I part3 O module criterion"],
  OnlineTrainer: [
    "D part1 part2 I part3 O module criterion",
    "D part1 part2 I part3 B part4 O module criterion",
  ],
  ConfusionMatrix: ["O mat valids I nclasses totalValid averageValid O classes"],
  SpatialBackConvolution: [`${module_} I dW dH O weight gradWeight`],
  WeightedMSECriterion: [`${criterion} B sizeAverage O weight`],
};

type Kind = "O" | "I" | "B" | "D" | "L";

function partsOf(layout: string): { kind: Kind; name: string }[] {
  let kind: Kind = "O";
  const parts: { kind: Kind; name: string }[] = [];
  for (const word of layout.split(" ")) {
    if (/^[OIBDL]$/.test(word)) kind = word as Kind;
    else parts.push({ kind, name: word });
  }
  return parts;
}

/** Counts objects, and writes bodies with values that are easy to tell apart. */
class OldWriter {
  readonly bytes: Bytes;
  private last = 0;

  constructor(dialect: DialectName) {
    this.bytes = new Bytes(dialect);
  }

  next(): number {
    this.last += 1;
    return this.last;
  }

  tensor(count: number): void {
    this.bytes.tensor(this.next(), "Double", [count], [1]);
    this.next();
    this.bytes.double(...Array.from({ length: count }, (_, at) => at + 0.5));
  }

  list(writers: Array<() => void>): void {
    this.bytes.table(this.next(), writers.length);
    for (const [at, write] of writers.entries()) {
      this.bytes.number(at + 1);
      write();
    }
  }

  /** Gives what a reader must find: numbers and booleans by name. */
  object(name: string, layout: string, isTable: boolean): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    this.bytes.object(this.next(), `nn.${name}`);
    for (const [at, { kind, name: field }] of partsOf(layout).entries()) {
      if (kind !== "O") found[field] = kind === "B" ? true : at + (kind === "D" ? 2.25 : 2);
      if (kind === "I") this.bytes.int(at + 2);
      else if (kind === "L") this.bytes.long(at + 2);
      else if (kind === "D") this.bytes.double(at + 2.25);
      else if (kind === "B") this.bytes.int(1);
      else if (field === "gradInput" && isTable)
        this.list([() => this.tensor(2), () => this.tensor(3)]);
      else if (/^(modules|criterions|ratios|downsamplers|classes)$/.test(field))
        this.list([() => this.tensor(1)]);
      else if (/^(name|type)$/.test(field)) this.bytes.string("a name");
      else this.tensor(1 + (at % 3));
    }
    return found;
  }
}

const dialects: DialectName[] = ["LE64", "LE32", "BE64", "ASCII"];

/** Everything below a node, as far as it is an object of `nn`. */
async function objectsOf(file: T7FileApi): Promise<T7Node[]> {
  const found: T7Node[] = [];
  const waiting = [...file.roots];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === "object") found.push(node);
    if ((node.count ?? 0) > 0 && node.sameAs === undefined) {
      waiting.push(...(await file.children(node)).reverse());
    }
  }
  return found;
}

async function expectWhole(
  bytes: Uint8Array,
  objects: number,
  warnings: string[] = [],
): Promise<T7FileApi> {
  const file = await open(bytes);
  expect(file.error).toBe(null);
  expect(file.warnings.map(({ code }) => code)).toEqual(warnings);
  expect(file.totals.objects).toBe(objects);
  expect(file.roots).toHaveLength(1);
  return file;
}

async function expectFields(file: T7FileApi, node: T7Node, fields: Record<string, unknown>) {
  const children = await file.children(node);
  for (const [name, value] of Object.entries(fields)) {
    const child = children.find(({ key }) => key === name);
    expect([name, typeof child?.value === "bigint" ? Number(child.value) : child?.value]).toEqual([
      name,
      value,
    ]);
  }
}

const cases = Object.entries(layouts).flatMap(([name, forms]) =>
  forms.map((layout, at) => [`${name} ${at === 0 ? "" : at + 1}`.trim(), name, layout] as const),
);

describe.each(dialects)("%s", (dialect) => {
  it.each(cases)("%s between two linear layers", async (_title, name, layout) => {
    const isFirst = layouts[name]?.[0] === layout;
    for (const isTable of [false, true]) {
      const writer = new OldWriter(dialect);
      let fields = {};
      writer.bytes.object(writer.next(), "nn.Sequential");
      for (const _ of ["gradInput", "output"]) writer.tensor(2);
      const linear = layouts.Linear?.[0] as string;
      writer.list([
        () => writer.object("Linear", linear, false),
        () => {
          fields = writer.object(name, layout, isTable);
        },
        () => writer.object("Linear", linear, false),
      ]);
      const count = writer.next() - 1;
      const warnings = isFirst ? [] : ["guessed_layout"];
      const file = await expectWhole(writer.bytes.done(), count, warnings);
      const node = await file.node("root.modules[2]");
      expect(node?.typename).toBe(`nn.${name}`);
      expect(node?.guessed ?? false).toBe(!isFirst);
      await expectFields(file, node as T7Node, fields);
      expect((await objectsOf(file)).length).toBeGreaterThanOrEqual(4);
      await file.close();
    }
  });
});

it("a file of all of them is one value, and nothing is guessed", async () => {
  const writer = new OldWriter("LE64");
  writer.bytes.object(writer.next(), "nn.Sequential");
  for (const _ of ["gradInput", "output"]) writer.tensor(2);
  writer.list(
    Object.entries(layouts).map(([name, [layout = ""]], at) => () => {
      writer.object(name, layout, at % 2 === 1);
    }),
  );
  const bytes = writer.bytes.done();
  const file = await expectWhole(bytes, writer.next() - 1);
  expect((await objectsOf(file)).filter(({ guessed }) => guessed)).toEqual([]);
  await file.close();
  await load(bytes);
});
