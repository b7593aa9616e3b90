/** What is computed of an open file's tensors: their elements, tile by tile, given to a kernel. */

import type { JobOptions, T7Format, TensorDifference } from "../base/api.js";
import { dtypeBytes, type TypedArray } from "../base/dtype.js";
import { convertHalf } from "../compute/half.js";
import { KernelMemory } from "../compute/kernel-memory.js";
import { indexOf, type Measure } from "../compute/measures.js";
import type { Graph } from "../index/graph.js";
import type { Instance } from "../index/instance.js";
import type { Source } from "../source/source-types.js";
import { allocate, arrayTypes } from "../values/storage.js";
import { TileReader, type View, viewSize } from "./elements.js";
import type { Job, Jobs } from "./jobs.js";

/** What kernels work with, made when the first tensor is looked at. */
interface TensorAccess {
  kernel: KernelMemory;
  reader: TileReader;
}

/** Computes over tensors of one file, in its instance's memory, one call after the other. */
export class TensorWork {
  readonly #instance: Instance;
  readonly #source: Source;
  readonly #graph: Graph;
  readonly #format: T7Format;
  readonly #jobs: Jobs;
  #access: TensorAccess | undefined;

  constructor(instance: Instance, source: Source, graph: Graph, format: T7Format, jobs: Jobs) {
    this.#instance = instance;
    this.#source = source;
    this.#graph = graph;
    this.#format = format;
    this.#jobs = jobs;
  }

  /** All elements of a view, row-major, in an array of their own; float16 as float32. */
  async elements(view: View, options: JobOptions): Promise<TypedArray> {
    const stored = await this.stored(view, options);
    return stored instanceof Uint16Array
      ? convertHalf(stored, new Float32Array(stored.length))
      : stored;
  }

  /** The same as they are stored. */
  async stored(view: View, options: JobOptions): Promise<TypedArray | Uint16Array> {
    const size = viewSize(view);
    const width = dtypeBytes[view.dtype];
    const Type = arrayTypes[view.dtype];
    const { memory } = this.#instance;
    return this.#jobs.exclusively(options, async (job) => {
      const array = allocate(() => new Type(size), size * width, `${size} elements`);
      const bytes = new Uint8Array(array.buffer);
      job.total = size;
      const use = (address: number, count: number, first: number) =>
        bytes.set(new Uint8Array(memory.buffer, address, count * width), first * width);
      await this.#use().reader.walk(view, { from: 0, to: size, use }, job);
      return array;
    });
  }

  /** Walks the passes of a measure; `passes` is how many there will be, for the progress. */
  measure<T>(
    view: View,
    passes: number,
    options: JobOptions,
    make: (kernel: KernelMemory, size: number) => Measure<T>,
  ): Promise<T> {
    return this.#jobs.exclusively(options, (job) => {
      job.total = viewSize(view) * passes;
      return this.measureWithin(job, view, make);
    });
  }

  /** The same as a part of a job that nothing else is computed beside. */
  async measureWithin<T>(
    job: Job,
    view: View,
    make: (kernel: KernelMemory, size: number) => Measure<T>,
  ): Promise<T> {
    const { kernel, reader } = this.#use();
    const measure = make(kernel, viewSize(view));
    for (;;) {
      const step = measure.next();
      if (step.done) return step.value;
      await reader.walk(view, step.value, job);
    }
  }

  /** The tiles of two tensors side by side in this file's memory; `b` is a view of `other`. */
  async compare(a: View, b: View, other: TensorWork, job: Job): Promise<TensorDifference> {
    const { kernel, reader } = this.#use();
    // Not the other file's reader: it has another memory, and may be in use.
    const second = other.#readerInto(kernel, kernel.otherTile);
    try {
      const size = viewSize(a);
      job.total = size;
      kernel.startDifference();
      const others = second.tiles(b, 0, size, job);
      for await (const { address, count } of reader.tiles(a, 0, size, job)) {
        const { value } = await others.next();
        kernel.addDifference(a.dtype, address, value.address, count);
        job.advance(count);
        if (job.isSliceOver) await job.yieldThread();
      }
    } finally {
      second.release();
    }
    const result = kernel.difference();
    return { ...result, at: result.at < 0 ? null : indexOf(result.at, a.shape) };
  }

  /** Gives its memory back; nothing may be computed any more. */
  release(): void {
    this.#access?.reader.release();
    this.#access?.kernel.release();
  }

  #use(): TensorAccess {
    if (this.#access === undefined) {
      const kernel = new KernelMemory(this.#instance);
      this.#access = { kernel, reader: this.#readerInto(kernel, kernel.tile) };
    }
    return this.#access;
  }

  #readerInto(kernel: KernelMemory, tile: number): TileReader {
    return new TileReader(this.#graph, this.#source, this.#format, kernel, tile);
  }
}
