/** Writes networks in shape only, from a description of their layers: every weight is a hole of zeros. */

import { T7Writer } from "./t7-writer.js";

export interface Layer {
  typename: string;
  fields?: Record<string, number | boolean | string>;
  /** Shapes of parameters. */
  tensors?: Record<string, number[]>;
  /** A LongStorage. */
  size?: number[];
  modules?: Layer[];
}

const biased = (weight: number[], outputs: number, bias: boolean) =>
  bias ? { weight, bias: [outputs] } : { weight };

export const conv = (
  nInputPlane: number,
  nOutputPlane: number,
  k: number,
  d = 1,
  pad = 0,
  bias = true,
): Layer => ({
  typename: "nn.SpatialConvolution",
  fields: { nInputPlane, nOutputPlane, kW: k, kH: k, dW: d, dH: d, padW: pad, padH: pad },
  tensors: biased([nOutputPlane, nInputPlane, k, k], nOutputPlane, bias),
});

export const norm = (planes: number): Layer => ({
  typename: "nn.SpatialBatchNormalization",
  tensors: { weight: [planes], bias: [planes], running_mean: [planes], running_var: [planes] },
});

export const linear = (inputs: number, outputs: number): Layer => ({
  typename: "nn.Linear",
  tensors: biased([outputs, inputs], outputs, true),
});

export const seqLstm = (inputsize: number, outputsize: number): Layer => ({
  typename: "nn.SeqLSTM",
  fields: { inputsize, outputsize },
  tensors: { weight: [inputsize + outputsize, 4 * outputsize], bias: [4 * outputsize] },
});

export const maxPool = (k: number, d: number, pad = 0, ceil = false): Layer => ({
  typename: "nn.SpatialMaxPooling",
  fields: { kW: k, kH: k, dW: d, dH: d, padW: pad, padH: pad, ceil_mode: ceil },
});

export const averagePool = (k: number): Layer => ({
  typename: "nn.SpatialAveragePooling",
  fields: { kW: k, kH: k, dW: 1, dH: 1, padW: 0, padH: 0, divide: true },
});

export const relu: Layer = { typename: "nn.ReLU" };
export const dropout: Layer = { typename: "nn.Dropout", fields: { p: 0.5 } };
export const add: Layer = { typename: "nn.CAddTable" };
export const identity: Layer = { typename: "nn.Identity" };
export const view = (...size: number[]): Layer => ({ typename: "nn.View", size });
export const all = (...modules: Layer[]): Layer => ({ typename: "nn.Sequential", modules });
export const branches = (...modules: Layer[]): Layer => ({ typename: "nn.ConcatTable", modules });
export const concat = (...modules: Layer[]): Layer => ({
  typename: "nn.Concat",
  fields: { dimension: 2 },
  modules,
});

/** A writer that has written the network. */
export function writeNetwork(network: Layer): T7Writer {
  const writer = new T7Writer();
  writeLayer(writer, network);
  return writer;
}

function writeLayer(writer: T7Writer, layer: Layer): void {
  const { typename, fields = {}, tensors = {}, size, modules } = layer;
  const plain = Object.entries(fields);
  const parameters = Object.entries(tensors);
  const count = plain.length + parameters.length + (size ? 1 : 0) + (modules ? 1 : 0);
  writer.object(typename).table(count);
  for (const [key, value] of plain) {
    writer.string(key);
    if (typeof value === "number") writer.number(value);
    else if (typeof value === "boolean") writer.boolean(value);
    else writer.string(value);
  }
  for (const [key, shape] of parameters) {
    writer.string(key);
    const elements = shape.reduce((a, b) => a * b, 1);
    writer.tensor({ dtype: "float32", shape, elements });
  }
  if (size) writer.string("size").storage("int64", size);
  if (!modules) return;
  writer.string("modules").table(modules.length);
  for (const [at, module] of modules.entries()) {
    writer.number(at + 1);
    writeLayer(writer, module);
  }
}
