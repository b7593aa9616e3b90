/** What runs in the worker, as an ordinary object: tests use it without a worker. */

import { releaseProxy, transfer } from "comlink";
import { parseQuery } from "../ask/query.js";
import type { JobOptions, T7Node } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import type { Export } from "../export/export-types.js";
import { open, type T7File } from "../open/file.js";
import { closedError } from "../open/jobs.js";
import { platform } from "../source/platform.js";
import type {
  Answer,
  CallName,
  FileCalls,
  Result,
  StartedExport,
  SummaryGroup,
  WorkerApi,
} from "./protocol.js";

const files = new Map<number, T7File>();
const jobs = new Map<number, AbortController>();
let lastFile = 0;

function infoOf(error: unknown) {
  if (error instanceof T7Error) return error.toJSON();
  const message = error instanceof Error ? error.message : String(error);
  return new T7Error("internal", message, { hint: "Please report this." }).toJSON();
}

async function result<T>(work: () => Promise<T>): Promise<Result<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: infoOf(error) };
  }
}

/** Runs a job that `cancel` can stop; the caller's function is let go at the end. */
async function job<T, P>(
  number: number,
  onProgress: ((progress: P) => void) | null,
  work: (control: { signal: AbortSignal; onProgress?: (progress: P) => void }) => Promise<T>,
): Promise<Result<T>> {
  const controller = new AbortController();
  jobs.set(number, controller);
  try {
    const { signal } = controller;
    return await result(() => work(onProgress === null ? { signal } : { signal, onProgress }));
  } finally {
    jobs.delete(number);
    (onProgress as { [releaseProxy]?: () => void } | null)?.[releaseProxy]?.();
  }
}

function fileOf(file: number): T7File {
  const found = files.get(file);
  if (found === undefined) throw closedError();
  return found;
}

type Calls = {
  [N in CallName]: (
    file: T7File,
    control: JobOptions,
    ...args: Parameters<FileCalls[N]>
  ) => Promise<ReturnType<FileCalls[N]>>;
};

const calls: Calls = {
  node: (file, control, path) => file.node(path, control),
  children: (file, control, node, from, to) => file.children(node, from, to, control),
  path: (file, control, node) => file.path(node, control),
  read: (file, control, node, slice) => file.read(node, slice, control),
  stats: (file, control, node) => file.stats(node, control),
  summary: (file, control, node) => file.summary(node, control),
  startSummaries: (file, _control, nodes) => startSummaries(file, nodes),
  nextSummaries: (_file, control, number) => nextSummaries(number, control),
  endSummaries: async (_file, _control, number) => endSummaries(number),
  histogram: (file, control, node, options) => file.histogram(node, { ...options, ...control }),
  quantiles: (file, control, node, ps) => file.quantiles(node, ps, control),
  grid: (file, control, node, options) => file.grid(node, { ...options, ...control }),
  difference: (file, control, a, b, { file: other }) =>
    file.difference(a, b, other === undefined ? control : { ...control, file: fileOf(other) }),
  value: (file, control, node) => file.value(node, control),
  bytes: (file, control, from, to) => file.bytes(from, to, control),
  fields: (file, control, from, to) => file.fields(from, to, control),
  startFind: (file, _control, query) => startFind(file, query),
  nextHits: (_file, _control, number) => nextHits(number),
  endFind: (_file, _control, number) => endFind(number),
  // What the first view of a file does without is loaded when somebody asks for it.
  async printModule(file, control, node) {
    const { printModule } = await import("../nn/nn.js");
    return printModule(file, node, control);
  },
  async parametersOf(file, control, node) {
    const { parametersOf } = await import("../nn/nn.js");
    return parametersOf(file, node, control);
  },
  async startExport(file, _control, format, node, options) {
    const stop = new AbortController();
    const all = { ...options, signal: stop.signal };
    const { exportTo } = await import("../export/export.js");
    return started(await exportTo(file, format, node ?? undefined, all), stop);
  },
  nextChunk: (_file, _control, number) => nextChunk(number),
  endExport: (_file, _control, number) => endExport(number),
};

/** Exports under way: whoever started one asks for its chunks, one at a time. */
const exports = new Map<number, { chunks: AsyncIterator<Uint8Array>; stop: AbortController }>();
let lastExport = 0;

function started({ chunks, ...facts }: Export, stop: AbortController): StartedExport {
  lastExport++;
  exports.set(lastExport, { chunks: chunks[Symbol.asyncIterator](), stop });
  return { ...facts, number: lastExport };
}

async function nextChunk(number: number): Promise<Uint8Array | null> {
  const found = exports.get(number);
  if (found === undefined) throw closedError();
  const { done, value } = await found.chunks.next();
  return done ? null : value;
}

async function endExport(number: number): Promise<null> {
  const found = exports.get(number);
  exports.delete(number);
  found?.stop.abort();
  await found?.chunks.return?.();
  return null;
}

/** Searches under way, in the same manner; hits go over in groups. */
const finds = new Map<number, { hits: AsyncGenerator<T7Node>; stop: AbortController }>();
let lastFind = 0;

/** Hits of one group, and how long the first of them may wait for the others, in milliseconds. */
const hitsAtOnce = 256;
const patience = 40;

async function startFind(file: T7File, query: string): Promise<number> {
  parseQuery(query);
  const stop = new AbortController();
  lastFind++;
  finds.set(lastFind, { hits: file.find(query, { signal: stop.signal }), stop });
  return lastFind;
}

async function nextHits(number: number): Promise<T7Node[] | null> {
  const found = finds.get(number);
  if (found === undefined) throw closedError();
  const nodes: T7Node[] = [];
  const began = performance.now();
  while (
    nodes.length < hitsAtOnce &&
    (nodes.length === 0 || performance.now() - began < patience)
  ) {
    const { done, value } = await found.hits.next();
    if (done) break;
    nodes.push(value);
  }
  return nodes.length > 0 ? nodes : null;
}

async function endFind(number: number): Promise<null> {
  const found = finds.get(number);
  finds.delete(number);
  found?.stop.abort();
  return null;
}

/** Summaries under way; a group at a time, so that other calls come between. */
const summaries = new Map<number, ReturnType<T7File["startSummaries"]>>();
let lastSummaries = 0;

async function startSummaries(file: T7File, nodes: readonly number[] | "all"): Promise<number> {
  lastSummaries++;
  summaries.set(lastSummaries, file.startSummaries(nodes));
  return lastSummaries;
}

async function nextSummaries(number: number, control: JobOptions): Promise<SummaryGroup | null> {
  const found = summaries.get(number);
  if (found === undefined) throw closedError();
  const group = await found.next(control);
  if (group.length === 0) return null;
  return group.map(([node, summary, error]) => [node, summary, error?.toJSON() ?? null]);
}

function endSummaries(number: number): null {
  summaries.delete(number);
  return null;
}

/** Arrays that nobody here needs any more go over without a copy. */
function moved<T extends object>(answer: T, value: unknown): T {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return answer;
  const arrays = ArrayBuffer.isView(value)
    ? [value]
    : Object.values(value).filter(ArrayBuffer.isView);
  return transfer(
    answer,
    arrays.map((array) => array.buffer as ArrayBuffer),
  );
}

export const workerApi: WorkerApi = {
  setWasm(wasm) {
    platform.wasm = async () => (typeof wasm === "string" ? fetch(wasm) : wasm);
  },
  open: (number, input, options, onProgress) =>
    job(number, onProgress, async (control) => {
      const source = "url" in input ? new URL(input.url) : input;
      const file = await open(source, { ...options, ...control });
      lastFile++;
      files.set(lastFile, file);
      const { format, totals, roots, error, warnings } = file;
      return {
        file: lastFile,
        format,
        totals,
        roots,
        error: error?.toJSON() ?? null,
        warnings: warnings.map((warning) => warning.toJSON()),
      };
    }),
  async call<N extends CallName>(
    number: number,
    file: number,
    name: N,
    args: Parameters<FileCalls[N]>,
    onProgress: Parameters<WorkerApi["call"]>[4],
  ): Promise<Answer<N>> {
    const found = await job(number, onProgress, (control) =>
      calls[name](fileOf(file), control, ...args),
    );
    const totals = files.get(file)?.totals;
    if (totals === undefined) return found;
    const { bytesRead, requests } = totals;
    const answer = { ...found, counters: { bytesRead, requests } };
    return moved(answer, "value" in found ? found.value : null);
  },
  cancel(number) {
    jobs.get(number)?.abort();
  },
  close: (file) =>
    result(async () => {
      const found = files.get(file);
      files.delete(file);
      await found?.close();
      return null;
    }),
};

/** Files that are open in this worker, for tests of leaks. */
export const openFiles = () => files.size;
