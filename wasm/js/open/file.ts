/** `open`: the index of a file in memory, its payload where it is. */

import { fieldsOf } from "../ask/fields.js";
import { search } from "../ask/find.js";
import { parseQuery } from "../ask/query.js";
import type {
  DifferenceOptions,
  GridOptions,
  HistogramOptions,
  JobOptions,
  NodeRef,
  OpenOptions,
  PathStep,
  SourceInput,
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
import { dtypeBytes, type TypedArray } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import {
  badOption,
  checkOptions,
  checkSummaries,
  jobRules,
  openRules,
  type Rules,
  valueRules,
  valueText,
} from "../base/options.js";
import { parsePath } from "../base/path.js";
import {
  checkComparable,
  checkGrid,
  checkHistogram,
  checkQuantiles,
  gridOf,
  histogramOf,
  makeGrid,
  quantilesOf,
  statsOf,
  summaryOf,
} from "../compute/measures.js";
import { sliceView } from "../compute/slices.js";
import { openSource } from "../foreign/open-source.js";
import { Flag, Kind, none } from "../index/graph.js";
import { type Instance, recycleInstance, takeInstance } from "../index/instance.js";
import { findNode, pathText } from "../index/locate.js";
import { type Index, parse } from "../index/parse.js";
import { Tree } from "../index/tree.js";
import { type MeteredSource, metered } from "../source/metered.js";
import { abortedError, readFully } from "../source/source-types.js";
import type { ValueOptions } from "../values/convert.js";
import { allocate } from "../values/storage.js";
import type { LuaValue } from "../values/values.js";
import { type View, viewSize } from "./elements.js";
import { checkJob, type Job, Jobs } from "./jobs.js";
import { loadNode } from "./load-node.js";
import { hasOwnValue, valueOfNode } from "./node-value.js";
import { NodeMaker } from "./nodes.js";
import { Summaries, type Summarized } from "./summaries.js";
import { TensorWork } from "./tensor-work.js";
import { viewOf } from "./views.js";

const differenceRules: Rules = {
  ...jobRules,
  file: { expected: "an open file", accepts: (value) => typeof value === "object" },
};

/** Of children and of bytes. */
function checkRange(from: unknown, to: unknown): void {
  const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!isCount(from)) throw badOption("from", from, "a whole number, 0 or more");
  if (!isCount(to) && to !== Number.POSITIVE_INFINITY) {
    throw badOption("to", to, "a whole number, 0 or more");
  }
}

/** Of `T7File.load`; progress counts bytes of elements. */
export interface LoadNodeOptions extends ValueOptions, JobOptions {}

/** Hits that are given together. */
const hitsAtOnce = 256;

/** Fields that one call gives. */
const mostFields = 65536;

/** Bytes that one `read` may give: typed arrays end there. */
const maxReadBytes = 2 ** 32;

/**
 * Opens a `.t7` file: only its structure is read. Close it when done. Rejects with `T7Error` when
 * nothing of the file can be read; a damaged file opens with `error`.
 */
export async function open(input: SourceInput, options: OpenOptions = {}): Promise<T7File> {
  checkOptions(options, openRules, "open");
  const source = metered(await openSource(input, options));
  const file = await openIndex(source, options).catch(async (error) => {
    await source.close?.();
    throw error;
  });
  const { signal, keepPartial = false } = options;
  if (!signal?.aborted || keepPartial) return file;
  // Cancelled too late to be noticed while reading: still, nobody waits for it.
  await file.close();
  throw abortedError(signal);
}

async function openIndex(source: MeteredSource, options: OpenOptions): Promise<T7File> {
  const instance = await takeInstance();
  return new T7File(instance, source, await parse(instance, source, options));
}

/** An opened file in this thread; see `T7FileApi`. */
export class T7File implements T7FileApi {
  readonly format: T7Format;
  readonly root: T7Node | null;
  readonly roots: T7Node[];
  readonly error: T7Error | null;
  readonly warnings: T7Error[];
  readonly #instance: Instance;
  readonly #source: MeteredSource;
  readonly #index: Index;
  readonly #tree: Tree;
  readonly #nodes: NodeMaker;
  readonly #totals: Omit<T7Totals, "bytesRead" | "requests">;
  readonly #jobs = new Jobs(() => this.#source.counters.bytes);
  readonly #tensors: TensorWork;
  #closing: Promise<void> | undefined;

  /** Use `open`. */
  constructor(instance: Instance, source: MeteredSource, index: Index) {
    this.#instance = instance;
    this.#source = source;
    this.#index = index;
    this.format = index.format;
    this.error = index.error;
    this.warnings = index.warnings;
    this.#tree = new Tree(index.graph);
    this.#nodes = new NodeMaker(this.#tree);
    this.roots = index.graph.roots.map((node) => this.#nodes.make(node));
    this.root = this.roots[0] ?? null;
    this.#tensors = new TensorWork(instance, source, index.graph, this.format, this.#jobs);
    this.#totals = this.#count();
  }

  get totals(): T7Totals {
    const { bytes, requests } = this.#source.counters;
    return { ...this.#totals, bytesRead: bytes, requests };
  }

  /** Bytes of WebAssembly memory that the file holds, for tests. @internal */
  get memoryBytes(): number {
    return this.#instance.byteLength;
  }

  #count(): Omit<T7Totals, "bytesRead" | "requests"> {
    const { graph } = this.#index;
    let tensors = 0;
    let storages = 0;
    let storageBytes = 0;
    for (let object = 0; object < graph.objectCount; object++) {
      const kind = graph.kind(graph.node(object));
      if (kind === Kind.tensor) tensors++;
      if (kind !== Kind.storage) continue;
      storages++;
      if (!graph.has(object, Flag.incomplete)) storageBytes += graph.extent(object).byteLength;
    }
    const { byteLength } = this.#source;
    const { nodeCount: nodes, objectCount: objects } = graph;
    const rest = this.warnings.find(({ code }) => code === "trailing_bytes");
    const end = this.error?.offset ?? rest?.offset ?? byteLength;
    return { byteLength, end, nodes, objects, tensors, storages, storageBytes };
  }

  async node(path: string | PathStep[], options: JobOptions = {}): Promise<T7Node | null> {
    this.#jobs.check(options);
    const parsed = parsePath(path);
    const id = findNode(this.#tree, parsed);
    if (id === none) return null;
    return this.#nodes.make(id, parsed.steps.at(-1));
  }

  async children(
    ref: NodeRef,
    from = 0,
    to = Number.POSITIVE_INFINITY,
    options: JobOptions = {},
  ): Promise<T7Node[]> {
    checkRange(from, to);
    return this.#jobs.start(options, async (job) => {
      const id = this.#id(ref);
      const end = Math.min(to, this.#tree.count(id));
      const start = Math.max(0, from);
      job.total = Math.max(0, end - start);
      const children: T7Node[] = [];
      for (let i = start; i < end; i++) {
        const { node, step } = this.#tree.child(id, i);
        children.push(this.#nodes.make(node, step));
        job.advance(1);
        if (job.isSliceOver) await job.yieldThread();
      }
      return children;
    });
  }

  async *find(query: string, options: JobOptions = {}): AsyncGenerator<T7Node> {
    this.#jobs.check(options);
    const hits = search(this.#tree, parseQuery(query));
    for (let done = false; !done; ) {
      const batch = await this.#jobs.start(options, (job) => this.#hits(hits, job));
      done = batch.done;
      yield* batch.nodes;
    }
  }

  /** Some hits: as many as come before it is time for others. */
  async #hits(
    hits: ReturnType<typeof search>,
    job: Job,
  ): Promise<{ nodes: T7Node[]; done: boolean }> {
    const nodes: T7Node[] = [];
    for (;;) {
      const { done, value: hit } = hits.next();
      if (done) return { nodes, done: true };
      if (hit) {
        const { node, key, step } = hit;
        const own = step ?? (key === none ? undefined : this.#tree.keyStep(key));
        nodes.push(this.#nodes.make(node, own));
      }
      if (nodes.length >= hitsAtOnce) return { nodes, done: false };
      if (!job.isSliceOver) continue;
      await job.yieldThread();
      if (nodes.length > 0) return { nodes, done: false };
    }
  }

  async path(ref: NodeRef, options: JobOptions = {}): Promise<string> {
    this.#jobs.check(options);
    return pathText(this.#tree, this.#id(ref));
  }

  async read(ref: NodeRef, slice: TensorSlice = [], options: JobOptions = {}): Promise<TypedArray> {
    const view = sliceView(this.#view(ref), slice);
    const size = viewSize(view);
    const width = dtypeBytes[view.dtype];
    if (size * width >= maxReadBytes) {
      throw new T7Error("too_large", `${size} elements do not fit one array`, {
        path: pathText(this.#tree, this.#id(ref)),
        found: `${size * width} bytes`,
        expected: `less than ${maxReadBytes}`,
        hint: "Read slices: read(tensor, [[0, 1000]]).",
      });
    }
    return this.#tensors.elements(view, options);
  }

  async stats(ref: NodeRef, options: JobOptions = {}): Promise<TensorStats> {
    const view = this.#view(ref);
    return this.#tensors.measure(view, 1, options, (kernel, size) =>
      statsOf(kernel, view.dtype, size),
    );
  }

  async summary(ref: NodeRef, options: JobOptions = {}): Promise<TensorSummary> {
    const view = this.#view(ref);
    return this.#tensors.measure(view, 1, options, (kernel, size) =>
      summaryOf(kernel, view.dtype, size),
    );
  }

  async summaries(nodes: readonly NodeRef[] | "all", options: SummariesOptions): Promise<void> {
    checkSummaries(nodes, options);
    const { signal, onProgress, onEach } = options;
    this.#jobs.check({ signal });
    const summaries = this.startSummaries(nodes);
    for (;;) {
      const group = await summaries.next({ signal, onProgress });
      if (group.length === 0) return;
      for (const summarized of group) onEach(...summarized);
    }
  }

  /** Gives summaries in groups; other calls come between two. For the worker. @internal */
  startSummaries(nodes: readonly NodeRef[] | "all") {
    this.#jobs.check({});
    const summaries = new Summaries(
      this.#index.graph,
      this.#tensors,
      (id) => this.#nodes.make(id),
      (ref) => this.#view(ref),
      nodes,
    );
    return {
      next: (options: JobOptions): Promise<Summarized[]> =>
        this.#jobs.exclusively(options, (job) => summaries.group(job)),
    };
  }

  async histogram(ref: NodeRef, options: HistogramOptions = {}): Promise<TensorHistogram> {
    checkHistogram(options);
    const view = this.#view(ref);
    return this.#tensors.measure(view, options.range ? 1 : 2, options, (kernel, size) =>
      histogramOf(kernel, view.dtype, size, options),
    );
  }

  async quantiles(
    ref: NodeRef,
    ps: readonly number[],
    options: JobOptions = {},
  ): Promise<TensorQuantiles> {
    checkQuantiles(ps);
    checkJob(options);
    const view = this.#view(ref);
    return this.#tensors.measure(view, 1, options, (kernel, size) =>
      quantilesOf(kernel, view.dtype, size, ps),
    );
  }

  async grid(ref: NodeRef, options: GridOptions = {}): Promise<TensorGrid> {
    checkGrid(options);
    const view = sliceView(this.#view(ref), options.slice ?? []);
    const grid = makeGrid(view.shape, options);
    return this.#tensors.measure(view, 1, options, (kernel) => gridOf(kernel, view.dtype, grid));
  }

  async difference(
    a: NodeRef,
    b: NodeRef,
    options: DifferenceOptions = {},
  ): Promise<TensorDifference> {
    checkOptions(options, differenceRules, "difference");
    const other = options.file ?? this;
    if (!(other instanceof T7File)) {
      throw new T7Error("bad_option", "the other file was not opened in this thread", {
        hint: "Open both files with open(), or both in the same worker.",
      });
    }
    const [first, second] = [this.#view(a), other.#view(b)];
    checkComparable(first, second);
    const { signal, onProgress } = options;
    if (other === this) {
      return this.#jobs.exclusively(options, (job) =>
        this.#tensors.compare(first, second, this.#tensors, job),
      );
    }
    // Closing either file ends it.
    return other.#jobs.start({ signal }, (job) =>
      this.#jobs.exclusively({ signal: job.signal, onProgress }, (own) =>
        this.#tensors.compare(first, second, other.#tensors, own),
      ),
    );
  }

  /**
   * What `load` would give of this value alone: tables, objects and tensors, whose memory belongs to JavaScript.
   * What is referred to from elsewhere in the file is the same object within one call. Storages that cannot be read
   * have an `error`; rejects with `T7Error` where the source fails. Reads the elements of what is below the node only.
   */
  async load(ref: NodeRef, options: LoadNodeOptions = {}): Promise<LuaValue> {
    checkOptions(options, { ...jobRules, ...valueRules }, "load");
    const { signal, onProgress, ...form } = options;
    this.#jobs.check({ signal });
    const { graph } = this.#index;
    return loadNode(this.#tree, this.#id(ref), form, {
      elements: async (storage) =>
        (
          await this.#tensors.stored(viewOf(this.#tree, this.#nodes, graph.node(storage)), {
            signal,
          })
        ).buffer,
      bytes: (offset, length) => this.#bytes(offset, length, { signal }),
      progress: (done, total) =>
        onProgress?.({ done, total, bytesRead: this.#source.counters.bytes }),
    });
  }

  async value(ref: NodeRef, options: JobOptions = {}): Promise<T7Value> {
    this.#jobs.check(options);
    const id = this.#id(ref);
    const { graph } = this.#index;
    const kind = graph.kind(id);
    if (kind === Kind.tensor || kind === Kind.storage) return this.read(id, [], options);
    if (!hasOwnValue(kind)) {
      throw new T7Error("no_value", "this node has children instead of a value", {
        path: pathText(this.#tree, id),
        found: this.#nodes.make(id).kind,
        expected: "a scalar, string, function, tensor or storage",
        hint: "Use children().",
      });
    }
    const error = kind === Kind.function ? this.#nodes.errorOf(graph.ref(id)) : undefined;
    if (error !== undefined) throw T7Error.fromJSON(error);
    return valueOfNode(graph, id, (offset, length) => this.#bytes(offset, length, options));
  }

  async bytes(from: number, to: number, options: JobOptions = {}): Promise<Uint8Array> {
    checkRange(from, to);
    const { byteLength } = this.#source;
    return this.#bytes(from, Math.max(0, Math.min(to, byteLength) - from), options);
  }

  async fields(from: number, to: number, options: JobOptions = {}): Promise<T7Field[]> {
    checkRange(from, to);
    const { graph, file } = this.#index;
    const layout = {
      longSize: this.format.longSize ?? 8,
      carriageReturns: this.#instance.run(() => file.carriageReturns()),
      byteLength: this.#source.byteLength,
    };
    return this.#jobs.start(options, (job) =>
      fieldsOf(graph, layout, from, to, mostFields, async (start, end) => {
        const bytes = new Uint8Array(end - start);
        await readFully(this.#source, bytes, start, job.signal);
        return bytes;
      }),
    );
  }

  #bytes(offset: number, length: number, options: JobOptions): Promise<Uint8Array> {
    return this.#jobs.start(options, async (job) => {
      const bytes = allocate(() => new Uint8Array(length), length, "bytes of a value");
      await readFully(this.#source, bytes, offset, job.signal);
      return bytes;
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#jobs.close();
    if (!this.#instance.dead) {
      this.#tensors.release();
      this.#instance.run(() => this.#index.file.delete());
      recycleInstance(this.#instance);
    }
    await this.#source.close?.();
  }

  #id(ref: NodeRef): number {
    const id = typeof ref === "number" ? ref : ref?.id;
    if (Number.isInteger(id) && id >= 0 && id < this.#index.graph.nodeCount) return id;
    throw new T7Error("no_node", `there is no node ${valueText(id)}`, {
      found: valueText(id),
      expected: `0 … ${this.#index.graph.nodeCount - 1}`,
    });
  }

  /** The elements of a tensor or storage; throws if it is something else or unusable. */
  #view(ref: NodeRef): View {
    this.#jobs.check({});
    return viewOf(this.#tree, this.#nodes, this.#id(ref));
  }
}
