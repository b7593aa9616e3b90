/** In which formats a value can be written, the most useful first. Pure. */

import type { T7Node } from "../../../wasm/js/base/api.js";
import type { ExportFormat } from "../../../wasm/js/worker/client.js";
import { isLayer } from "../words/describe.js";

export interface Choice {
  format: ExportFormat | "pytorch";
  /** What it is, for people. */
  title: string;
}

const titles: Record<Choice["format"], string> = {
  npy: ".npy, for NumPy",
  npz: ".npz, all tensors, for NumPy",
  safetensors: ".safetensors, all tensors",
  json: ".json, everything",
  jsonl: ".jsonl, a line an entry",
  csv: ".csv, a table",
  tsv: ".tsv, a table",
  png: ".png, the picture",
  picture: "the picture file itself",
  txt: ".txt, the text",
  pytorch: "PyTorch code and weights",
};

function isPicture({ shape = [] }: T7Node): boolean {
  if (shape.length === 2) return true;
  return shape.length === 3 && ([1, 3].includes(shape[0] ?? 0) || shape[2] === 3);
}

function formatsOf(node: T7Node): Array<Choice["format"]> {
  if (node.error || node.incomplete) return [];
  switch (node.kind) {
    case "tensor":
    case "storage": {
      const dimensions = node.shape?.length ?? 1;
      return [
        "npy",
        ...(dimensions <= 2 ? (["csv", "tsv"] as const) : []),
        ...(isPicture(node) ? (["png"] as const) : []),
        ...(dimensions === 1 && /int8/.test(node.dtype ?? "") ? (["picture"] as const) : []),
        "safetensors",
        "jsonl",
        "json",
      ];
    }
    case "string":
    case "bytes":
      return typeof node.value === "string" ? ["txt", "json"] : ["txt", "picture", "json"];
    case "function":
      return ["txt", "json"];
    case "table":
    case "object":
    case "hash":
    case "vec":
      return [
        ...(isLayer(node) ? (["pytorch"] as const) : []),
        "safetensors",
        "npz",
        "json",
        ...(node.list ? (["csv", "jsonl"] as const) : []),
      ];
    default:
      return [];
  }
}

export const choicesFor = (node: T7Node): Choice[] =>
  formatsOf(node).map((format) => ({ format, title: titles[format] }));

/** A file's name for a value: of the opened file and the value's own key. */
export function fileNameFor(file: string, node: T7Node, extension: string): string {
  const stem = file.replace(/\.(t7|th|net|dat|gz)$/i, "");
  const parts = node.key === undefined ? [stem] : [stem, node.key];
  const plain = parts
    .join("_")
    .replace(/[^\p{L}\p{N}._-]+/gu, "_")
    .replace(/^[._]+|[._]+$/g, "");
  return `${plain.slice(0, 100) || "export"}.${extension}`;
}
