/**
 * Makes the tensors and storages of a graph. Where the graph stays in memory a tensor reads its shape
 * from there, and its storage is made, when somebody first looks at it.
 */

import { T7Error } from "../base/errors.js";
import { Flag, type Graph, none } from "../index/graph.js";
import { pathText } from "../index/locate.js";
import type { Tree } from "../index/tree.js";
import { opsOf, Storage, type TensorOps } from "./storage.js";
import { Tensor, type TensorInit } from "./tensor.js";

/** Where elements are. */
export interface ArrayPayload {
  /** Asked once for each storage that somebody looks at. */
  storage(object: number): { ops: TensorOps; address: number };
  /** For tensors without a storage. */
  ops: TensorOps;
}

export class ArrayMaker {
  /** What is wrong with single tensors and storages, by object id; worded when somebody asks. */
  readonly issues = new Map<number, () => T7Error>();
  readonly #tree: Tree;
  readonly #graph: Graph;
  readonly #payload: ArrayPayload;
  /** Those that have been asked for, by object id: tensors that share memory have the same one. */
  readonly #storages = new Map<number, Storage>();
  readonly #describe = (object: number) => this.#describeTensor(object);

  constructor(tree: Tree, payload: ArrayPayload) {
    this.#tree = tree;
    this.#graph = tree.graph;
    this.#payload = payload;
  }

  storage(object: number): Storage {
    const made = this.#storages.get(object) ?? this.#makeStorage(object);
    this.#storages.set(object, made);
    return made;
  }

  /** `now` if the graph will not be there any more when somebody looks at the tensor. */
  tensor(object: number, now: boolean): Tensor {
    if (!now) return new Tensor(this.#describe, object);
    const known = this.#describeTensor(object);
    return new Tensor(() => known, object);
  }

  #makeStorage(object: number): Storage {
    const { name: typename, dtype } = this.#graph.classOf(object);
    const error = this.#errorOf(object);
    if (error !== null) {
      const { ops } = this.#payload;
      return new Storage({ ops, typename, dtype, length: 0, address: 0, error });
    }
    const length = this.#graph.lengthOf(object);
    return new Storage({ ...this.#payload.storage(object), typename, dtype, length, error: null });
  }

  #describeTensor(object: number): TensorInit {
    const graph = this.#graph;
    const { name: typename, dtype } = graph.classOf(object);
    const known = graph.first(object) !== none;
    const storageObject = known ? graph.storageOf(object) : none;
    const storage = storageObject === none ? null : this.storage(storageObject);
    return {
      ops: storage === null ? this.#payload.ops : opsOf(storage),
      typename,
      dtype,
      ...(known ? graph.view(object) : { storageOffset: 0, shape: [0], strides: [1] }),
      storage,
      error: this.#errorOf(object),
    };
  }

  #errorOf(object: number): T7Error | null {
    const issue = this.issues.get(object);
    if (issue !== undefined) return issue();
    if (!this.#graph.has(object, Flag.incomplete)) return null;
    const node = this.#graph.node(object);
    return new T7Error("truncated", "the elements of this storage are not all in the file", {
      offset: this.#graph.offset(node),
      path: pathText(this.#tree, node),
    });
  }
}
