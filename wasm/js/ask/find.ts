/** Search over the index: every value that is shown somewhere, once, in the order of the tree. */

import type { PathStep } from "../base/api.js";
import { dtypeBytes } from "../base/dtype.js";
import { printNumber, printPath } from "../base/path.js";
import { type Graph, Kind, kindNames, none } from "../index/graph.js";
import { pathText } from "../index/locate.js";
import type { Entry, Tree } from "../index/tree.js";
import type { Pattern, Term } from "./query.js";

/** Strings up to this length are searched as values. */
const longestValue = 65536;

/** Values between two looks at the clock. */
const budget = 2048;

/** Answers that were given for a string or a class, by its number. */
class Remembered {
  private readonly known = new Map<number, boolean>();

  constructor(private readonly answer: (number: number) => boolean) {}

  of(number: number): boolean {
    let known = this.known.get(number);
    if (known === undefined) {
      known = this.answer(number);
      this.known.set(number, known);
    }
    return known;
  }
}

type Test = (entry: Entry) => boolean;

const decoder = new TextDecoder();

class Tests {
  private readonly graph: Graph;

  constructor(private readonly tree: Tree) {
    this.graph = tree.graph;
  }

  of(term: Term): Test {
    const holds = this.positive(term);
    return term.not ? (entry) => !holds(entry) : holds;
  }

  private positive(term: Term): Test {
    if (term.field === "size") {
      const { test } = term;
      return ({ node }) => {
        const bytes = this.bytes(node);
        return bytes !== null && test(bytes);
      };
    }
    const { pattern } = term;
    switch (term.field) {
      case "key":
        return this.key(pattern);
      case "class":
        return this.class(pattern);
      case "value":
        return this.value(pattern, true);
      case "path":
        return this.path(pattern);
      case "kind":
        return ({ node }) => pattern.test(kindNames[this.graph.kind(node)] ?? "");
      case "dtype":
        return ({ node }) => {
          const kind = this.graph.kind(node);
          const has = kind === Kind.tensor || kind === Kind.storage;
          return has && pattern.test(this.graph.classOf(this.graph.ref(node)).dtype);
        };
      case "shape":
        return ({ node }) => {
          const shape = this.shape(node);
          return shape !== null && pattern.test(shape.join("x"));
        };
      default: {
        const tests = [this.key(pattern), this.class(pattern), this.value(pattern, false)];
        return (entry) => tests.some((test) => test(entry));
      }
    }
  }

  private text(string: number): string {
    const text = this.graph.text(string);
    return typeof text === "string" ? text : decoder.decode(text);
  }

  private key(pattern: Pattern): Test {
    const strings = new Remembered((string) => pattern.test(this.text(string)));
    return ({ key, step }) => {
      if (key !== none && this.graph.kind(key) === Kind.string) {
        return strings.of(this.graph.ref(key));
      }
      const own = step ?? (key === none ? null : this.tree.keyStep(key));
      return own !== null && pattern.test(stepText(own));
    };
  }

  private class(pattern: Pattern): Test {
    const names = new Map<string, boolean>();
    return ({ node }) => {
      const kind = this.graph.kind(node);
      if (kind < Kind.object || kind > Kind.vec || kind === Kind.function) return false;
      const { name } = this.graph.classOf(this.graph.ref(node));
      let known = names.get(name);
      if (known === undefined) {
        known = pattern.test(name);
        names.set(name, known);
      }
      return known;
    };
  }

  /** Numbers, booleans and strings; without `all` strings alone. */
  private value(pattern: Pattern, all: boolean): Test {
    const { graph } = this;
    const strings = new Remembered(
      (string) =>
        !graph.isLocated(string) &&
        graph.stringLength(string) <= longestValue &&
        pattern.test(this.text(string)),
    );
    return ({ node }) => {
      const kind = graph.kind(node);
      if (kind === Kind.string) return strings.of(graph.ref(node));
      if (!all) return false;
      if (kind === Kind.number) return pattern.test(printNumber(graph.number(node)));
      if (kind === Kind.boolean) return pattern.test(String(graph.ref(node) === 1));
      return kind === Kind.integer && pattern.test(String(graph.integer(node)));
    };
  }

  private path(pattern: Pattern): Test {
    return ({ node }) => {
      const path = pathText(this.tree, node);
      return pattern.test(path) || pattern.test(path.replace(/^root\.?/, ""));
    };
  }

  private shape(node: number): number[] | null {
    const { graph } = this;
    if (graph.kind(node) !== Kind.tensor || graph.first(graph.ref(node)) === none) return null;
    return graph.view(graph.ref(node)).shape;
  }

  private bytes(node: number): number | null {
    const { graph } = this;
    const kind = graph.kind(node);
    if (kind === Kind.string) return graph.stringLength(graph.ref(node));
    const object = graph.ref(node);
    const shape = this.shape(node);
    if (shape) {
      const size = shape.reduce((product, length) => product * length, 1);
      return size * dtypeBytes[graph.classOf(object).dtype];
    }
    if (kind !== Kind.storage || graph.first(object) === none) return null;
    return graph.extent(object).length * dtypeBytes[graph.classOf(object).dtype];
  }
}

function stepText(step: PathStep): string {
  if (typeof step === "string") return step;
  if (step instanceof Uint8Array) return decoder.decode(step);
  if (typeof step === "object" && "upvalue" in step) return String(step.upvalue);
  return printPath([step]).replace(/^root\[|\]$/g, "");
}

/**
 * The values for which all terms hold. `null` comes now and then instead of a hit, for the caller to look at
 * the clock. No recursion: as deep as the file.
 */
export function* search(tree: Tree, terms: readonly Term[]): Generator<Entry | null> {
  const { graph } = tree;
  const make = new Tests(tree);
  const tests = terms.map((term) => make.of(term));
  const holds = (entry: Entry) => tests.every((test) => test(entry));
  const open: Array<{ node: number; count: number; at: number }> = [];
  const entered = new Uint8Array(graph.objectCount);
  const enter = (node: number) => {
    const kind = graph.kind(node);
    if (kind < Kind.table || kind > Kind.vec || entered[graph.ref(node)] === 1) return;
    entered[graph.ref(node)] = 1;
    const count = tree.count(node);
    if (count > 0) open.push({ node, count, at: 0 });
  };
  let spent = 0;
  for (const root of graph.roots) {
    const entry: Entry = { node: root, key: none, step: null };
    if (holds(entry)) yield entry;
    enter(root);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (top.at === top.count) {
        open.pop();
        continue;
      }
      if (++spent % budget === 0) yield null;
      const child = tree.entry(top.node, top.at++);
      if (holds(child)) yield child;
      enter(child.node);
    }
  }
}
