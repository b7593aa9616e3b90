/** The calls under way on one open file: each can be cancelled, and closing the file ends them all. */

import type { JobOptions, JobProgress } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { badOption, jobRules } from "../base/options.js";
import { TimeSlice } from "../base/time-slice.js";
import { abortedError, checkAborted, onAbort, untilAborted } from "../source/source-types.js";

/** Least time between two reports. */
const reportMs = 40;

export function closedError(): T7Error {
  return new T7Error("closed", "the file has been closed", { hint: "Open it again." });
}

/** Throws `bad_option` unless these are options of a call. */
export function checkJob(options: unknown): void {
  if (typeof options !== "object" || options === null)
    throw badOption("options", options, "an object");
  for (const [name, rule] of Object.entries(jobRules)) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined && !rule.accepts(value)) throw badOption(name, value, rule.expected);
  }
}

/** One call under way. */
export class Job {
  readonly signal: AbortSignal;
  /** Elements that the job will go through. */
  total = 0;
  #done = 0;
  #reported = performance.now();
  readonly #slice = new TimeSlice();
  readonly #onProgress: ((progress: JobProgress) => void) | undefined;
  readonly #bytesRead: () => number;

  constructor(
    signal: AbortSignal,
    onProgress: ((progress: JobProgress) => void) | undefined,
    bytesRead: () => number,
  ) {
    this.signal = signal;
    this.#onProgress = onProgress;
    this.#bytesRead = bytesRead;
  }

  /** Counts elements that are done. */
  advance(elements: number): void {
    this.#done += elements;
    if (this.#onProgress === undefined) return;
    const now = performance.now();
    if (now - this.#reported < reportMs && this.#done < this.total) return;
    this.#reported = now;
    this.#onProgress({ done: this.#done, total: this.total, bytesRead: this.#bytesRead() });
  }

  /** True if it is time to `yieldThread()`. */
  get isSliceOver(): boolean {
    return this.#slice.isOver;
  }

  /** Gives the thread away for a moment; throws `aborted` if somebody used it to cancel. */
  async yieldThread(): Promise<void> {
    await this.#slice.yieldThread();
    checkAborted(this.signal);
  }
}

/** All calls under way on one file. */
export class Jobs {
  readonly #bytesRead: () => number;
  readonly #controllers = new Set<AbortController>();
  readonly #running = new Set<Promise<unknown>>();
  /** Kernels work in one piece of memory: one use after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(bytesRead: () => number) {
    this.#bytesRead = bytesRead;
  }

  /** Throws `closed`, or `aborted` if the caller has cancelled already. */
  check(options: JobOptions): void {
    checkJob(options);
    if (this.#closed) throw closedError();
    checkAborted(options.signal);
  }

  /** Runs `work` at once. Rejects as soon as it is cancelled, whatever `work` waits for. */
  start<T>(options: JobOptions, work: (job: Job) => Promise<T>): Promise<T> {
    return this.#run(options, work);
  }

  /** Runs `work` once all others that were begun this way are done. */
  exclusively<T>(options: JobOptions, work: (job: Job) => Promise<T>): Promise<T> {
    return this.#run(options, (job) => {
      // What is cancelled may still be writing to the memory: its end is waited for, not its result.
      const run = this.#queue.then(() => {
        checkAborted(job.signal);
        return work(job);
      });
      this.#queue = run.catch(() => {});
      return run;
    });
  }

  async #run<T>(options: JobOptions, work: (job: Job) => Promise<T>): Promise<T> {
    this.check(options);
    const { signal, onProgress } = options;
    const controller = new AbortController();
    const abort = () => controller.abort(signal?.reason);
    const forget = signal === undefined ? undefined : onAbort(signal, abort);
    this.#controllers.add(controller);
    const running = work(new Job(controller.signal, onProgress, this.#bytesRead));
    const settled = running.catch(() => {});
    this.#running.add(settled);
    try {
      return await untilAborted(running, controller.signal);
    } catch (error) {
      if (this.#closed && controller.signal.aborted) throw closedError();
      if (controller.signal.aborted) throw abortedError(controller.signal);
      throw error;
    } finally {
      forget?.();
      this.#controllers.delete(controller);
      settled.finally(() => this.#running.delete(settled));
    }
  }

  /** Cancels everything (it rejects with `closed`) and waits for its end. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const controller of this.#controllers) controller.abort();
    await Promise.all(this.#running);
  }
}
