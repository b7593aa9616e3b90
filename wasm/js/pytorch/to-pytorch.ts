/** `toPyTorch`: a network as PyTorch code that runs, with its weights. */

import type { NodeRef, T7FileApi } from "../base/api.js";
import type { Export } from "../export/export-types.js";
import { writeTensors } from "../export/safetensors.js";
import { moduleAt } from "../nn/nn.js";
import { isTensor, type NnModule } from "../nn/values.js";
import { inferInput, shapeText } from "../shapes/infer.js";
import type { NamedParameter, Unsupported } from "./code-writer.js";
import { modelText } from "./model-text.js";
import { modulesBelow, networkCode } from "./network-code.js";
import { readmeText } from "./readme-text.js";

export interface PyTorchModel {
  /** `model.py` */
  model: string;
  /** `weights.safetensors`; its chunks are to be walked once. */
  weights: Export;
  /** `README.md` */
  readme: string;
  /** Modules without a twin: the code has a module in their place that raises when it is called. */
  unsupported: Unsupported[];
}

export interface PyTorchOptions {
  signal?: AbortSignal | undefined;
  /** What the file is called, for the texts. */
  name?: string;
}

/** Fields whose numbers decide the code. */
const fields = ["connTable", "partition"];

/** Numbers of the largest of them. */
const MOST = 1 << 16;

async function rowsBelow(file: T7FileApi, module: NnModule, signal: AbortSignal | undefined) {
  const rows = new Map<NnModule, Map<string, number[][]>>();
  for (const each of modulesBelow(module)) {
    for (const field of fields) {
      const tensor = each.get(field);
      if (!isTensor(tensor) || (tensor.node.size ?? 0) > MOST) continue;
      const [, width = 1] = tensor.node.shape ?? [];
      const numbers = Array.from(
        (await file.read(tensor.node, [], { signal })) as ArrayLike<number | bigint>,
        Number,
      );
      const list: number[][] = [];
      for (let at = 0; at < numbers.length; at += width) list.push(numbers.slice(at, at + width));
      rows.set(each, (rows.get(each) ?? new Map()).set(field, list));
    }
  }
  return rows;
}

/** Variances from what old batch normalization saved: one by the root of variance plus eps. */
async function variances(
  file: T7FileApi,
  { tensor, deviation }: NamedParameter,
  signal?: AbortSignal,
) {
  const values = (await file.read(tensor.node, [], { signal })) as Float32Array | Float64Array;
  return values.map((value) => value ** -2 - (deviation as number));
}

/**
 * A network (a node, its id or its path; `root` unless told) as PyTorch code. Rejects with `not_a_module`,
 * and with `bad_network` where the fields of a module contradict each other or its weights.
 */
export async function toPyTorch(
  file: T7FileApi,
  network: NodeRef | string = "root",
  options: PyTorchOptions = {},
): Promise<PyTorchModel> {
  const { signal } = options;
  const module = await moduleAt(file, network, options);
  const rows = await rowsBelow(file, module, signal);
  const shapes = inferInput(module);
  const code = networkCode(
    module,
    (each, field) => rows.get(each)?.get(field),
    (each) => {
      const shape = shapes?.result.modules.get(each)?.output;
      return shape && shapeText(shape);
    },
  );
  const { parameters, unsupported } = code.writer;
  const tensors = [];
  for (const parameter of parameters) {
    const { name, tensor, shape, deviation } = parameter;
    const { node, path } = tensor;
    const values = deviation === undefined ? undefined : await variances(file, parameter, signal);
    tensors.push({ file, node, path, name, shape, ...(values && { values }) });
  }
  const source = options.name ?? "a .t7 file";
  return {
    model: modelText(code, module, source, shapes && shapeText(shapes.input)),
    weights: writeTensors(tensors, new Map(), { signal }),
    readme: readmeText(source, module.path, code),
    unsupported,
  };
}
