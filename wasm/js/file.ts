/** `open`: the index of a file in memory, its payload where it is. */

import type {
  HistogramOptions,
  NodeRef,
  OpenOptions,
  PathStep,
  SourceInput,
  T7FileApi,
  T7Format,
  T7Node,
  T7Summary,
  TensorHistogram,
  TensorSlice,
  TensorStats,
} from "./api.js";
import { dtypeBytes, type TypedArray } from "./dtype.js";
import { ElementReader, type View, viewSize } from "./elements.js";
import { T7Error } from "./errors.js";
import { Flag, Kind, none } from "./graph.js";
import { convertHalf } from "./half.js";
import { type Instance, recycleInstance, takeInstance } from "./instance.js";
import { checkHistogram, Kernel } from "./kernels.js";
import { findNode, pathText } from "./locate.js";
import { NodeMaker } from "./nodes.js";
import { openSource } from "./opening.js";
import { type Index, parse } from "./parse.js";
import { parsePath } from "./path.js";
import { readFully, type Source } from "./reading.js";
import { sliceView } from "./slices.js";
import { allocate, arrayTypes } from "./storage.js";
import { Tree } from "./tree.js";

/** Elements that one `read` may give: typed arrays end there. */
const maxReadBytes = 2 ** 32;

/**
 * Opens a `.t7` file: only its structure is read. Close it when done. Rejects with `T7Error` when
 * nothing of the file can be read; a damaged file opens with `error`.
 */
export async function open(input: SourceInput, options: OpenOptions = {}): Promise<T7File> {
  const source = await openSource(input, options);
  try {
    const instance = await takeInstance();
    return new T7File(instance, source, await parse(instance, source, options));
  } catch (error) {
    await source.close?.();
    throw error;
  }
}

/** An opened file in this thread; see `T7FileApi`. */
export class T7File implements T7FileApi {
  readonly format: T7Format;
  readonly root: T7Node | null;
  readonly roots: T7Node[];
  readonly error: T7Error | null;
  readonly warnings: T7Error[];
  readonly #instance: Instance;
  readonly #source: Source;
  readonly #index: Index;
  readonly #tree: Tree;
  readonly #nodes: NodeMaker;
  readonly #summary: T7Summary;
  #kernel: Kernel | undefined;
  #reader: ElementReader | undefined;
  /** Kernels work in one piece of memory: one use after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Use `open`. */
  constructor(instance: Instance, source: Source, index: Index) {
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
    this.#summary = this.#summarize();
  }

  get summary(): T7Summary {
    return this.#summary;
  }

  #summarize(): T7Summary {
    const { graph, bytesRead } = this.#index;
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
    return { byteLength, nodes, objects, tensors, storages, storageBytes, bytesRead };
  }

  async node(path: string | PathStep[]): Promise<T7Node | null> {
    this.#checkOpen();
    const parsed = parsePath(path);
    const id = findNode(this.#tree, parsed);
    if (id === none) return null;
    return this.#nodes.make(id, parsed.steps.at(-1));
  }

  async children(ref: NodeRef, from = 0, to = Number.POSITIVE_INFINITY): Promise<T7Node[]> {
    const id = this.#id(ref);
    const end = Math.min(to, this.#tree.count(id));
    const children: T7Node[] = [];
    for (let i = Math.max(0, from); i < end; i++) {
      const { node, step } = this.#tree.child(id, i);
      children.push(this.#nodes.make(node, step));
    }
    return children;
  }

  async path(ref: NodeRef): Promise<string> {
    return pathText(this.#tree, this.#id(ref));
  }

  async read(ref: NodeRef, slice: TensorSlice = []): Promise<TypedArray> {
    const view = sliceView(this.#view(this.#id(ref)), slice);
    const size = viewSize(view);
    const width = dtypeBytes[view.dtype];
    if (size * width >= maxReadBytes) {
      throw new T7Error("too_large", `${size} elements do not fit one array`, {
        path: await this.path(ref),
        found: `${size * width} bytes`,
        expected: `less than ${maxReadBytes}`,
        hint: "Read slices: read(tensor, [[0, 1000]]).",
      });
    }
    const Type = arrayTypes[view.dtype];
    const target = allocate(() => new Type(size), size * width, `${size} elements`);
    const bytes = new Uint8Array(target.buffer);
    await this.#exclusively(async ({ instance }, reader) => {
      await reader.forTiles(view, (address, count, first) => {
        bytes.set(new Uint8Array(instance.memory.buffer, address, count * width), first * width);
      });
    });
    return target instanceof Uint16Array ? convertHalf(target, new Float32Array(size)) : target;
  }

  async stats(ref: NodeRef): Promise<TensorStats> {
    const view = this.#view(this.#id(ref));
    return this.#exclusively(async (kernel, reader) => {
      kernel.startStats();
      await reader.forTiles(view, (address, count) => kernel.addStats(view.dtype, address, count));
      return kernel.stats(view.dtype);
    });
  }

  async histogram(ref: NodeRef, options: HistogramOptions = {}): Promise<TensorHistogram> {
    const { bins = 128, range = null } = options;
    checkHistogram(bins, range);
    const view = this.#view(this.#id(ref));
    return this.#exclusively(async (kernel, reader) => {
      if (range === null) {
        kernel.startStats();
        await reader.forTiles(view, (address, count) =>
          kernel.addStats(view.dtype, address, count),
        );
      }
      kernel.startHistogram(bins, range ?? kernel.defaultRange());
      await reader.forTiles(view, (address, count) =>
        kernel.addHistogram(view.dtype, address, count),
      );
      return kernel.histogram(bins);
    });
  }

  async value(
    ref: NodeRef,
  ): Promise<null | boolean | number | bigint | string | Uint8Array | TypedArray> {
    const id = this.#id(ref);
    const { graph } = this.#index;
    switch (graph.kind(id)) {
      case Kind.nil:
        return null;
      case Kind.boolean:
        return graph.ref(id) === 1;
      case Kind.number:
        return graph.number(id);
      case Kind.integer:
        return graph.integer(id);
      case Kind.string:
        return this.#string(graph.ref(id));
      case Kind.bytes:
        return this.#bytes(graph.long(graph.ref(id)), graph.long(graph.ref(id) + 1));
      case Kind.function: {
        const { offset, byteLength } = graph.dump(graph.ref(id));
        return this.#bytes(offset, byteLength);
      }
      case Kind.tensor:
      case Kind.storage:
        return this.read(id);
      default:
        throw new T7Error("no_value", "this node has children instead of a value", {
          path: await this.path(id),
          found: this.#nodes.make(id).kind,
          expected: "a scalar, string, function, tensor or storage",
          hint: "Use children().",
        });
    }
  }

  async #string(string: number): Promise<string | Uint8Array> {
    const { graph } = this.#index;
    if (!graph.isLocated(string)) return graph.text(string);
    const bytes = await this.#bytes(graph.stringOffset(string), graph.stringLength(string));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return bytes;
    }
  }

  async #bytes(offset: number, length: number): Promise<Uint8Array> {
    const bytes = allocate(() => new Uint8Array(length), length, "bytes of a value");
    await readFully(this.#source, bytes, offset);
    return bytes;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.catch(() => {});
    if (!this.#instance.dead) {
      this.#instance.run(() => this.#index.file.delete());
      if (this.#kernel === undefined) recycleInstance(this.#instance);
    }
    await this.#source.close?.();
  }

  #checkOpen(): void {
    if (this.#closed) throw new T7Error("closed", "the file has been closed");
  }

  #id(ref: NodeRef): number {
    this.#checkOpen();
    const id = typeof ref === "number" ? ref : ref.id;
    if (Number.isInteger(id) && id >= 0 && id < this.#index.graph.nodeCount) return id;
    throw new T7Error("no_node", `there is no node ${id}`, {
      found: String(id),
      expected: `0 … ${this.#index.graph.nodeCount - 1}`,
    });
  }

  /** The elements of a tensor or storage; throws if it is something else or unusable. */
  #view(id: number): View {
    const { graph } = this.#index;
    const kind = graph.kind(id);
    const node = this.#nodes.make(id);
    if (kind !== Kind.tensor && kind !== Kind.storage) {
      throw new T7Error("not_a_tensor", `this is a ${node.kind}, not a tensor`, {
        path: pathText(this.#tree, id),
        found: node.kind,
        expected: "a tensor or storage",
      });
    }
    if (node.error !== undefined) throw T7Error.fromJSON(node.error);
    const object = graph.ref(id);
    const storage = kind === Kind.tensor ? graph.storageOf(object) : object;
    const cut = node.incomplete || (storage !== none && graph.has(storage, Flag.incomplete));
    if (cut) {
      throw new T7Error("truncated", "the elements of this tensor are not all in the file", {
        path: pathText(this.#tree, id),
        offset: node.offset,
        hint: "Get the file again: it is incomplete.",
      });
    }
    const { dtype } = graph.classOf(object);
    if (kind === Kind.tensor) {
      const view = graph.view(object);
      const shape = view.shape.length === 0 ? [0] : view.shape;
      const strides = view.shape.length === 0 ? [1] : view.strides;
      return { dtype, storage, shape, strides, storageOffset: view.storageOffset };
    }
    const { length } = graph.extent(storage);
    return { dtype, storage, shape: [length], strides: [1], storageOffset: 0 };
  }

  /** Runs `work` when the kernel is free. */
  #exclusively<T>(work: (kernel: Kernel, reader: ElementReader) => Promise<T>): Promise<T> {
    const run = this.#queue
      .catch(() => {})
      .then(async () => {
        this.#checkOpen();
        const { graph, format } = this.#index;
        if (this.#kernel === undefined || this.#reader === undefined) {
          this.#kernel = new Kernel(this.#instance);
          this.#reader = new ElementReader(graph, this.#source, this.#kernel, format);
        }
        return work(this.#kernel, this.#reader);
      });
    this.#queue = run;
    return run;
  }
}
