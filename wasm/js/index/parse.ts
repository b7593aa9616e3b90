/**
 * Builds the index of a file: asks the core which bytes it wants, reads them, goes on. The only
 * place that does; `load`, `open` and `T7Reader` all come through here.
 */

import type { OpenOptions, T7Format } from "../base/api.js";
import { T7Error } from "../base/errors.js";
import { TimeSlice } from "../base/time-slice.js";
import { explainChange } from "../foreign/changed.js";
import { nameWrongFile } from "../foreign/open-source.js";
import { checkAborted, readFully, type Source } from "../source/source-types.js";
import { Graph } from "./graph.js";
import type { Instance } from "./instance.js";
import { toT7Error } from "./issues.js";
import { parseSchema } from "./schema.js";
import type { CoreFile } from "./t7.mjs";

/** In the order of `enum class State` in `wasm/core/read/parser.h`. */
export const State = { done: 0, needBytes: 1, paused: 2, failed: 3, custom: 4 } as const;

/** Values between two looks at the clock: a few milliseconds. */
const budget = 65536;
/**
 * What is read behind a jump over a payload; doubles while reading goes straight on, or jumps over
 * less than would be read anyway.
 */
const minReadAhead = 4096;
const maxReadAhead = 2 ** 20;

/** The finished index of one file. */
export interface Index {
  file: CoreFile;
  graph: Graph;
  format: T7Format;
  /** Damage to the structure; the graph holds what was read before it. */
  error: T7Error | null;
  warnings: T7Error[];
  /** Bytes read from the source. */
  bytesRead: number;
}

/** Reads the bodies of classes that the caller has readers for. */
export interface ClassReading {
  classes: readonly string[];
  /** The file's state is `custom`: reads one body. */
  serve(file: CoreFile): void;
  /** Says in an error or warning what the readers have to do with it. */
  explain(error: T7Error): T7Error;
}

/** A file of the core for a source, with the options that concern its layout. */
export function createFile(instance: Instance, source: Source, options: OpenOptions): CoreFile {
  const { encoding, byteOrder, longSize, schema } = options;
  const first = (text: string | undefined) => (text === undefined ? 0 : text.charCodeAt(0));
  return instance.run((core) => {
    const file = new core.File(source.byteLength, first(encoding), first(byteOrder), longSize ?? 0);
    if (schema !== undefined) {
      const { ops, repeatsLast } = parseSchema(schema);
      file.setSchema(ops, repeatsLast);
    }
    return file;
  });
}

/** Feeds a file until it needs no more bytes. */
export class Feeder {
  bytesRead = 0;
  #end = 0;
  #readAhead = minReadAhead;

  constructor(
    readonly instance: Instance,
    readonly source: Source,
    readonly file: CoreFile,
    readonly signal?: AbortSignal,
  ) {}

  /** Reads the bytes the file wants, and some more. */
  async feed(): Promise<void> {
    const { instance, source, file } = this;
    const offset = instance.run(() => file.wantOffset());
    const wanted = instance.run(() => file.wantLength());
    const jump = offset - this.#end;
    const straight = jump >= 0 && jump < this.#readAhead;
    if (straight) this.#readAhead = Math.min(this.#readAhead * 2, maxReadAhead);
    else this.#readAhead = minReadAhead;
    const length = Math.min(Math.max(wanted, this.#readAhead), source.byteLength - offset);
    this.#end = offset + length;
    const address = instance.run(() => file.prepare(length));
    if (address === 0) {
      throw new T7Error("out_of_memory", `there is no memory for a key of ${wanted} bytes`, {
        offset,
        hint: "A key this long is almost certainly damage.",
      });
    }
    await readFully(
      source,
      new Uint8Array(instance.memory.buffer, address, length),
      offset,
      this.signal,
    );
    this.bytesRead += length;
    instance.run(() => file.commit(length));
  }
}

/** Feeds and advances a file until its structure is read or found to be damaged. */
async function readStructure(
  feeder: Feeder,
  { signal, onProgress }: OpenOptions,
  reading: ClassReading | undefined,
): Promise<void> {
  const { instance, source, file } = feeder;
  const slice = new TimeSlice();
  for (;;) {
    const state = instance.run(() => file.advance(budget));
    if (state === State.needBytes) await feeder.feed();
    else if (state === State.custom && reading !== undefined) reading.serve(file);
    else if (state !== State.paused) break;
    if (!slice.isOver) continue;
    onProgress?.({
      position: instance.run(() => file.position()),
      byteLength: source.byteLength,
      bytesRead: feeder.bytesRead,
      values: file.hasParser() ? file.nodeCount() : 0,
    });
    await slice.yieldThread();
    checkAborted(signal);
  }
}

/** Ends a cancelled pass where it is, if it has read anything; else throws `error`. */
function keepPartial(instance: Instance, file: CoreFile, error: unknown): void {
  const cancelled = error instanceof T7Error && error.code === "aborted";
  if (!cancelled || !file.hasParser() || file.nodeCount() === 0) throw error;
  instance.run(() => file.stop());
}

/** Reads the whole structure of a file. Rejects with `T7Error` if nothing of it can be read. */
export async function parse(
  instance: Instance,
  source: Source,
  options: OpenOptions = {},
  reading?: ClassReading,
): Promise<Index> {
  const { signal, onWarning } = options;
  const file = createFile(instance, source, options);
  for (const name of reading?.classes ?? []) instance.run(() => file.addCustomClass(name));
  const feeder = new Feeder(instance, source, file, signal);
  try {
    await readStructure(feeder, options, reading);
  } catch (error) {
    if (!options.keepPartial) throw error;
    keepPartial(instance, file, error);
  }
  const code = instance.run(() => (file.state() === State.failed ? file.error().code : ""));
  if (code === "not_t7" || code === "empty") {
    const named = code === "not_t7" ? await nameWrongFile(source, options) : null;
    throw named ?? toT7Error(file.error(), null);
  }
  const explain = (error: T7Error) => {
    if (reading !== undefined) return reading.explain(error);
    return options.schema === undefined ? error : explainSchema(error);
  };
  const index = finish(instance, file, source, feeder.bytesRead, explain);
  if (options.schema === undefined && reading === undefined) {
    const rest = index.warnings.find(({ code }) => code === "trailing_bytes");
    if (index.error !== null) index.error = await withChange(index, index.error, source, signal);
    else if (rest !== undefined) {
      // More bytes than there should be, because each of some became several: the values are wrong too.
      const changed = await withChange(index, rest, source, signal);
      if (changed !== rest) index.error = changed;
    }
  }
  if (source.warning !== undefined) index.warnings.unshift(source.warning);
  for (const warning of index.warnings) onWarning?.(warning);
  return index;
}

/** What the file's own bytes say of damage that has happened on its way. */
async function withChange(
  { format }: Index,
  error: T7Error,
  source: Source,
  signal: AbortSignal | undefined,
): Promise<T7Error> {
  if (error.code === "aborted" || error.code === "reader_failed" || error.offset === null)
    return error;
  const isWarning = error.code === "trailing_bytes";
  const isShort = error.code === "truncated";
  const change =
    format.encoding === "ascii"
      ? null
      : await explainChange(source, isWarning || isShort ? null : error.offset, signal);
  if (change === null) return error;
  const { what, hint } = change;
  return new T7Error(error.code, `${what}; ${error.message}`, {
    ...error,
    hint,
    cause: error.cause,
  });
}

const schemaHint =
  "If the file is whole, the schema does not fit: compare it with the program that wrote the file.";

function explainSchema(error: T7Error): T7Error {
  const hint = error.code === "trailing_bytes" ? `The schema ends here. ${schemaHint}` : schemaHint;
  return new T7Error(error.code, error.message, { ...error, hint });
}

function finish(
  instance: Instance,
  file: CoreFile,
  source: Source,
  bytesRead: number,
  explain: (error: T7Error) => T7Error,
): Index {
  const failed = instance.run(() => file.state()) === State.failed;
  const graph = new Graph(instance, file);
  const ascii = file.ascii();
  const format: T7Format = {
    encoding: ascii ? "ascii" : "binary",
    byteOrder: ascii ? null : file.bigEndian() ? "big" : "little",
    longSize: ascii || !file.longSizeKnown() ? null : (file.longSize() as 4 | 8),
    gzip: source.gzip === true,
    evidence: file.evidence().split("\n"),
  };
  const error = failed ? explain(toT7Error(file.error(), graph)) : null;
  const warnings = graph.warnings.map((issue) => explain(toT7Error(issue, graph)));
  return { file, graph, format, error, warnings, bytesRead };
}
