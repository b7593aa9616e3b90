/** Elements of ASCII storages: parsed from the nearest place that the sparse index knows. */

import { type Dtype, dtypeBytes, dtypes } from "../base/dtype.js";
import { tileElements } from "../compute/kernel-memory.js";
import type { Graph } from "../index/graph.js";
import type { Instance } from "../index/instance.js";
import { readFully, type Source } from "../source/source-types.js";
import { badNumber } from "../values/bad-number.js";
import type { Job } from "./jobs.js";

const textBytes = 2 ** 17;
/** Room for elements that are parsed only because they lie before the first one. */
const skippedElements = 8192;
/** Bytes that some elements need at least as text: a digit and a blank. */
const bytesOfElement = 2;

/** Where a storage's element `element` starts, or the space before it. */
interface Place {
  storage: number;
  element: number;
  offset: number;
}

/** Reads elements of one ASCII file. */
export class TextElements {
  readonly #graph: Graph;
  readonly #source: Source;
  readonly #instance: Instance;
  #text = 0;
  /** Where the last read ended: the next one often goes on there. */
  #end: Place = { storage: -1, element: 0, offset: 0 };

  constructor(graph: Graph, source: Source, instance: Instance) {
    this.#graph = graph;
    this.#source = source;
    this.#instance = instance;
  }

  release(): void {
    if (this.#text !== 0) this.#instance.run((core) => core.release(this.#text));
  }

  /** Storage elements first … first + count, native, to `target`. Throws `bad_number`. */
  async read(
    storage: number,
    dtype: Dtype,
    first: number,
    count: number,
    target: number,
    job: Job,
  ): Promise<void> {
    if (this.#text === 0) this.#text = this.#instance.allocate(textBytes + skippedElements * 8);
    const { offset, byteLength } = this.#graph.extent(storage);
    const end = offset + byteLength;
    const width = dtypeBytes[dtype];
    let { element, offset: at } = this.#start(storage, first);
    let kept = 0;
    while (element < first + count) {
      // Little is read for few elements; numbers are rarely longer than 24 bytes.
      const left = first + count - element;
      const wanted = Math.min(textBytes, Math.max(64, left * 24)) - kept;
      const length = Math.min(Math.max(wanted, bytesOfElement), textBytes - kept, end - at);
      const bytes = new Uint8Array(this.#instance.memory.buffer, this.#text + kept, length);
      await readFully(this.#source, bytes, at, job.signal);
      at += length;
      const filled = kept + length;
      let used = 0;
      for (;;) {
        const skipping = Math.min(first - element, skippedElements);
        const into = skipping > 0 ? this.#text + textBytes : target + (element - first) * width;
        const most = skipping > 0 ? skipping : first + count - element;
        const parsed = this.#instance.run((core) =>
          core.parseNumbers(
            this.#text + used,
            filled - used,
            at >= end,
            dtypes.indexOf(dtype),
            into,
            most,
          ),
        );
        used += parsed.consumed;
        element += parsed.count;
        if (parsed.malformed) {
          throw badNumber(this.#graph, storage, dtype, at - (filled - used));
        }
        if (parsed.count < most || element === first + count) break;
      }
      if (element < first + count && at >= end) throw badNumber(this.#graph, storage, dtype, at);
      kept = filled - used;
      new Uint8Array(this.#instance.memory.buffer).copyWithin(
        this.#text,
        this.#text + used,
        this.#text + filled,
      );
      if (job.isSliceOver) await job.yieldThread();
    }
    this.#end = { storage, element, offset: at - kept };
  }

  /** The nearest known place at or before an element. */
  #start(storage: number, first: number): Place {
    const step = Math.floor(first / tileElements);
    const element = step * tileElements;
    const { storage: last, element: reached } = this.#end;
    if (last === storage && reached >= element && reached <= first) return this.#end;
    return { storage, element, offset: this.#graph.textMark(storage, step) };
  }
}
