/** Opens files in a worker, so that the page never blocks. The same interface as `T7File`. */

import { proxy, type Remote, wrap } from "comlink";
import type {
  DifferenceOptions,
  GridOptions,
  HistogramOptions,
  JobOptions,
  NodeRef,
  OpenOptions,
  PathStep,
  SummariesOptions,
  T7Field,
  T7FileApi,
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
import { asyncDispose } from "../base/dispose.js";
import type { TypedArray } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { checkOptions, checkSummaries, openRules, valueText } from "../base/options.js";
import type { ExportFormat } from "../export/export.js";
import type { Export, ExportOptions } from "../export/export-types.js";
import type { Parameter } from "../nn/nn.js";
import type { PyTorchModel, PyTorchOptions } from "../pytorch/to-pytorch.js";
import type { NetworkShapes, ShapesOptions } from "../shapes/shapes.js";
import { checkAborted, isArrayBuffer, untilAborted } from "../source/source-types.js";
import type {
  CallName,
  FileCalls,
  OpenedFile,
  PostedInput,
  Result,
  StartedExport,
  WorkerApi,
} from "./protocol.js";

export type * from "../base/api.js";
export type { Dtype, DtypeArrays, TypedArray } from "../base/dtype.js";
export { T7Error, type T7ErrorCode } from "../base/errors.js";
export type { ExportFormat } from "../export/export.js";
export type { Export, ExportOptions } from "../export/export-types.js";
export type { Parameter } from "../nn/nn.js";
export type { Unsupported } from "../pytorch/code-writer.js";
export type { PyTorchModel, PyTorchOptions } from "../pytorch/to-pytorch.js";
export type {
  ModuleShape,
  NetworkShape,
  NetworkShapes,
  ShapesOptions,
} from "../shapes/shapes.js";

/** What a worker can open: a `Blob` is read in parts, a URL by ranges; bytes are copied to it. */
export type WorkerInput = Blob | Uint8Array | ArrayBuffer | URL | string;

declare const remote: unique symbol;

/** A worker that runs `worker.js`, ready to open files. */
export interface T7Worker {
  readonly [remote]: never;
}

/** What `T7Worker` is inside. */
interface Connection {
  api: Remote<WorkerApi>;
  /** Rejects when the worker cannot start or breaks down; else it never settles. */
  failure: Promise<never>;
}

const connections = new WeakMap<Worker, T7Worker>();

export interface WorkerOptions {
  /** Where `t7.wasm` is, if not beside the worker's script: its address, its bytes or the compiled module. */
  wasm?: string | URL | ArrayBuffer | WebAssembly.Module;
}

/** Makes a worker usable that you have started yourself from `torchfile/worker`. */
export function connect(worker: Worker, { wasm }: WorkerOptions = {}): T7Worker {
  // One proxy a worker: comlink lets a worker go when a proxy of it is collected.
  const known = connections.get(worker);
  if (known !== undefined) return known;
  const api = wrap<WorkerApi>(worker);
  const failure = new Promise<never>((_resolve, reject) => {
    const end = (what: string) => {
      if (standard === connections.get(worker)) standard = undefined;
      connections.delete(worker);
      reject(workerError(what));
    };
    worker.addEventListener("error", ({ message }) => end(message || "its script did not load"));
    // Ending a worker makes no event: whoever waits for an answer would wait for ever.
    const terminate = worker.terminate.bind(worker);
    worker.terminate = () => {
      terminate();
      end("it was terminated");
    };
  });
  // Nobody may be waiting.
  failure.catch(() => {});
  if (wasm !== undefined) {
    const address = typeof wasm === "string" || wasm instanceof URL;
    void api.setWasm(address ? absolute(wasm) : wasm);
  }
  const connection: Connection = { api, failure };
  const made = connection as unknown as T7Worker;
  connections.set(worker, made);
  return made;
}

/** As `fetch` would resolve it, below a `<base>` too. */
function absolute(address: string | URL): string {
  return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).href;
}

const wanted = "an address, a Blob, an ArrayBuffer or a Uint8Array";

/** What can be posted to a worker. Throws `bad_source` for anything else. */
function postable(input: WorkerInput): PostedInput {
  const isBytes = isArrayBuffer(input) || input instanceof Uint8Array;
  if (isBytes || input instanceof Blob) return input as PostedInput;
  const found = valueText(input);
  if (typeof input !== "string" && !(input instanceof URL)) {
    throw new T7Error("bad_source", `a worker cannot read a file from ${found}`, {
      found,
      expected: wanted,
      hint: "Other sources are read by open() of torchfile.",
    });
  }
  try {
    return { url: absolute(input) };
  } catch (cause) {
    throw new T7Error("bad_source", `${found} is no address`, { found, expected: wanted, cause });
  }
}

/** Not in the form that bundlers take for a file to be copied: these addresses are only said, or tried last. */
const here = import.meta.url;

function workerError(what: string, cause?: unknown): T7Error {
  const { href } = new URL("./worker.js", here);
  return new T7Error("worker_failed", `the worker of torchfile could not run: ${what}`, {
    found: what,
    expected: `a worker from ${href}`,
    hint: "worker.js must lie beside the package's scripts; connect(new Worker(…)) takes one of your own.",
    cause,
  });
}

let standard: T7Worker | undefined;

/** The one worker of this page, started when it is first needed. */
function standardWorker(): T7Worker {
  standard ??= startWorker();
  return standard;
}

function startWorker(): T7Worker {
  try {
    // Bundlers find both files in these forms, and place them where they like: the worker must be told.
    return connect(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }), {
      wasm: new URL("../index/t7.wasm", import.meta.url),
    });
  } catch (cause) {
    // A script of another origin starts no worker, but a script of ours may run it.
    if (!(cause instanceof DOMException) || cause.name !== "SecurityError") {
      throw workerError(cause instanceof Error ? cause.message : String(cause), cause);
    }
    const { href } = new URL("./worker.js", here);
    const script = new Blob([`importScripts(${JSON.stringify(href)});`], {
      type: "text/javascript",
    });
    const worker = new Worker(URL.createObjectURL(script));
    return connect(worker, { wasm: new URL("../index/t7.wasm", here) });
  }
}

function unwrap<T>(result: Result<T>): T {
  if ("error" in result) throw T7Error.fromJSON(result.error);
  return result.value;
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
  const { onProgress, onWarning, signal, ...posted } = options;
  const connection = worker as unknown as Connection;
  const { api } = connection;
  checkOptions(options, openRules, "openInWorker");
  const source = postable(input);
  const control = { signal, onProgress, waitForPartial: options.keepPartial === true };
  const opened = await run(connection, control, async (job, progress) => {
    const answer = unwrap(await api.open(job, source, posted, progress));
    // Nobody waits for it any more.
    if (signal?.aborted && !options.keepPartial) void api.close(answer.file);
    return answer;
  });
  const file = new T7Client(connection, opened);
  for (const warning of file.warnings) onWarning?.(warning);
  return file;
}

interface Control<P> {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: P) => void) | undefined;
  /** Wait for the answer even after cancelling. */
  waitForPartial?: boolean;
}

/** Runs a job in the worker; rejects as soon as it is cancelled, however busy the worker is. */
async function run<T, P>(
  { api, failure }: Connection,
  { signal, onProgress, waitForPartial = false }: Control<P>,
  start: (job: number, progress: ((progress: P) => void) | null) => Promise<T>,
): Promise<T> {
  checkAborted(signal);
  const job = ++lastJob;
  const cancel = () => void api.cancel(job);
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    const progress = onProgress === undefined ? null : proxy(onProgress);
    const answer = Promise.race([start(job, progress), failure]);
    return await untilAborted(answer, waitForPartial ? undefined : signal);
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}

const idOf = (ref: NodeRef) => (typeof ref === "number" ? ref : ref.id);

/** A file that is open in a worker. */
class T7Client implements T7FileApi {
  readonly format: T7Format;
  readonly root: T7Node | null;
  readonly roots: T7Node[];
  readonly error: T7Error | null;
  readonly warnings: T7Error[];
  readonly #connection: Connection;
  readonly #api: Remote<WorkerApi>;
  readonly #file: number;
  #totals: T7Totals;

  constructor(connection: Connection, opened: OpenedFile) {
    this.#connection = connection;
    this.#api = connection.api;
    this.#file = opened.file;
    this.format = opened.format;
    this.#totals = opened.totals;
    this.roots = opened.roots;
    this.root = opened.roots[0] ?? null;
    this.error = opened.error === null ? null : T7Error.fromJSON(opened.error);
    this.warnings = opened.warnings.map((warning) => T7Error.fromJSON(warning));
  }

  get totals(): T7Totals {
    return this.#totals;
  }

  async #call<N extends CallName>(
    name: N,
    control: JobOptions,
    ...args: Parameters<FileCalls[N]>
  ): Promise<ReturnType<FileCalls[N]>> {
    const { signal, onProgress } = control;
    return run(this.#connection, { signal, onProgress }, async (job, progress) => {
      const call = this.#api.call as unknown as WorkerApi["call"];
      const answer = await call(job, this.#file, name, args, progress);
      this.#totals = { ...this.#totals, ...answer.counters };
      return unwrap(answer);
    });
  }

  node(path: string | PathStep[], options: JobOptions = {}): Promise<T7Node | null> {
    return this.#call("node", options, path);
  }

  children(
    node: NodeRef,
    from = 0,
    to = Number.POSITIVE_INFINITY,
    options: JobOptions = {},
  ): Promise<T7Node[]> {
    return this.#call("children", options, idOf(node), from, to);
  }

  async *find(query: string, options: JobOptions = {}): AsyncGenerator<T7Node> {
    const { signal } = options;
    const number = await this.#call("startFind", { signal }, query);
    try {
      for (;;) {
        const hits = await this.#call("nextHits", { signal }, number);
        if (hits === null) return;
        yield* hits;
      }
    } finally {
      await this.#call("endFind", {}, number).catch(() => {});
    }
  }

  path(node: NodeRef, options: JobOptions = {}): Promise<string> {
    return this.#call("path", options, idOf(node));
  }

  read(tensor: NodeRef, slice: TensorSlice = [], options: JobOptions = {}): Promise<TypedArray> {
    return this.#call("read", options, idOf(tensor), slice);
  }

  stats(tensor: NodeRef, options: JobOptions = {}): Promise<TensorStats> {
    return this.#call("stats", options, idOf(tensor));
  }

  summary(tensor: NodeRef, options: JobOptions = {}): Promise<TensorSummary> {
    return this.#call("summary", options, idOf(tensor));
  }

  async summaries(nodes: readonly NodeRef[] | "all", options: SummariesOptions): Promise<void> {
    checkSummaries(nodes, options);
    const { signal, onProgress, onEach } = options;
    const control = { signal, onProgress };
    const ids = nodes === "all" ? nodes : nodes.map(idOf);
    const number = await this.#call("startSummaries", { signal }, ids);
    try {
      for (;;) {
        const group = await this.#call("nextSummaries", control, number);
        if (group === null) return;
        for (const [node, summary, error] of group) {
          onEach(node, summary, error && T7Error.fromJSON(error));
        }
      }
    } finally {
      await this.#call("endSummaries", {}, number).catch(() => {});
    }
  }

  histogram(tensor: NodeRef, options: HistogramOptions = {}): Promise<TensorHistogram> {
    const { signal: _, onProgress: __, ...posted } = options;
    return this.#call("histogram", options, idOf(tensor), posted);
  }

  quantiles(
    tensor: NodeRef,
    ps: readonly number[],
    options: JobOptions = {},
  ): Promise<TensorQuantiles> {
    return this.#call("quantiles", options, idOf(tensor), ps);
  }

  grid(tensor: NodeRef, options: GridOptions = {}): Promise<TensorGrid> {
    const { signal: _, onProgress: __, ...posted } = options;
    return this.#call("grid", options, idOf(tensor), posted);
  }

  async difference(
    a: NodeRef,
    b: NodeRef,
    options: DifferenceOptions = {},
  ): Promise<TensorDifference> {
    const { file = this } = options;
    if (!(file instanceof T7Client) || file.#api !== this.#api) {
      throw new T7Error("bad_option", "the other file was not opened in the same worker", {
        hint: "Open both files with openInWorker() and the same worker, or both with open().",
      });
    }
    return this.#call("difference", options, idOf(a), idOf(b), { file: file.#file });
  }

  value(node: NodeRef, options: JobOptions = {}): Promise<T7Value> {
    return this.#call("value", options, idOf(node));
  }

  bytes(from: number, to: number, options: JobOptions = {}): Promise<Uint8Array> {
    return this.#call("bytes", options, from, to);
  }

  fields(from: number, to: number, options: JobOptions = {}): Promise<T7Field[]> {
    return this.#call("fields", options, from, to);
  }

  /** @internal */
  text(node: number, options: JobOptions): Promise<string> {
    return this.#call("printModule", options, node);
  }

  /** @internal */
  parameters(node: number, options: JobOptions): Promise<Parameter[]> {
    return this.#call("parametersOf", options, node);
  }

  /** @internal */
  async export(format: ExportFormat, node: number | null, options: ExportOptions): Promise<Export> {
    const { signal, onProgress, ...posted } = options;
    const begun = await this.#call("startExport", { signal }, format, node, posted);
    return this.#exported(begun, options);
  }

  #exported({ number, ...facts }: StartedExport, options: ExportOptions): Export {
    return { ...facts, chunks: this.#chunks(number, facts.byteLength, options) };
  }

  async *#chunks(
    number: number,
    total: number | null,
    { signal, onProgress }: ExportOptions,
  ): AsyncGenerator<Uint8Array> {
    let done = 0;
    try {
      for (;;) {
        const chunk = await this.#call("nextChunk", { signal }, number);
        if (chunk === null) return;
        yield chunk;
        done += chunk.length;
        onProgress?.({ done, total });
      }
    } finally {
      await this.#call("endExport", {}, number).catch(() => {});
    }
  }

  async close(): Promise<void> {
    unwrap(await this.#api.close(this.#file));
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The client behind a file, and the node that a value names in it; `undefined` stays. */
async function located(
  file: T7FileApi,
  value: NodeRef | string,
): Promise<{ client: T7Client; node: number }> {
  if (!(file instanceof T7Client)) {
    throw new T7Error("bad_option", "the file was not opened in a worker", {
      hint: "Functions of torchfile/client take files of openInWorker(); those of torchfile take the others.",
    });
  }
  if (typeof value !== "string") return { client: file, node: idOf(value) };
  const node = await file.node(value);
  if (node !== null) return { client: file, node: node.id };
  const details = { path: value, found: "nothing", expected: "a value" };
  throw new T7Error("no_node", `there is nothing at ${value}`, details);
}

/** `exportTo` of the package, done by the worker. */
export async function exportTo(
  file: T7FileApi,
  format: ExportFormat,
  value?: NodeRef | string,
  options: ExportOptions = {},
): Promise<Export> {
  const { client, node } = await located(file, value ?? "root");
  return client.export(format, value === undefined ? null : node, options);
}

/** `printModule` of the package, done by the worker. */
export async function printModule(
  file: T7FileApi,
  module: NodeRef | string = "root",
  options: JobOptions = {},
): Promise<string> {
  const { client, node } = await located(file, module);
  return client.text(node, options);
}

/** `parametersOf` of the package, done by the worker. */
export async function parametersOf(
  file: T7FileApi,
  module: NodeRef | string = "root",
  options: JobOptions = {},
): Promise<Parameter[]> {
  const { client, node } = await located(file, module);
  return client.parameters(node, options);
}

/** `shapesOf` of the package over a file in a worker; its code is loaded when it is first called. */
export async function shapesOf(
  file: T7FileApi,
  network: NodeRef | string = "root",
  options: ShapesOptions = {},
): Promise<NetworkShapes> {
  const { client, node } = await located(file, network);
  const { shapesOf: follow } = await import("../shapes/shapes.js");
  return follow(client, node, options);
}

/** `toPyTorch` of the package over a file in a worker; its code is loaded when it is first called. */
export async function toPyTorch(
  file: T7FileApi,
  network: NodeRef | string = "root",
  options: PyTorchOptions = {},
): Promise<PyTorchModel> {
  const { client, node } = await located(file, network);
  const { toPyTorch: make } = await import("../pytorch/to-pytorch.js");
  return make(client, node, options);
}
