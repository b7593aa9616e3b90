/** Many tensors at once: in the order in which their elements lie in the file, each as it is ready. */

import type { NodeRef, T7Node, TensorSummary } from "../base/api.js";
import { dtypeBytes } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import { checkWalk, summaryOf } from "../compute/measures.js";
import { type Graph, Kind, none } from "../index/graph.js";
import { type View, viewSize } from "./elements.js";
import type { Job } from "./jobs.js";
import type { TensorWork } from "./tensor-work.js";

/** A tensor, and what is known of it or why nothing is. */
export type Summarized = [node: T7Node, summary: TensorSummary | null, error: T7Error | null];

/** Milliseconds that results wait for others, and other calls for these. */
const patience = 20;

interface Wanted {
  id: number;
  view: View | null;
  error: T7Error | null;
  /** Equal where the same elements are seen in the same order. */
  key: string;
  /** Of the first element, in the file. */
  offset: number;
  size: number;
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** First occurrences of all tensors. */
function* allTensors(graph: Graph): Generator<number> {
  for (let object = 0; object < graph.objectCount; object++) {
    const node = graph.node(object);
    if (graph.kind(node) === Kind.tensor) yield node;
  }
}

/** Summaries that are still to come, and what is needed for them. */
export class Summaries {
  readonly #graph: Graph;
  readonly #tensors: TensorWork;
  readonly #make: (id: number) => T7Node;
  readonly #wanted: Wanted[];
  #next = 0;
  /** The last view and what was found: tensors that show the same elements are equal. */
  #last: { wanted: Wanted; summary: TensorSummary } | undefined;
  /** Elements. */
  #total = 0;
  #done = 0;

  /** `viewOf` throws where a node's elements cannot be read. */
  constructor(
    graph: Graph,
    tensors: TensorWork,
    make: (id: number) => T7Node,
    viewOf: (ref: NodeRef) => View,
    nodes: readonly NodeRef[] | "all",
  ) {
    this.#graph = graph;
    this.#tensors = tensors;
    this.#make = make;
    this.#wanted = [];
    for (const ref of nodes === "all" ? allTensors(graph) : nodes) {
      const wanted = this.#locate(ref, viewOf);
      this.#total += wanted.size;
      this.#wanted.push(wanted);
    }
    // Equal views side by side: what is known of one is known of all.
    this.#wanted.sort(
      (a, b) => a.offset - b.offset || a.size - b.size || order(a.key, b.key) || a.id - b.id,
    );
  }

  #locate(ref: NodeRef, viewOf: (ref: NodeRef) => View): Wanted {
    const id = typeof ref === "number" ? ref : ref.id;
    try {
      const view = viewOf(ref);
      checkWalk(view.shape);
      const start =
        view.storage === none
          ? 0
          : this.#graph.extent(view.storage).offset + view.storageOffset * dtypeBytes[view.dtype];
      const key = [view.storage, view.shape, view.strides].join("|");
      return { id, view, error: null, key, offset: start, size: viewSize(view) };
    } catch (error) {
      // Whatever is no node at all is the caller's mistake.
      if (!(error instanceof T7Error) || error.code === "no_node") throw error;
      return { id, view: null, error, key: "", offset: 0, size: 0 };
    }
  }

  /** As many as are ready when it is time for others; none behind the last. */
  async group(job: Job): Promise<Summarized[]> {
    const group: Summarized[] = [];
    const end = performance.now() + patience;
    job.total = this.#total;
    job.advance(this.#done);
    while (this.#next < this.#wanted.length) {
      const wanted = this.#wanted[this.#next++];
      const { id, view, error, size } = wanted;
      const summary = view === null ? null : await this.#summarize(wanted, view, job);
      group.push([this.#make(id), summary, error]);
      this.#done += size;
      if (performance.now() > end) break;
    }
    return group;
  }

  async #summarize(wanted: Wanted, view: View, job: Job): Promise<TensorSummary> {
    const { key, offset, size } = wanted;
    if (key === this.#last?.wanted.key && offset === this.#last.wanted.offset) {
      job.advance(size);
      return this.#last.summary;
    }
    const summary = await this.#tensors.measureWithin(job, view, (kernel) =>
      summaryOf(kernel, view.dtype, size),
    );
    this.#last = { wanted, summary };
    return summary;
  }
}
