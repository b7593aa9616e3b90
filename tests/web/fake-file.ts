/**
 * A made-up file for the page's tests and for `vite build --mode fake`: a small network, a list of a
 * million numbers, and one of everything that is odd. It answers like a worker: later, as plain data.
 */

import type {
  HistogramOptions,
  JobOptions,
  NodeRef,
  OpenOptions,
  PathStep,
  SummariesOptions,
  T7FileApi,
  T7Format,
  T7Node,
  T7Totals,
  TensorHistogram,
  TensorStats,
  TensorSummary,
} from "../../wasm/js/base/api.js";
import type { TypedArray } from "../../wasm/js/base/dtype.js";
import { T7Error } from "../../wasm/js/base/errors.js";
import { parseSchema } from "../../wasm/js/index/schema.js";
import { histogramOf, normal, spoiled, statsOf, summaryOf } from "./fake-numbers.js";

/** A value of the made-up file; `children` may be computed, so that a million cost nothing. */
interface Value extends Partial<Omit<T7Node, "id" | "kind" | "count">> {
  kind: T7Node["kind"];
  children?: { count: number; at: (index: number) => Value; leaves?: boolean };
  data?: Float32Array;
  text?: string | Uint8Array;
}

function list(values: Value[], more: Partial<Value> = {}): Value {
  const preview = `list of ${values.length}`;
  const children = {
    count: values.length,
    at: (i: number) => ({ ...(values[i] as Value), key: `[${i + 1}]` }),
  };
  return { kind: "table", list: true, preview, children, ...more };
}

function record(fields: Record<string, Value>, more: Partial<Value> = {}): Value {
  const entries = Object.entries(fields).map(([key, value]) => ({ ...value, key }));
  const preview = `table of ${entries.length}`;
  const children = { count: entries.length, at: (i: number) => entries[i] as Value };
  return { kind: "table", preview, children, ...more };
}

function object(typename: string, fields: Record<string, Value>): Value {
  return record(fields, { kind: "object", typename, version: 1, preview: typename });
}

const num = (value: number): Value => ({ kind: "number", value, preview: String(value) });

const text = (value: string): Value => ({
  kind: "string",
  text: value,
  byteLength: value.length,
  preview: JSON.stringify(value.slice(0, 150)).concat(value.length > 150 ? "…" : ""),
});

function tensor(shape: number[], data: Float32Array, more: Partial<Value> = {}): Value {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  return {
    kind: "tensor",
    typename: "torch.FloatTensor",
    version: 1,
    dtype: "float32",
    shape,
    strides,
    storageOffset: 0,
    contiguous: true,
    size: data.length,
    byteLength: data.length * 4,
    storage: { id: 0, index: 1, length: data.length, byteLength: data.length * 4, sharedBy: 1 },
    preview: shape.join("×"),
    data,
    ...more,
  };
}

function convolution(seed: number, planes: number): Value {
  const size = 64 * planes * 9;
  return object("nn.SpatialConvolution", {
    nInputPlane: num(planes),
    nOutputPlane: num(64),
    kW: num(3),
    weight: tensor([64, planes, 3, 3], normal(size, 0.09, seed)),
    bias: tensor([64], normal(64, 0.4, seed + 1)),
    gradWeight: tensor([64, planes, 3, 3], new Float32Array(size)),
    gradBias: tensor([64], new Float32Array(64).fill(1)),
    output: tensor([0], new Float32Array(), { storage: null }),
  });
}

function oddities(): Value {
  return record({
    "with NaN": tensor([50, 100], spoiled()),
    "all NaN": tensor([3], new Float32Array(3).fill(Number.NaN)),
    constant: tensor([8, 8], new Float32Array(64).fill(0.25)),
    transposed: tensor([20, 10], normal(200, 1, 9), { strides: [1, 20], contiguous: false }),
    "a long text": text("It was the best of times, it was the worst of times. ".repeat(3000)),
    bytes: {
      kind: "string",
      text: new Uint8Array(300).map((_, i) => i),
      byteLength: 300,
      preview: "300 bytes",
    },
    nothing: { kind: "nil", value: null, preview: "nil" },
    yes: { kind: "boolean", value: true, preview: "true" },
    leaves: tensor([10], new Float32Array(10), {
      error: {
        code: "view_out_of_range",
        message: "the tensor leaves its storage",
        offset: 4321,
        path: "root.oddities.leaves",
        found: "elements 1 … 10",
        expected: "a storage of at least 10 elements; it has 4",
        hint: "The rest of the file can be read.",
      },
    }),
    callback: {
      kind: "function",
      preview: "function",
      byteLength: 96,
      text: new Uint8Array([27, 76, 74, 2]),
      index: 31,
      children: { count: 1, at: () => ({ ...num(3), key: "count" }) },
    },
    cut: record({ first: num(1) }, { incomplete: true }),
  });
}

function contents(): Value {
  const million = 1_000_000;
  return object("nn.Sequential", {
    modules: list([
      convolution(1, 3),
      object("nn.ReLU", { inplace: { kind: "boolean", value: true, preview: "true" } }),
      convolution(5, 64),
      object("nn.Linear", { weight: tensor([10, 1152], normal(11520, 0.02, 3)) }),
    ]),
    numbers: {
      kind: "table",
      list: true,
      preview: "list of 1,000,000",
      children: {
        count: million,
        leaves: true,
        at: (i) => ({ ...num(i * i), key: `[${i + 1}]` }),
      },
    },
    oddities: oddities(),
    _type: text("torch.FloatTensor"),
    train: { kind: "boolean", value: false, preview: "false" },
  });
}

/** A value with its place in the file: ids count occurrences in file order. */
interface Placed {
  value: Value;
  id: number;
  parent: Placed | null;
  /** First id of each child, or `null` where the children are leaves. */
  starts: number[] | null;
  end: number;
}

function place(value: Value, id: number, parent: Placed | null): Placed {
  const count = value.children?.count ?? 0;
  if (value.children?.leaves) return { value, id, parent, starts: null, end: id + 1 + count };
  const placed: Placed = { value, id, parent, starts: [], end: id + 1 };
  for (let i = 0; i < count; i += 1) {
    placed.starts?.push(placed.end);
    placed.end = place(value.children?.at(i) as Value, placed.end, placed).end;
  }
  return placed;
}

function childOf(placed: Placed, index: number): Placed {
  const value = placed.value.children?.at(index) as Value;
  return place(value, placed.starts?.[index] ?? placed.id + 1 + index, placed);
}

function find(from: Placed, id: number): Placed {
  let at = from;
  while (at.id !== id) {
    const starts = at.starts;
    if (starts === null) return childOf(at, id - at.id - 1);
    let index = starts.length - 1;
    while (index > 0 && (starts[index] as number) > id) index -= 1;
    if (starts.length === 0) throw new RangeError(`no node ${id}`);
    at = childOf(at, index);
  }
  return at;
}

function nodeOf(placed: Placed): T7Node {
  const { children, data: _data, text: content, ...plain } = placed.value;
  const node: T7Node = { preview: "", ...plain, id: placed.id, offset: placed.id * 17 };
  if (children !== undefined) node.count = children.count;
  if (typeof content === "string" && content.length < 200) node.value = content;
  return node;
}

const format: T7Format = {
  encoding: "binary",
  byteOrder: "little",
  longSize: 8,
  gzip: false,
  evidence: ["The first four bytes are a type number in little endian."],
};

export class FakeFile implements T7FileApi {
  async *find(): AsyncGenerator<T7Node> {}
  bytes = async (from: number, to: number) => new Uint8Array(Math.max(0, to - from));
  fields = async () => [];

  readonly format = format;
  readonly totals: T7Totals;
  readonly root: T7Node;
  readonly roots: T7Node[];
  readonly warnings: T7Error[];
  /** Calls so far, for tests: `children 3 0 128`. */
  readonly calls: string[] = [];
  closed = false;
  private readonly top: Placed;

  constructor(readonly error: T7Error | null = null) {
    const value = contents();
    const shared = find(place(value, 0, null), 2);
    this.top = place(value, 0, null);
    // The second network refers back to the first module of the first.
    this.root = nodeOf(this.top);
    this.roots = [this.root, { ...nodeOf(shared), key: "roots[2]", id: this.top.end, sameAs: 2 }];
    this.warnings = [
      new T7Error("duplicate_key", "the key appears twice; the last one wins", {
        offset: 912,
        path: "root.oddities.constant",
        hint: "The last value counts.",
      }),
    ];
    this.totals = {
      end: 61_800_000,
      byteLength: 61_800_000,
      nodes: this.top.end,
      objects: 1204,
      tensors: 96,
      storages: 90,
      storageBytes: 61_000_000,
      bytesRead: 70_000,
      requests: 9,
    };
  }

  /** Of paths with names and list places only. */
  async node(path: string | PathStep[]): Promise<T7Node | null> {
    await later();
    let at: Placed | null = this.top;
    for (const step of String(path).match(/\.\w+|\[\d+\]/g) ?? []) {
      const key = step.replace(".", "");
      const count: number = at?.starts?.length ?? 0;
      const children: Placed[] = Array.from({ length: count }, (_, i) => childOf(at as Placed, i));
      at = children.find((child) => child.value.key === key) ?? null;
    }
    return at === null ? null : nodeOf(at);
  }

  async children(ref: NodeRef, from = 0, to?: number): Promise<T7Node[]> {
    const placed = this.placed(ref);
    const count = placed.value.children?.count ?? 0;
    const end = Math.min(to ?? count, count);
    this.calls.push(`children ${placed.id} ${from} ${end}`);
    await later();
    return Array.from({ length: Math.max(0, end - from) }, (_, i) =>
      nodeOf(childOf(placed, from + i)),
    );
  }

  async path(ref: NodeRef): Promise<string> {
    await later();
    const steps: string[] = [];
    for (let at: Placed | null = this.placed(ref); at?.parent; at = at.parent) {
      const key = at.value.key ?? "";
      steps.unshift(key.startsWith("[") ? key : /^\w+$/.test(key) ? `.${key}` : `["${key}"]`);
    }
    return `root${steps.join("")}`;
  }

  async read(ref: NodeRef): Promise<TypedArray> {
    return this.dataOf(ref);
  }

  async stats(ref: NodeRef): Promise<TensorStats> {
    await later();
    return statsOf(this.dataOf(ref));
  }

  async summary(ref: NodeRef, _options?: JobOptions): Promise<TensorSummary> {
    this.calls.push(`summary ${this.placed(ref).id}`);
    await later();
    return summaryOf(this.dataOf(ref));
  }

  async summaries(nodes: readonly NodeRef[] | "all", { onEach }: SummariesOptions): Promise<void> {
    for (const ref of nodes === "all" ? [] : nodes) {
      onEach(nodeOf(this.placed(ref)), await this.summary(ref), null);
    }
  }

  async histogram(ref: NodeRef, options: HistogramOptions = {}): Promise<TensorHistogram> {
    const data = this.dataOf(ref);
    this.calls.push(`histogram ${this.placed(ref).id} ${options.bins}`);
    await later();
    return histogramOf(data, options.bins ?? 128, options.range);
  }

  async value(ref: NodeRef): Promise<string | Uint8Array | TypedArray> {
    await later();
    const { text: content } = this.placed(ref).value;
    return content ?? this.dataOf(ref);
  }

  async quantiles(): Promise<never> {
    throw notThere();
  }

  async grid(): Promise<never> {
    throw notThere();
  }

  async difference(): Promise<never> {
    throw notThere();
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private placed(ref: NodeRef): Placed {
    const id = typeof ref === "number" ? ref : ref.id;
    // Behind the first value stands the one back-reference.
    return find(this.top, id === this.top.end ? 2 : id);
  }

  private dataOf(ref: NodeRef): Float32Array {
    return this.placed(ref).value.data ?? new Float32Array();
  }
}

const notThere = () => new T7Error("no_value", "the made-up file cannot do this");

const later = () => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * Sizes of files that open in a way of their own; see `openInWorker`. Of `slow` half is read when it
 * is cancelled, of `stuck` nothing.
 */
export const sizes = { empty: 0, truncated: 50, byHand: 60, whole: 1000, slow: 5000, stuck: 5001 };

/** Stands in for the worker's client: what opens depends on the file's size only. */
export async function openInWorker(input: Blob, options: OpenOptions = {}): Promise<T7FileApi> {
  await later();
  if (input.size === sizes.empty) {
    throw new T7Error("empty", "the file is empty", { offset: 0, hint: "Look for a copy." });
  }
  if (options.schema !== undefined) parseSchema(options.schema);
  if (input.size >= sizes.slow) await untilCancelled(options, input.size);
  return new FakeFile(damage(input.size, options));
}

function damage(size: number, { schema }: OpenOptions): T7Error | null {
  if (size === sizes.truncated) return truncated();
  if (size === sizes.slow) return new T7Error("aborted", "reading was stopped", { offset: 2500 });
  if (size === sizes.byHand && schema === undefined) {
    return new T7Error("raw_values", "bytes that are no values follow", { offset: 41 });
  }
  return null;
}

function truncated(): T7Error {
  return new T7Error("truncated", "truncated: 3,412 bytes missing", {
    offset: 9188,
    path: "root.oddities.cut",
    found: "end of file",
    expected: "a number of 8 bytes",
    hint: "Copy or download the file again.",
  });
}

/** Half of the file is read and no more comes. */
function untilCancelled({ signal, onProgress, keepPartial }: OpenOptions, size: number) {
  onProgress?.({ position: 2500, byteLength: size, bytesRead: 2500, values: 1234 });
  return new Promise<void>((resolve, reject) => {
    const kept = keepPartial && size === sizes.slow;
    signal?.addEventListener("abort", () => (kept ? resolve() : reject(signal.reason)));
  });
}

/** What the page asks the worker for besides; nothing here is a network or is taken out. */
const nothing = async () => {
  throw new Error("not in this file");
};

export {
  nothing as exportTo,
  nothing as parametersOf,
  nothing as shapesOf,
  nothing as printModule,
  nothing as toPyTorch,
};

/** Of the one-file page only, which is not built on this file. */
export function connect(): never {
  throw new Error("not asked for");
}
