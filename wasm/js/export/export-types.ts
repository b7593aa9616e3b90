/** What every writer is given and gives. */

import type { T7FileApi, T7Node } from "../base/api.js";
import { T7Error } from "../base/errors.js";

/** Bytes of the file that were taken out so far, and how many it will be where that is known. */
export interface ExportProgress {
  done: number;
  total: number | null;
}

export interface ExportOptions {
  /** Cancels the export: the chunks end with `aborted`. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ExportProgress) => void) | undefined;
  /**
   * Of `npz` and `safetensors`: write tensors that share elements each in full. Unless told, elements
   * are written once, and the metadata of `safetensors` says what else views them.
   */
  copies?: boolean | undefined;
  /** Of `png`: which image of a batch (N×H×W, N×C×H×W, N×H×W×3), counted from 0. */
  image?: number | undefined;
  /** Of `json`: nested arrays and objects for people, instead of a graph that can be read back. */
  simple?: boolean | undefined;
}

/** Something to be written: the bytes come as they are asked for, in chunks of a few megabytes at most. */
export interface Export {
  /** Without dot: `npz`. */
  extension: string;
  mime: string;
  /** Of all chunks; `null` where only writing tells. */
  byteLength: number | null;
  /** To be walked once. Throws `T7Error`. */
  chunks: AsyncIterable<Uint8Array>;
}

/** One value to be written, and where it is. */
export interface Subject {
  file: T7FileApi;
  node: T7Node;
  path: string;
}

/** The value has no form in that format. */
export function notExportable({ node, path }: Subject, format: string, expected: string): T7Error {
  return new T7Error(
    "not_exportable",
    `${path} cannot be written as ${format}: it is ${node.preview}`,
    {
      path,
      offset: node.offset,
      found: node.preview,
      expected,
      hint: "JSON takes every value; a part of it may fit another format.",
    },
  );
}
