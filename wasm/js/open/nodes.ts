/** Nodes as plain data: what one row of a tree needs to know, computed from the index alone. */

import type { PathStep, T7ErrorInfo, T7Node } from "../base/api.js";
import { dtypeBytes } from "../base/dtype.js";
import { isIdentifier, printNumber, quoteLua } from "../base/path.js";
import { isContiguous } from "../compute/strided.js";
import { Flag, type Graph, Kind, kindNames, none } from "../index/graph.js";
import { toT7Error } from "../index/issues.js";
import type { CoreIssue } from "../index/t7.mjs";
import { type Tree, upvaluesOf } from "../index/tree.js";

const maxPreview = 200;
/** Strings up to this length are given as a node's value; longer ones through `value()`. */
const maxValue = 200;

/** Lua's own limit. */
const mostUpvalues = 255;

/** Makes the nodes of one file. */
export class NodeMaker {
  readonly #tree: Tree;
  readonly #graph: Graph;
  /** Issues by object, put into words when somebody asks: their paths can be long. */
  readonly #issues = new Map<number, CoreIssue>();
  readonly #errors = new Map<number, T7ErrorInfo>();
  /** Tensors that view each storage, by object id. */
  readonly #viewers = new Map<number, number>();

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#graph = tree.graph;
    const { graph } = tree;
    for (const issue of graph.issues) this.#issues.set(issue.object, issue);
    for (let object = 0; object < graph.objectCount; object++) {
      if (graph.kind(graph.node(object)) !== Kind.tensor) continue;
      const storage = graph.storageOf(object);
      if (storage !== none) this.#viewers.set(storage, (this.#viewers.get(storage) ?? 0) + 1);
    }
  }

  /** The node of an occurrence; `step` leads to it from its parent. */
  make(id: number, step?: PathStep): T7Node {
    const graph = this.#graph;
    const kind = graph.kind(id);
    const node: T7Node = { id, kind: kindNames[kind], offset: graph.offset(id), preview: "" };
    if (step !== undefined) node.key = this.#keyText(step);
    if (typeof step === "object" && "node" in step && step.node !== undefined)
      node.keyNode = step.node;
    if (kind >= Kind.table && kind <= Kind.vec) this.#object(node, kind, graph.ref(id));
    else this.#scalar(node, kind);
    if (node.preview.length > maxPreview)
      node.preview = `${node.preview.slice(0, maxPreview - 1)}…`;
    return node;
  }

  /** What is wrong with an object by itself. */
  errorOf(object: number): T7ErrorInfo | undefined {
    const issue = this.#issues.get(object);
    if (issue === undefined) return undefined;
    const known = this.#errors.get(object) ?? toT7Error(issue, this.#graph).toJSON();
    this.#errors.set(object, known);
    return known;
  }

  /** A key as people read it; an object by its class and number. */
  #keyText(step: PathStep): string {
    if (typeof step === "string") return isIdentifier(step) ? step : `[${quoteLua(step)}]`;
    if (typeof step === "number") return `[${printNumber(step)}]`;
    if (typeof step === "boolean") return `[${step}]`;
    if (step instanceof Uint8Array) return `[${quoteLua(step)}]`;
    if ("upvalue" in step)
      return typeof step.upvalue === "string" ? step.upvalue : `[${step.upvalue}]`;
    const object = step.node === undefined ? none : this.#graph.ref(step.node);
    if (object === none) return `<object #${step.index}>`;
    const kind = this.#graph.kind(this.#graph.node(object));
    return `<${this.#typename(kind, object) ?? kindNames[kind]} #${step.index}>`;
  }

  #typename(kind: number, object: number): string | undefined {
    const plain = kind === Kind.table || kind === Kind.function;
    return plain ? undefined : this.#graph.classOf(object).name;
  }

  #scalar(node: T7Node, kind: number): void {
    const graph = this.#graph;
    switch (kind) {
      case Kind.nil:
        node.value = null;
        node.preview = "nil";
        return;
      case Kind.boolean:
        node.value = graph.ref(node.id) === 1;
        node.preview = String(node.value);
        return;
      case Kind.number:
        node.value = graph.number(node.id);
        node.preview = printNumber(node.value);
        return;
      case Kind.integer:
        node.value = graph.integer(node.id);
        node.preview = String(node.value);
        return;
      case Kind.bytes:
        node.byteLength = graph.long(graph.ref(node.id) + 1);
        node.preview = `${node.byteLength.toLocaleString("en-US")} bytes`;
        return;
      default:
        this.#string(node, graph.ref(node.id));
    }
  }

  #string(node: T7Node, string: number): void {
    const graph = this.#graph;
    node.byteLength = graph.stringLength(string);
    if (graph.isLocated(string)) {
      node.preview = `string of ${node.byteLength.toLocaleString("en-US")} bytes`;
      return;
    }
    const text = graph.text(string);
    if (node.byteLength <= maxValue) node.value = text;
    node.preview = quoteLua(text.length > maxPreview ? text.slice(0, maxPreview) : text);
  }

  #object(node: T7Node, kind: number, object: number): void {
    const graph = this.#graph;
    const typename = this.#typename(kind, object);
    if (typename !== undefined) {
      node.typename = typename;
      node.version = graph.classOf(object).version;
    }
    if (!graph.has(object, Flag.noIndex)) node.index = graph.index(object);
    if (graph.isBackReference(node.id)) node.sameAs = graph.node(object);
    if (graph.has(object, Flag.incomplete)) node.incomplete = true;
    if (graph.has(object, Flag.guessed)) node.guessed = true;
    const error = this.errorOf(object);
    if (error !== undefined) node.error = error;
    if (kind === Kind.tensor) this.#tensor(node, object);
    else if (kind === Kind.storage) this.#storage(node, object);
    else this.#container(node, kind, object);
  }

  #container(node: T7Node, kind: number, object: number): void {
    const graph = this.#graph;
    node.count = this.#tree.count(node.id);
    if (kind === Kind.table) node.list = graph.has(object, Flag.list);
    if (kind === Kind.function && graph.first(object) !== none) {
      const { byteLength, type } = graph.dump(object);
      node.byteLength = byteLength;
      node.functionType = type as 6 | 7 | 8;
      node.upvalues = upvaluesOf(graph, object)
        .slice(0, mostUpvalues)
        .map(({ name, id, value }) => ({ name, id, node: value === none ? null : value }));
    }
    node.preview = this.#containerPreview(node, kind);
  }

  #containerPreview({ count = 0, list, typename, byteLength }: T7Node, kind: number): string {
    const number = count.toLocaleString("en-US");
    if (kind === Kind.function) {
      const captured = count === 0 ? "" : `, ${number} upvalue${count === 1 ? "" : "s"}`;
      return `function of ${(byteLength ?? 0).toLocaleString("en-US")} bytes${captured}`;
    }
    if (kind === Kind.object) return typename ?? "";
    const what = kind === Kind.table ? (list ? "list" : "table") : typename;
    return count === 0 && kind === Kind.table ? "empty table" : `${what} of ${number}`;
  }

  #tensor(node: T7Node, object: number): void {
    const graph = this.#graph;
    const { dtype } = graph.classOf(object);
    node.dtype = dtype;
    if (graph.first(object) === none) {
      node.preview = "incomplete";
      return;
    }
    const { shape, strides, storageOffset } = graph.view(object);
    node.shape = shape;
    node.strides = strides;
    node.storageOffset = storageOffset;
    node.size = node.shape.reduce((product, length) => product * length, 1);
    node.byteLength = node.size * dtypeBytes[dtype];
    node.contiguous = isContiguous(node.shape, node.strides);
    node.storage = this.#storageFacts(object);
    node.preview = node.size === 0 ? "empty" : node.shape.join("×");
  }

  #storageFacts(tensor: number): NonNullable<T7Node["storage"]> | null {
    const graph = this.#graph;
    const object = graph.storageOf(tensor);
    if (object === none || graph.first(object) === none) return null;
    const { length } = graph.extent(object);
    return {
      id: graph.node(object),
      index: graph.index(object),
      length,
      byteLength: length * dtypeBytes[graph.classOf(object).dtype],
      sharedBy: this.#viewers.get(object) ?? 0,
    };
  }

  #storage(node: T7Node, object: number): void {
    const graph = this.#graph;
    node.dtype = graph.classOf(object).dtype;
    if (graph.first(object) === none) {
      node.preview = "incomplete";
      return;
    }
    node.size = graph.extent(object).length;
    node.byteLength = node.size * dtypeBytes[node.dtype];
    node.preview = node.size === 0 ? "empty" : `${node.size.toLocaleString("en-US")} elements`;
  }
}
