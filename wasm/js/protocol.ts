/** What travels between a page and its worker: plain data, errors included. */

import type {
  HistogramOptions,
  OpenOptions,
  PathStep,
  Progress,
  T7ErrorInfo,
  T7Format,
  T7Node,
  T7Summary,
  TensorHistogram,
  TensorSlice,
  TensorStats,
} from "./api.js";
import type { TypedArray } from "./dtype.js";

/** A result, or the error that took its place. */
export type Outcome<T> = { value: T } | { error: T7ErrorInfo };

/** What the client learns when a file is open. */
export interface OpenedFile {
  /** Names the file in further calls. */
  file: number;
  format: T7Format;
  summary: T7Summary;
  roots: T7Node[];
  error: T7ErrorInfo | null;
  warnings: T7ErrorInfo[];
}

/** Options that can be posted. */
export type PostedOptions = Omit<OpenOptions, "onProgress" | "onWarning" | "signal">;

export type PostedInput = Blob | Uint8Array | ArrayBuffer | { url: string };

/** The worker's functions. Node references are ids. */
export interface WorkerApi {
  /** Tells where `t7.wasm` is, before the first file. */
  setWasm(wasm: string | ArrayBuffer | WebAssembly.Module): void;
  /** `job` is the caller's number for `cancel`. */
  open(
    job: number,
    input: PostedInput,
    options: PostedOptions,
    onProgress: ((progress: Progress) => void) | null,
  ): Promise<Outcome<OpenedFile>>;
  /** Stops a job that is under way. */
  cancel(job: number): void;
  node(file: number, path: string | PathStep[]): Promise<Outcome<T7Node | null>>;
  children(file: number, node: number, from: number, to: number): Promise<Outcome<T7Node[]>>;
  path(file: number, node: number): Promise<Outcome<string>>;
  read(file: number, node: number, slice: TensorSlice): Promise<Outcome<TypedArray>>;
  stats(file: number, node: number): Promise<Outcome<TensorStats>>;
  histogram(
    file: number,
    node: number,
    options: HistogramOptions,
  ): Promise<Outcome<TensorHistogram>>;
  value(
    file: number,
    node: number,
  ): Promise<Outcome<null | boolean | number | bigint | string | Uint8Array | TypedArray>>;
  close(file: number): Promise<Outcome<null>>;
}
