/**
 * A value as lossless JSON (`schema.json`): every table, object, tensor and storage has an `id`, and
 * occurs again as `{ "ref": id }`, so that shared and cyclic values can be read back.
 */

import type { PathStep, T7FileApi, T7Node } from "../base/api.js";
import { parsePath } from "../base/path.js";
import { checkWhole, childrenOf, type Visit } from "../open/walk.js";
import { elementsOf } from "./blocks.js";
import type { Export, ExportOptions, Subject } from "./export-types.js";
import { base64, bytesText, elementTexts, numberText } from "./json-values.js";
import { encoded } from "./text-stream.js";

const quoted = (text: string) => JSON.stringify(text);

/** JSON's own numbers are finite. */
const scalarText = (value: number) =>
  Number.isFinite(value) ? numberText(value) : `{"kind":"number","value":${numberText(value)}}`;

/** A key that is no object. */
function stepText(step: PathStep): string {
  if (typeof step === "string") return quoted(step);
  if (typeof step === "number") return scalarText(step);
  if (typeof step === "boolean") return String(step);
  if (step instanceof Uint8Array) return bytesText("string", step);
  const name = "upvalue" in step ? step.upvalue : step.index;
  return typeof name === "string" ? quoted(name) : String(name);
}

/** What is left to write: text, a value, or the rest of a value's children. */
type Task = string | Visit | Rest;

interface Rest {
  of: T7Node;
  children: AsyncGenerator<Visit>;
  first: boolean;
}

const isRest = (task: Visit | Rest): task is Rest => "children" in task;

class JsonWriter {
  /** Objects that were begun, by their first occurrence. */
  private readonly begun = new Set<number>();
  private readonly tasks: Task[] = [];

  constructor(
    private readonly file: T7FileApi,
    private readonly options: ExportOptions,
  ) {}

  async *value(start: Visit): AsyncGenerator<string> {
    this.tasks.push(start);
    for (let task = this.tasks.pop(); task !== undefined; task = this.tasks.pop()) {
      if (typeof task === "string") yield task;
      else if (isRest(task)) yield await this.next(task);
      else yield* this.begin(task);
    }
  }

  /** Puts the next child on the stack, with its key. */
  private async next(rest: Rest): Promise<string> {
    const next = await rest.children.next();
    if (next.done) return "]}";
    const comma = rest.first ? "" : ",";
    rest.first = false;
    this.tasks.push(rest);
    if (rest.of.list === true || rest.of.kind === "vec") {
      this.tasks.push(next.value);
      return comma;
    }
    this.tasks.push("]", next.value, ",", await this.key(next.value));
    return `${comma}[`;
  }

  /** A key may be an object that occurs nowhere else. */
  private async key({ node, path }: Visit): Promise<Task> {
    const step = parsePath(path).steps.at(-1) as PathStep;
    if (node.keyNode === undefined || typeof step !== "object" || !("index" in step)) {
      return stepText(step);
    }
    if (this.begun.has(node.keyNode)) return `{"ref":${node.keyNode}}`;
    const own = `#${step.index}`;
    const key = await this.file.node(own, { signal: this.options.signal });
    return key === null ? `{"ref":${node.keyNode}}` : { node: key, path: own, depth: 0 };
  }

  /** A leaf as a whole; of other values the head, and their children go on the stack. */
  private async *begin(visit: Visit): AsyncGenerator<string> {
    const { node } = visit;
    const id = node.sameAs ?? node.id;
    if (this.begun.has(id)) {
      yield `{"ref":${id}}`;
      return;
    }
    checkWhole(this.file, visit);
    if (node.kind === "tensor") yield* this.tensor(node, id);
    else if (node.kind === "storage") yield* this.storage(node, id);
    else if (!parents.has(node.kind)) yield await this.scalar(node);
    else {
      this.begun.add(id);
      const children = childrenOf(this.file, visit, this.options.signal);
      this.tasks.push({ of: node, children, first: true });
      yield await this.head(node, id);
    }
  }

  private async head(node: T7Node, id: number): Promise<string> {
    const facts = [`{"kind":"${node.kind}","id":${id}`];
    if (node.kind === "object") {
      facts.push(`"class":${quoted(node.typename ?? "")}`, `"version":${node.version ?? null}`);
    }
    if (node.kind === "function") {
      const bytes = await this.file.value(node, { signal: this.options.signal });
      facts.push(`"bytecode":"${base64(bytes as Uint8Array)}"`);
    }
    const isList = node.list === true || node.kind === "vec";
    const name = node.kind === "function" ? "upvalues" : isList ? "list" : "entries";
    return `${facts.join(",")},"${name}":[`;
  }

  private async scalar(node: T7Node): Promise<string> {
    const value = await this.file.value(node, { signal: this.options.signal });
    if (typeof value === "number") return scalarText(value);
    if (typeof value === "bigint") return `{"kind":"integer","value":"${value}"}`;
    if (typeof value === "string") return quoted(value);
    if (value instanceof Uint8Array) {
      return bytesText(node.kind === "bytes" ? "bytes" : "string", value);
    }
    return String(value);
  }

  private async *tensor(node: T7Node, id: number): AsyncGenerator<string> {
    this.begun.add(id);
    const { dtype, shape, strides, storageOffset, storage, typename = "" } = node;
    const facts = { kind: "tensor", id, class: typename, dtype, shape, strides, storageOffset };
    yield `${JSON.stringify(facts).slice(0, -1)},"storage":`;
    if (!storage) {
      yield "null}";
    } else if (this.begun.has(storage.id)) {
      yield `{"ref":${storage.id}}}`;
    } else {
      const { id: first, length: size } = storage;
      const own = typename.replace(/Tensor$/, "Storage");
      yield* this.storage({ ...node, id: first, size, typename: own }, first);
      yield "}";
    }
  }

  private async *storage(node: T7Node, id: number): AsyncGenerator<string> {
    this.begun.add(id);
    const { dtype, typename = "", size = 0 } = node;
    const facts = { kind: "storage", id, class: typename, dtype };
    yield `${JSON.stringify(facts).slice(0, -1)},"elements":[`;
    const subject = { file: this.file, node: { ...node, shape: [size] }, path: "" };
    let comma = "";
    for await (const elements of elementsOf(subject, this.options)) {
      for (const text of elementTexts(elements)) {
        yield comma + text;
        comma = ",";
      }
    }
    yield "]}";
  }
}

const parents: ReadonlySet<T7Node["kind"]> = new Set([
  "table",
  "object",
  "hash",
  "vec",
  "function",
]);

async function* pieces(
  subjects: readonly Subject[],
  options: ExportOptions,
): AsyncGenerator<string> {
  yield '{"torchfile":1,"roots":[';
  const writer = new JsonWriter((subjects[0] as Subject).file, options);
  for (const [at, { node, path }] of subjects.entries()) {
    yield at > 0 ? ",\n" : "";
    yield* writer.value({ node, path, depth: 0 });
  }
  yield "]}\n";
}

export function json(subjects: readonly Subject[], options: ExportOptions): Export {
  return {
    extension: "json",
    mime: "application/json",
    byteLength: null,
    chunks: encoded(pieces(subjects, options)),
  };
}
