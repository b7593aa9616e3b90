/** From a node to its path, and from a path to its node. */

import type { PathStep } from "../base/api.js";
import { type Path, printPath } from "../base/path.js";
import { Flag, type Graph, Kind, none } from "./graph.js";
import type { Tree } from "./tree.js";

/** The object in whose body a node stands, or `none` for a root. */
function ownerOf(graph: Graph, node: number): number {
  // The last object that starts at or before the node; the owner is it or one around it.
  let low = 0;
  let high = graph.objectCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (graph.node(middle) <= node) low = middle + 1;
    else high = middle;
  }
  let object = low - 1;
  if (object < 0) return none;
  if (graph.node(object) === node) return graph.parent(object);
  while (object !== none && !holds(graph, object, node)) object = graph.parent(object);
  return object;
}

/** Is a node one of the values that were read for this object? */
function holds(graph: Graph, object: number, node: number): boolean {
  const kind = graph.kind(graph.node(object));
  if (kind === Kind.tensor || kind === Kind.function) return node === graph.node(object) + 1;
  return kind !== Kind.storage && positionOf(graph, object, node) >= 0;
}

/** Place of a node among the children of an object, -1 if it is none of them. */
function positionOf(graph: Graph, object: number, node: number): number {
  const first = graph.first(object);
  const count = graph.count(object);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (graph.child(first + middle) < node) low = middle + 1;
    else high = middle;
  }
  if (low < count && graph.child(first + low) === node) return low;
  // Children are in file order but where a key came twice.
  for (let i = 0; i < count; i++) if (graph.child(first + i) === node) return i;
  return -1;
}

/** The path of a node; for a key or another inner node, that of the value around it. */
export function pathOf(tree: Tree, node: number): Path {
  const { graph } = tree;
  const steps: PathStep[] = [];
  // A key itself, and what is only met inside a key, is told by the number of its object.
  // An object that is first met as a key is reached through another place, if there is one.
  let places: Uint32Array | null = null;
  let at = node;
  for (;;) {
    const owner = ownerOf(graph, at);
    if (owner === none) break;
    const step = stepTo(tree, owner, at);
    if (step !== null) steps.push(step);
    at = graph.node(owner);
    if (places === null && isKey(graph, at)) places = tree.places();
    if (places !== null && places[owner] !== none) at = places[owner];
  }
  const root = graph.roots.indexOf(at);
  return { root: root < 0 ? 1 : root + 1, steps: steps.reverse() };
}

/** Does this first occurrence of an object stand where a table has a key? */
function isKey(graph: Graph, node: number): boolean {
  const table = graph.parent(graph.ref(node));
  if (table === none) return false;
  const kind = graph.kind(graph.node(table));
  if (kind !== Kind.table && kind !== Kind.hash) return false;
  return positionOf(graph, table, node) % 2 === 0;
}

/** The step from an object to a value in its body; `null` where the tree shows none. */
function stepTo(tree: Tree, object: number, node: number): PathStep | null {
  const { graph } = tree;
  const around = graph.node(object);
  switch (graph.kind(around)) {
    case Kind.table:
    case Kind.hash: {
      const position = positionOf(graph, object, node);
      if (position < 0 || position % 2 === 0) return null;
      if (isUpvalueTable(graph, object) || isUpvalueRecord(graph, object)) {
        return upvalueStep(tree, object, node);
      }
      return tree.keyStep(graph.child(graph.first(object) + position - 1));
    }
    case Kind.vec:
      return positionOf(graph, object, node) + 1;
    case Kind.tensor:
      return "storage";
    case Kind.object:
      return tree.partStep(object, positionOf(graph, object, node));
    default:
      return null;
  }
}

function isUpvalueTable(graph: Graph, object: number): boolean {
  const parent = graph.parent(object);
  return parent !== none && graph.kind(graph.node(parent)) === Kind.function;
}

function isUpvalueRecord(graph: Graph, object: number): boolean {
  const parent = graph.parent(object);
  if (parent === none || !isUpvalueTable(graph, parent)) return false;
  return graph.dump(graph.parent(parent)).type === 8;
}

function upvalueStep(tree: Tree, object: number, node: number): PathStep | null {
  const { graph } = tree;
  const inRecord = isUpvalueRecord(graph, object);
  const functionObject = graph.parent(inRecord ? graph.parent(object) : object);
  return tree.upvalueStep(functionObject, node);
}

/** The node at a path, or `none`. */
export function findNode(tree: Tree, path: Path): number {
  const { graph } = tree;
  let node =
    path.object === undefined ? graph.roots[path.root - 1] : objectNode(graph, path.object);
  node ??= none;
  for (const step of path.steps) {
    if (node === none) return none;
    node = findChild(tree, node, step);
  }
  return node;
}

/** First occurrence of the object with a number; of several sessions the first has it. */
function objectNode(graph: Graph, index: number): number {
  for (let object = 0; object < graph.objectCount; object++) {
    if (graph.index(object) === index && !graph.has(object, Flag.noIndex))
      return graph.node(object);
  }
  return none;
}

function findChild(tree: Tree, node: number, step: PathStep): number {
  const { graph } = tree;
  if (graph.kind(node) === Kind.tensor) {
    const object = graph.ref(node);
    const storage = graph.node(object) + 1;
    return step === "storage" && graph.storageOf(object) !== none ? storage : none;
  }
  const count = tree.count(node);
  if (typeof step === "number" && step >= 1 && step <= count) {
    const likely = tree.child(node, step - 1);
    if (sameStep(likely.step, step)) return likely.node;
  }
  for (let i = 0; i < count; i++) {
    const child = tree.child(node, i);
    if (sameStep(child.step, step)) return child.node;
  }
  return none;
}

function sameStep(a: PathStep, b: PathStep): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && sameBytes(a, b);
  }
  if ("index" in a) return "index" in b && a.index === b.index;
  return "upvalue" in b && a.upvalue === b.upvalue;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The path of a node as text. */
export function pathText(tree: Tree, node: number): string {
  const { root, steps } = pathOf(tree, node);
  return printPath(steps, root);
}
