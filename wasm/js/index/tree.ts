/**
 * The graph as people see it: the children of a value with their keys, paths both ways.
 * A torch object shows its fields without the table that holds them in the file, a function its
 * upvalues without their records.
 */

import type { PathStep } from "../base/api.js";
import { Flag, type Graph, Kind, none } from "./graph.js";

/** A child and the step that leads to it. */
export interface Child {
  node: number;
  step: PathStep;
}

/** A child whose key is a node (`step` is `null` then) or a step of its own (`key` is `none`). */
export interface Entry {
  node: number;
  key: number;
  step: PathStep | null;
}

/** A run of children: entries of a table, or one value. */
type Segment = { table: number; count: number } | { node: number; step: PathStep; count: 1 };

/** The children of one object or function, in runs. */
interface Body {
  object: number;
  segments: Segment[];
  /** For each run the number of children up to its end. */
  ends: number[];
  /** The step to each value of an object's body; of a function none. */
  steps: Array<PathStep | null>;
}

/** What stands for a table of fields, a count, and several values in the names of a layout. */
const marks = { fields: "*", skip: "#", rest: "+" };

/**
 * The step to each value of a body: its name in the layout, a number where the layout was guessed,
 * `null` for a count that is only needed to read the rest.
 */
export function partSteps(
  names: readonly string[],
  count: number,
  guessed: boolean,
): Array<PathStep | null> {
  const steps: Array<PathStep | null> = [];
  for (let n = 0; !guessed && n < names.length && steps.length < count; n++) {
    const name = names[n];
    if (!name.endsWith(marks.rest)) {
      steps.push(name === marks.skip ? null : name);
      continue;
    }
    // Takes all values but those of the names that follow.
    const end = count - (names.length - n - 1);
    for (let i = 1; steps.length < end; i++) steps.push(`${name.slice(0, -1)}_${i}`);
  }
  while (steps.length < count) steps.push(steps.length + 1);
  return steps;
}

/** Is the layout of this object one that a rule or a search gave it, with unnamed parts? */
export function isGuessed(graph: Graph, object: number): boolean {
  const { names } = graph.classOf(object);
  return graph.has(object, Flag.guessed) && (names.length === 0 || names.includes("part"));
}

export class Tree {
  readonly graph: Graph;
  #places: Uint32Array | undefined;
  /** What was asked last: all children of one value are asked for one after the other. */
  #last: Body = { object: none, segments: [], ends: [], steps: [] };

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** How many children the value at a node has; 0 for leaves, tensors and storages. */
  count(node: number): number {
    const { graph } = this;
    const kind = graph.kind(node);
    if (kind < Kind.table || kind > Kind.vec) return 0;
    if (kind === Kind.tensor || kind === Kind.storage) return 0;
    const object = graph.ref(node);
    if (kind === Kind.table || kind === Kind.hash) return graph.count(object) >> 1;
    if (kind === Kind.vec) return graph.count(object);
    return this.#body(object).ends.at(-1) ?? 0;
  }

  /** The i-th child, 0 ≤ i < count(node). */
  child(node: number, i: number): Child {
    const { node: child, key, step } = this.entry(node, i);
    return { node: child, step: step ?? this.keyStep(key) };
  }

  /** The same with the key as a node where it is one: nothing is decoded. */
  entry(node: number, i: number): Entry {
    const { graph } = this;
    const kind = graph.kind(node);
    const object = graph.ref(node);
    if (kind === Kind.table || kind === Kind.hash) return this.#entry(object, i);
    if (kind === Kind.vec) {
      return { node: graph.child(graph.first(object) + i), key: none, step: i + 1 };
    }
    const { segments, ends } = this.#body(object);
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle] <= i) low = middle + 1;
      else high = middle;
    }
    const segment = segments[low];
    if (segment === undefined) throw new RangeError(`child ${i} of ${this.count(node)}`);
    if (!("table" in segment)) return { node: segment.node, key: none, step: segment.step };
    return this.#entry(segment.table, i - (ends[low] - segment.count));
  }

  #entry(table: number, i: number): Entry {
    const { graph } = this;
    const first = graph.first(table) + 2 * i;
    return { node: graph.child(first + 1), key: graph.child(first), step: null };
  }

  /**
   * For each object the occurrence that the tree shows nearest to the root, or `none`. Found once,
   * by a walk over all values in breadth.
   */
  places(): Uint32Array {
    if (this.#places !== undefined) return this.#places;
    const { graph } = this;
    const places = new Uint32Array(graph.objectCount).fill(none);
    const queue = new Uint32Array(graph.objectCount);
    let end = 0;
    const meet = (node: number) => {
      const kind = graph.kind(node);
      if (kind < Kind.table || kind > Kind.vec || places[graph.ref(node)] !== none) return;
      places[graph.ref(node)] = node;
      queue[end++] = node;
    };
    for (const root of graph.roots) meet(root);
    for (let i = 0; i < end; i++) {
      const count = this.count(queue[i]);
      for (let c = 0; c < count; c++) meet(this.child(queue[i], c).node);
    }
    this.#places = places;
    return places;
  }

  /** A key node as a step of a path. */
  keyStep(key: number): PathStep {
    const { graph } = this;
    switch (graph.kind(key)) {
      case Kind.number:
        return graph.number(key);
      case Kind.boolean:
        return graph.ref(key) === 1;
      case Kind.string:
        return graph.text(graph.ref(key));
      default:
        return { index: graph.index(graph.ref(key)), node: key };
    }
  }

  /** The body of an object or function; the one asked for last is kept. */
  #body(object: number): Body {
    if (this.#last.object === object) return this.#last;
    const isFunction = this.graph.kind(this.graph.node(object)) === Kind.function;
    const steps = isFunction ? [] : this.#bodySteps(object);
    const segments = isFunction ? this.#upvalues(object) : this.#parts(object, steps);
    let end = 0;
    const ends = segments.map(({ count }) => (end += count));
    this.#last = { object, segments, ends, steps };
    return this.#last;
  }

  #parts(object: number, steps: ReadonlyArray<PathStep | null>): Segment[] {
    const { graph } = this;
    const segments: Segment[] = [];
    for (const [i, step] of steps.entries()) {
      const node = graph.child(graph.first(object) + i);
      if (step === marks.fields && graph.kind(node) === Kind.table) {
        const table = graph.ref(node);
        segments.push({ table, count: graph.count(table) >> 1 });
      } else if (step !== null) {
        segments.push({ node, step, count: 1 });
      }
    }
    return segments;
  }

  /** As the layout names them; by number where the object has a field of that name as well. */
  #bodySteps(object: number): Array<PathStep | null> {
    const { graph } = this;
    const { names } = graph.classOf(object);
    const count = graph.count(object);
    const steps = partSteps(names, count, isGuessed(graph, object));
    if (count <= 1 || names.at(-1) !== marks.fields) return steps;
    const last = graph.child(graph.first(object) + count - 1);
    if (graph.kind(last) !== Kind.table) return steps;
    const taken = fieldNames(graph, graph.ref(last));
    const isHidden = (step: PathStep | null) =>
      typeof step === "string" && step !== marks.fields && taken.has(step);
    return steps.map((step, i) => (isHidden(step) ? i + 1 : step));
  }

  /** The step to the i-th value of an object's body; `null` for a table of fields or a count. */
  partStep(object: number, i: number): PathStep | null {
    const { graph } = this;
    const step = this.#body(object).steps[i] ?? null;
    const fields = step === marks.fields && graph.kind(graph.child(graph.first(object) + i));
    return fields === Kind.table ? null : step;
  }

  /** The step to one captured variable of a function, by its node; `null` if it is none. */
  upvalueStep(functionObject: number, node: number): PathStep | null {
    const { segments } = this.#body(functionObject);
    // In file order, but for values that were met before.
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = segments[middle];
      if ("node" in segment && segment.node < node) low = middle + 1;
      else high = middle;
    }
    const found = segments[low];
    if (found !== undefined && "node" in found && found.node === node) return found.step;
    const other = segments.find((segment) => "node" in segment && segment.node === node);
    return other !== undefined && "step" in other ? other.step : null;
  }

  #upvalues(object: number): Segment[] {
    const segments: Segment[] = [];
    const names = new Set<string>();
    for (const [i, upvalue] of upvaluesOf(this.graph, object).entries()) {
      if (upvalue.value === none) continue;
      const { name } = upvalue;
      const byName = name !== null && !names.has(name);
      if (byName) names.add(name);
      segments.push({ node: upvalue.value, step: { upvalue: byName ? name : i + 1 }, count: 1 });
    }
    return segments;
  }
}

/** A captured variable as the file has it: nodes, or `none` where the value was nil. */
export interface UpvalueNodes {
  name: string | null;
  id: number | null;
  value: number;
}

/** The upvalues of a function: records in type 8, values alone in the older types. */
export function upvaluesOf(graph: Graph, object: number): UpvalueNodes[] {
  const table = graph.upvaluesOf(object);
  if (table === none) return [];
  const records = graph.dump(object).type === 8;
  const upvalues: UpvalueNodes[] = [];
  for (let i = 0; i < graph.count(table); i += 2) {
    const node = graph.child(graph.first(table) + i + 1);
    if (!records || graph.kind(node) !== Kind.table) {
      upvalues.push({ name: null, id: null, value: node });
      continue;
    }
    const name = fieldOf(graph, graph.ref(node), "name");
    const id = fieldOf(graph, graph.ref(node), "id");
    const text =
      name !== none && graph.kind(name) === Kind.string ? graph.text(graph.ref(name)) : null;
    upvalues.push({
      name: typeof text === "string" ? text : null,
      id: id !== none && graph.kind(id) === Kind.number ? graph.number(id) : null,
      value: fieldOf(graph, graph.ref(node), "value"),
    });
  }
  return upvalues;
}

/** Node of the value under a string key of a table object, or `none`. */
function fieldOf(graph: Graph, table: number, name: string): number {
  const first = graph.first(table);
  for (let i = 0; i < graph.count(table); i += 2) {
    const key = graph.child(first + i);
    if (graph.kind(key) === Kind.string && graph.text(graph.ref(key)) === name) {
      return graph.child(first + i + 1);
    }
  }
  return none;
}

/** The names that are keys of a table object. */
function fieldNames(graph: Graph, table: number): Set<string> {
  const names = new Set<string>();
  const first = graph.first(table);
  for (let i = 0; i < graph.count(table); i += 2) {
    const key = graph.child(first + i);
    if (graph.kind(key) !== Kind.string) continue;
    const text = graph.text(graph.ref(key));
    if (typeof text === "string") names.add(text);
  }
  return names;
}
