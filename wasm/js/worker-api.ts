/** The worker's functions as an ordinary object, so that tests can call them without a worker. */

import { transfer } from "comlink";
import { T7Error } from "./errors.js";
import { open, type T7File } from "./file.js";
import { platform } from "./platform.js";
import type { Outcome, WorkerApi } from "./protocol.js";

const files = new Map<number, T7File>();
const jobs = new Map<number, AbortController>();
let lastFile = 0;

function infoOf(error: unknown) {
  if (error instanceof T7Error) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return new T7Error("internal", message, { hint: "Please report this." }).toJSON();
}

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: infoOf(error) };
  }
}

function fileOf(file: number): T7File {
  const found = files.get(file);
  if (found === undefined) throw new T7Error("closed", "the file has been closed");
  return found;
}

/** Arrays that nobody here needs any more go over without a copy. */
function moved<T>(result: Outcome<T>): Outcome<T> {
  if (!("value" in result)) return result;
  const { value } = result;
  const arrays = ArrayBuffer.isView(value)
    ? [value]
    : Object.values(value ?? {}).filter(ArrayBuffer.isView);
  return transfer(
    result,
    arrays.map((array) => array.buffer as ArrayBuffer),
  );
}

export const workerApi: WorkerApi = {
  setWasm(wasm) {
    platform.wasm = async () => (typeof wasm === "string" ? fetch(wasm) : wasm);
  },
  open: (job, input, options, onProgress) =>
    outcome(async () => {
      const controller = new AbortController();
      jobs.set(job, controller);
      try {
        const source = typeof input === "object" && "url" in input ? new URL(input.url) : input;
        const more = onProgress === null ? {} : { onProgress };
        const file = await open(source, { ...options, ...more, signal: controller.signal });
        lastFile++;
        files.set(lastFile, file);
        const { format, summary, roots, error, warnings } = file;
        return {
          file: lastFile,
          format,
          summary,
          roots,
          error: error?.toJSON() ?? null,
          warnings: warnings.map((warning) => warning.toJSON()),
        };
      } finally {
        jobs.delete(job);
      }
    }),
  cancel(job) {
    jobs.get(job)?.abort();
  },
  node: (file, path) => outcome(() => fileOf(file).node(path)),
  children: (file, node, from, to) => outcome(() => fileOf(file).children(node, from, to)),
  path: (file, node) => outcome(() => fileOf(file).path(node)),
  read: async (file, node, slice) => moved(await outcome(() => fileOf(file).read(node, slice))),
  stats: (file, node) => outcome(() => fileOf(file).stats(node)),
  histogram: async (file, node, options) =>
    moved(await outcome(() => fileOf(file).histogram(node, options))),
  value: async (file, node) => moved(await outcome(() => fileOf(file).value(node))),
  close: (file) =>
    outcome(async () => {
      const found = files.get(file);
      files.delete(file);
      await found?.close();
      return null;
    }),
};
