/** Opens files in a worker, so that the page never blocks. The same interface as `T7File`. */

import { proxy, type Remote, wrap } from "comlink";
import type {
  HistogramOptions,
  NodeRef,
  OpenOptions,
  PathStep,
  T7FileApi,
  T7Format,
  T7Node,
  T7Summary,
  TensorHistogram,
  TensorSlice,
  TensorStats,
} from "./api.js";
import type { TypedArray } from "./dtype.js";
import { T7Error } from "./errors.js";
import type { OpenedFile, Outcome, PostedInput, WorkerApi } from "./protocol.js";

export type * from "./api.js";
export type { Dtype, DtypeArrays, TypedArray } from "./dtype.js";
export { T7Error } from "./errors.js";

/** What a worker can open: a `Blob` is read in parts, a URL by ranges; bytes are copied to it. */
export type WorkerInput = Blob | Uint8Array | ArrayBuffer | URL | string;

declare const remote: unique symbol;

/** A worker that runs `worker.js`, ready to open files. */
export interface T7Worker {
  readonly [remote]: never;
}

/** Makes a worker usable that you have started yourself from `torchfile/worker`. */
export function connect(worker: Worker): T7Worker {
  return wrap<WorkerApi>(worker) as unknown as T7Worker;
}

let standard: T7Worker | undefined;

/** The one worker of this page, started when it is first needed. */
function standardWorker(): T7Worker {
  standard ??= connect(new Worker(new URL("./worker.js", import.meta.url)));
  return standard;
}

function unwrap<T>(outcome: Outcome<T>): T {
  if ("error" in outcome) throw T7Error.fromJSON(outcome.error);
  return outcome.value;
}

let lastJob = 0;

/**
 * Opens a `.t7` file in a worker; see `T7FileApi`. Rejects with `T7Error`. `worker` is one of
 * your own (`connect(worker)`), for pages that place the scripts themselves.
 */
export async function openInWorker(
  input: WorkerInput,
  options: OpenOptions = {},
  worker: T7Worker = standardWorker(),
): Promise<T7FileApi> {
  const api = worker as unknown as Remote<WorkerApi>;
  const { onProgress, onWarning, signal, ...posted } = options;
  if (signal?.aborted) throw aborted(signal);
  const job = ++lastJob;
  const abort = () => void api.cancel(job);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const source: PostedInput =
      typeof input === "string" || input instanceof URL
        ? { url: new URL(input, globalThis.location?.href).href }
        : input;
    const progress = onProgress === undefined ? null : proxy(onProgress);
    const opened = unwrap(await api.open(job, source, posted, progress));
    const file = new T7Client(api, opened);
    for (const warning of file.warnings) onWarning?.(warning);
    return file;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function aborted(signal: AbortSignal): T7Error {
  return new T7Error("aborted", "reading was cancelled", { cause: signal.reason });
}

const idOf = (ref: NodeRef) => (typeof ref === "number" ? ref : ref.id);

/** A file that is open in a worker. */
class T7Client implements T7FileApi {
  readonly format: T7Format;
  readonly summary: T7Summary;
  readonly root: T7Node | null;
  readonly roots: T7Node[];
  readonly error: T7Error | null;
  readonly warnings: T7Error[];
  readonly #api: Remote<WorkerApi>;
  readonly #file: number;

  constructor(api: Remote<WorkerApi>, opened: OpenedFile) {
    this.#api = api;
    this.#file = opened.file;
    this.format = opened.format;
    this.summary = opened.summary;
    this.roots = opened.roots;
    this.root = opened.roots[0] ?? null;
    this.error = opened.error === null ? null : T7Error.fromJSON(opened.error);
    this.warnings = opened.warnings.map((warning) => T7Error.fromJSON(warning));
  }

  async node(path: string | PathStep[]): Promise<T7Node | null> {
    return unwrap(await this.#api.node(this.#file, path));
  }

  async children(node: NodeRef, from = 0, to = Number.POSITIVE_INFINITY): Promise<T7Node[]> {
    return unwrap(await this.#api.children(this.#file, idOf(node), from, to));
  }

  async path(node: NodeRef): Promise<string> {
    return unwrap(await this.#api.path(this.#file, idOf(node)));
  }

  async read(tensor: NodeRef, slice: TensorSlice = []): Promise<TypedArray> {
    return unwrap(await this.#api.read(this.#file, idOf(tensor), slice));
  }

  async stats(tensor: NodeRef): Promise<TensorStats> {
    return unwrap(await this.#api.stats(this.#file, idOf(tensor)));
  }

  async histogram(tensor: NodeRef, options: HistogramOptions = {}): Promise<TensorHistogram> {
    return unwrap(await this.#api.histogram(this.#file, idOf(tensor), options));
  }

  async value(
    node: NodeRef,
  ): Promise<null | boolean | number | bigint | string | Uint8Array | TypedArray> {
    return unwrap(await this.#api.value(this.#file, idOf(node)));
  }

  async close(): Promise<void> {
    unwrap(await this.#api.close(this.#file));
  }
}
