/**
 * Networks built from their public descriptions, in shape only: parameters and multiply-adds as they are
 * published (torchvision's tables: 0.71, 15.47, 1.81, 4.09 and 1.50 GFLOPS).
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { open, parametersOf, shapesOf, toPyTorch } from "../../wasm/js/index.node.js";
import {
  add,
  all,
  averagePool,
  branches,
  concat,
  conv,
  dropout,
  identity,
  type Layer,
  linear,
  maxPool,
  norm,
  relu,
  seqLstm,
  view,
  writeNetwork,
} from "./network-writer.js";
import { temporaryFolder } from "./t7-writer.js";

const alexNet = all(
  ...[conv(3, 64, 11, 4, 2), relu, maxPool(3, 2), conv(64, 192, 5, 1, 2), relu, maxPool(3, 2)],
  ...[conv(192, 384, 3, 1, 1), relu, conv(384, 256, 3, 1, 1), relu, conv(256, 256, 3, 1, 1), relu],
  ...[maxPool(3, 2), view(256 * 6 * 6), dropout, linear(9216, 4096), relu, dropout],
  ...[linear(4096, 4096), relu, linear(4096, 1000)],
);

const vggLayers = (): Layer[] => {
  let planes = 3;
  const blocks = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ];
  return blocks.flatMap((block) => [
    ...block.flatMap((outputs) => {
      const layer = conv(planes, outputs, 3, 1, 1);
      planes = outputs;
      return [layer, relu];
    }),
    maxPool(2, 2),
  ]);
};

const vgg16 = all(
  ...[...vggLayers(), view(25088), linear(25088, 4096), relu, dropout],
  ...[linear(4096, 4096), relu, dropout, linear(4096, 1000)],
);

/** A convolution without bias and its normalization. */
const normed = (...args: [number, number, number, number?, number?]): Layer[] => {
  const [inputs, outputs, k, d = 1, pad = 0] = args;
  return [conv(inputs, outputs, k, d, pad, false), norm(outputs)];
};

const residual = (inputs: number, outputs: number, d: number, path: Layer[]): Layer => {
  const shortcut = d === 1 && inputs === outputs ? identity : all(...normed(inputs, outputs, 1, d));
  return all(branches(all(...path), shortcut), add, relu);
};

const basic = (inputs: number, n: number, d: number) =>
  residual(inputs, n, d, [...normed(inputs, n, 3, d, 1), relu, ...normed(n, n, 3, 1, 1)]);

const bottleneck = (inputs: number, n: number, d: number) =>
  residual(inputs, 4 * n, d, [
    ...[...normed(inputs, n, 1), relu, ...normed(n, n, 3, d, 1), relu],
    ...normed(n, 4 * n, 1),
  ]);

const resNet = (block: typeof basic, counts: number[], widen: number): Layer => {
  let planes = 64;
  const stages = counts.flatMap((count, stage) =>
    Array.from({ length: count }, (_, at) => {
      const layer = block(planes, 64 << stage, at === 0 && stage > 0 ? 2 : 1);
      planes = widen * (64 << stage);
      return layer;
    }),
  );
  return all(
    ...[...normed(3, 64, 7, 2, 3), relu, maxPool(3, 2, 1), ...stages],
    ...[averagePool(7), view(512 * widen), linear(512 * widen, 1000)],
  );
};

const unit = (...args: Parameters<typeof normed>): Layer[] => [...normed(...args), relu];

const inception = (i: number, a: number, b: number, c: number, d: number, e: number, f: number) =>
  concat(
    all(...unit(i, a, 1)),
    all(...unit(i, b, 1), ...unit(b, c, 3, 1, 1)),
    all(...unit(i, d, 1), ...unit(d, e, 3, 1, 1)),
    all(maxPool(3, 1, 1, true), ...unit(i, f, 1)),
  );

/** Inception-v1 as torchvision has it: normalized, and 3×3 where the paper has 5×5. */
const googLeNet = all(
  ...[...unit(3, 64, 7, 2, 3), maxPool(3, 2, 0, true), ...unit(64, 64, 1)],
  ...[...unit(64, 192, 3, 1, 1), maxPool(3, 2, 0, true)],
  ...[inception(192, 64, 96, 128, 16, 32, 32), inception(256, 128, 128, 192, 32, 96, 64)],
  ...[maxPool(3, 2, 0, true), inception(480, 192, 96, 208, 16, 48, 64)],
  ...[inception(512, 160, 112, 224, 24, 64, 64), inception(512, 128, 128, 256, 24, 64, 64)],
  ...[inception(512, 112, 144, 288, 32, 64, 64), inception(528, 256, 160, 320, 32, 128, 128)],
  ...[maxPool(2, 2, 0, true), inception(832, 256, 160, 320, 32, 128, 128)],
  ...[inception(832, 384, 192, 384, 48, 128, 128), averagePool(7), view(1024), dropout],
  linear(1024, 1000),
);

/** Two layers of 512 over 65 characters. */
const charLstm = all(...[seqLstm(65, 512), seqLstm(512, 512)], {
  typename: "nn.Bottle",
  fields: { nInputDim: 2 },
  modules: [linear(512, 65)],
});

describe("a character LSTM", () => {
  it("has the parameters and multiply-adds of its gates", async () => {
    const file = await open(writeNetwork(charLstm).bytes());
    const found = await parametersOf(file);
    const gates = 4 * 512 * (65 + 512 + 1) + 4 * 512 * (512 + 512 + 1);
    expect(found.reduce((sum, { node }) => sum + (node.size ?? 0), 0)).toBe(gates + 513 * 65);
    // 50 steps of 10 sequences; a bias is no multiplication.
    const shapes = await shapesOf(file, "root", { input: [50, 10, 65] });
    expect(shapes.output).toEqual([50, 10, 65]);
    expect(shapes.multiplyAdds).toBe(500 * (gates - 2 * 4 * 512 + 512 * 65));
    await file.close();
  });
});

const networks: Array<[string, Layer, parameters: number, giga: number]> = [
  ["AlexNet", alexNet, 61_100_840, 0.71],
  ["VGG-16", vgg16, 138_357_544, 15.47],
  ["ResNet-18", resNet(basic, [2, 2, 2, 2], 1), 11_689_512, 1.81],
  ["ResNet-50", resNet(bottleneck, [3, 4, 6, 3], 4), 25_557_032, 4.09],
  ["Inception-v1", googLeNet, 6_624_904, 1.5],
];

const folder = temporaryFolder();
beforeAll(() => {
  for (const [name, network] of networks) writeNetwork(network).toFile(folder.path(name));
});
afterAll(() => folder.remove());

describe.each(networks)("%s", (name, _network, parameters, giga) => {
  it("has the parameters, input, output and multiply-adds that are published", async () => {
    await using file = await open(folder.path(name));
    const found = await parametersOf(file);
    expect(found.reduce((sum, { node }) => sum + (node.size ?? 0), 0)).toBe(parameters);
    const shapes = await shapesOf(file);
    expect(shapes).toMatchObject({ inferred: true, unknown: null });
    // Concat joins dimension 2, which a single picture has elsewhere.
    expect(shapes.input).toEqual(name === "Inception-v1" ? [1, 3, 224, 224] : [3, 224, 224]);
    expect(shapes.output?.at(-1)).toBe(1000);
    expect((shapes.multiplyAdds ?? 0) / 1e9).toBeCloseTo(giga, 1.9);
    const batch = await shapesOf(file, "root", { input: [4, 3, 224, 224] });
    expect(batch).toMatchObject({ output: [4, 1000], inferred: false });
    expect(batch.multiplyAdds).toBe(4 * (shapes.multiplyAdds ?? 0));
  });

  it("is PyTorch code with as many parameters", async () => {
    await using file = await open(folder.path(name));
    const { model, unsupported } = await toPyTorch(file);
    expect(unsupported).toEqual([]);
    expect(model).toContain("nn.Linear");
  });
});
