/** What travels between a page and its worker: plain data, errors included. */

import type {
  DifferenceOptions,
  GridOptions,
  HistogramOptions,
  JobProgress,
  OpenOptions,
  PathStep,
  Progress,
  T7ErrorInfo,
  T7Field,
  T7Format,
  T7Node,
  T7Totals,
  T7Value,
  TensorDifference,
  TensorGrid,
  TensorHistogram,
  TensorQuantiles,
  TensorSlice,
  TensorStats,
  TensorSummary,
} from "../base/api.js";
import type { TypedArray } from "../base/dtype.js";
import type { ExportFormat } from "../export/export.js";
import type { ExportOptions } from "../export/export-types.js";
import type { Parameter } from "../nn/nn.js";

/** A result, or the error that took its place. */
export type Result<T> = { value: T } | { error: T7ErrorInfo };

/** What was read of a file so far. */
export type Counters = Pick<T7Totals, "bytesRead" | "requests">;

/** What the client learns when a file is open. */
export interface OpenedFile {
  /** Names the file in further calls. */
  file: number;
  format: T7Format;
  totals: T7Totals;
  roots: T7Node[];
  error: T7ErrorInfo | null;
  warnings: T7ErrorInfo[];
}

/** Options that can be posted: what is left when functions and signals are taken out. */
export type Posted<T> = Omit<T, "onProgress" | "onWarning" | "signal">;

export type PostedInput = Blob | Uint8Array | ArrayBuffer | { url: string };

/** The calls on an open file. Node references are ids; `file` of a difference is a number. */
export interface FileCalls {
  node(path: string | PathStep[]): T7Node | null;
  children(node: number, from: number, to: number): T7Node[];
  path(node: number): string;
  read(node: number, slice: TensorSlice): TypedArray;
  stats(node: number): TensorStats;
  summary(node: number): TensorSummary;
  startSummaries(nodes: readonly number[] | "all"): number;
  /** `null` behind the last ones. */
  nextSummaries(summaries: number): SummaryGroup | null;
  endSummaries(summaries: number): null;
  histogram(node: number, options: Posted<HistogramOptions>): TensorHistogram;
  quantiles(node: number, ps: readonly number[]): TensorQuantiles;
  grid(node: number, options: Posted<GridOptions>): TensorGrid;
  difference(
    a: number,
    b: number,
    options: Posted<Omit<DifferenceOptions, "file">> & { file?: number },
  ): TensorDifference;
  value(node: number): T7Value;
  bytes(from: number, to: number): Uint8Array;
  fields(from: number, to: number): T7Field[];
  startFind(query: string): number;
  /** `null` behind the last ones. */
  nextHits(find: number): T7Node[] | null;
  endFind(find: number): null;
  printModule(node: number): string;
  parametersOf(node: number): Parameter[];
  /** `null` is the whole file. */
  startExport(format: ExportFormat, node: number | null, options: PostedExport): StartedExport;
  /** `null` behind the last one. */
  nextChunk(export_: number): Uint8Array | null;
  endExport(export_: number): null;
}

/** As many of many summaries as were ready together. */
export type SummaryGroup = Array<
  [node: T7Node, summary: TensorSummary | null, error: T7ErrorInfo | null]
>;

export type PostedExport = Pick<ExportOptions, "copies" | "simple" | "image">;

/** An export that goes on until its end is asked for. */
export interface StartedExport {
  /** Names it in further calls. */
  number: number;
  extension: string;
  mime: string;
  byteLength: number | null;
}

export type CallName = keyof FileCalls;

/** A call that has been made. */
export type Answer<N extends CallName> = Result<ReturnType<FileCalls[N]>> & {
  /** Absent if there is no such file. */
  counters?: Counters;
};

/** The worker's functions. `job` is the caller's number for `cancel`. */
export interface WorkerApi {
  /** Tells where `t7.wasm` is, before the first file. */
  setWasm(wasm: string | ArrayBuffer | WebAssembly.Module): void;
  open(
    job: number,
    input: PostedInput,
    options: Posted<OpenOptions>,
    onProgress: ((progress: Progress) => void) | null,
  ): Promise<Result<OpenedFile>>;
  call<N extends CallName>(
    job: number,
    file: number,
    name: N,
    args: Parameters<FileCalls[N]>,
    onProgress: ((progress: JobProgress) => void) | null,
  ): Promise<Answer<N>>;
  /** Stops a job that is under way. */
  cancel(job: number): void;
  close(file: number): Promise<Result<null>>;
}
