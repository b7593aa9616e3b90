/** Search over the index: every value that is shown somewhere, once, in the order of the tree. */

import type { PathStep } from "../base/api.js";
import { dtypeBytes } from "../base/dtype.js";
import { printNumber, printPath } from "../base/path.js";
import { type Graph, Kind, kindNames, none } from "../index/graph.js";
import type { Entry, Tree } from "../index/tree.js";
import type { Pattern, Term } from "./query.js";

/** Strings up to this length are searched as values. */
const longestValue = 65536;

/** Values between two looks at the clock. */
const budget = 2048;

const [unknown, no, yes] = [0, 1, 2];

/** Answers that were given for strings, by their number: a string may be in many places. */
class Remembered {
  private readonly known: Uint8Array;

  constructor(
    count: number,
    private readonly answer: (string: number) => boolean,
  ) {
    this.known = new Uint8Array(count);
  }

  of(string: number): boolean {
    if (this.known[string] === unknown) this.known[string] = this.answer(string) ? yes : no;
    return this.known[string] === yes;
  }
}

/** `path` gives the entry's path, which costs something. */
type Test = (entry: Entry, path: () => string) => boolean;

const decoder = new TextDecoder();

class Tests {
  private readonly graph: Graph;

  constructor(private readonly tree: Tree) {
    this.graph = tree.graph;
  }

  of(term: Term): Test {
    const holds = this.positive(term);
    return term.not ? (entry, path) => !holds(entry, path) : holds;
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
        return (entry, path) => tests.some((test) => test(entry, path));
      }
    }
  }

  private fits(pattern: Pattern, string: number): boolean {
    if (!pattern.mayFit(this.graph.stringBytes(string))) return false;
    const text = this.graph.text(string);
    return pattern.test(typeof text === "string" ? text : decoder.decode(text));
  }

  private key(pattern: Pattern): Test {
    const strings = new Remembered(this.graph.stringCount, (string) => this.fits(pattern, string));
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
      graph.stringCount,
      (string) =>
        !graph.isLocated(string) &&
        graph.stringLength(string) <= longestValue &&
        this.fits(pattern, string),
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
    return (_entry, path) => {
      const text = path();
      return pattern.test(text) || pattern.test(text.replace(/^root\.?/, ""));
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

/** A value whose children are gone through, and its path once somebody has asked for it. */
interface Open {
  entry: Entry;
  count: number;
  at: number;
  path: string | undefined;
}

/**
 * The values for which all terms hold. `null` comes now and then instead of a hit, for the caller to look at
 * the clock. No recursion: as deep as the file.
 */
export function* search(tree: Tree, terms: readonly Term[]): Generator<Entry | null> {
  const { graph } = tree;
  const make = new Tests(tree);
  // Paths cost most: they are asked for last.
  const inOrder = [...terms].sort(
    (a, b) => Number(a.field === "path") - Number(b.field === "path"),
  );
  const tests = inOrder.map((term) => make.of(term));
  const open: Open[] = [];
  const entered = new Uint8Array(graph.objectCount);
  const enter = (entry: Entry, path?: string) => {
    const kind = graph.kind(entry.node);
    if (kind < Kind.table || kind > Kind.vec || entered[graph.ref(entry.node)] === 1) return;
    entered[graph.ref(entry.node)] = 1;
    const count = tree.count(entry.node);
    if (count > 0) open.push({ entry, count, at: 0, path });
  };
  const step = ({ step: own, key }: Entry) =>
    printPath([own ?? tree.keyStep(key)]).slice("root".length);
  /** Of the innermost open value: from the nearest one whose path is known. */
  const innermost = () => {
    let at = open.length - 1;
    while (open[at]?.path === undefined) at--;
    for (at++; at < open.length; at++) {
      const frame = open[at] as Open;
      frame.path = (open[at - 1] as Open).path + step(frame.entry);
    }
    return (open.at(-1) as Open).path as string;
  };
  let spent = 0;
  for (const [number, root] of graph.roots.entries()) {
    const entry: Entry = { node: root, key: none, step: null };
    const path = printPath([], number + 1);
    if (tests.every((test) => test(entry, () => path))) yield entry;
    enter(entry, path);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (top.at === top.count) {
        open.pop();
        continue;
      }
      if (++spent % budget === 0) yield null;
      const child = tree.entry(top.entry.node, top.at++);
      if (tests.every((test) => test(child, () => innermost() + step(child)))) yield child;
      enter(child);
    }
  }
}
