/** Files of Node: paths and `file:` URLs. The only source that imports Node's modules. */

import { readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceInput } from "../base/api.js";
import { T7Error, type T7ErrorCode } from "../base/errors.js";
import { valueText } from "../base/options.js";
import { contentSource, toSource as toBrowserSource } from "./source.js";
import {
  checkAborted,
  checkCount,
  readError,
  type Source,
  type SourceOptions,
} from "./source-types.js";
import { type ByteStream, collect } from "./stream.js";

/** Far below the 2 GiB that one read can give, so that cancelling takes effect between pieces. */
const maxPiece = 2 ** 24;
/** Up to here a read is done before a thread could have been asked for it. */
const maxSyncPiece = 2 ** 18;

const hints: Record<string, [code: T7ErrorCode, hint: string]> = {
  ENOENT: ["not_found", "Check the name and the folder; the path is the one above."],
  ENOTDIR: ["not_found", "A part of the path is a file, not a folder."],
  EISDIR: ["not_a_file", "Give the file in the folder, not the folder."],
  EACCES: ["source_failed", "You have no permission to read this file."],
  EPERM: ["source_failed", "You have no permission to read this file."],
  EMFILE: ["source_failed", "Too many files are open; close those that are no longer needed."],
};

function fileError(cause: unknown, path: string, signal: AbortSignal | undefined): T7Error {
  const system = (cause as NodeJS.ErrnoException).code ?? "";
  const [code, hint] = hints[system] ?? ["source_failed", null];
  return readError(cause, signal, code, `cannot read ${path}`, hint);
}

/** A file read by position through one handle; `close()` gives the handle back. */
class FileSource implements Source {
  readonly byteLength: number;
  readonly name: string;
  /** A system call costs about as much as copying this. */
  readonly gapBytes = 2 ** 13;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, name: string, byteLength: number) {
    this.#handle = handle;
    this.name = name;
    this.byteLength = byteLength;
  }

  async slice(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const target = new Uint8Array(end - start);
    checkCount(await this.readInto(target, start, signal), target.length, start);
    return target;
  }

  /** Gives less than `target.length` only where the file ends. */
  async readInto(target: Uint8Array, start: number, signal?: AbortSignal): Promise<number> {
    let next = 0;
    let end = target.length;
    const readPieces = async () => {
      for (let at = next; at < end; at = next) {
        next = at + maxPiece;
        const length = Math.min(maxPiece, target.length - at);
        const count = await this.#readPiece(target, at, length, start + at, signal);
        if (count < length) end = Math.min(end, at + count);
      }
    };
    // Two at once: half of the time goes into the system's giving of memory, page by page. Both
    // have ended when this returns, so that nothing writes into the target afterwards.
    const readers = target.length > maxPiece ? [readPieces(), readPieces()] : [readPieces()];
    for (const outcome of await Promise.allSettled(readers)) {
      if (outcome.status === "rejected") throw fileError(outcome.reason, this.name, signal);
    }
    return end;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Gives less than `length` only where the file ends. */
  async #readPiece(
    target: Uint8Array,
    at: number,
    length: number,
    position: number,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    let done = 0;
    while (done < length) {
      checkAborted(signal);
      const count = await this.#readOnce(target, at + done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async #readOnce(target: Uint8Array, at: number, length: number, position: number) {
    // A closed handle has the descriptor -1, which must not reach the system as a number.
    if (length <= maxSyncPiece && this.#handle.fd >= 0) {
      return readSync(this.#handle.fd, target, at, length, position);
    }
    return (await this.#handle.read(target, at, length, position)).bytesRead;
  }
}

/** The path that a `file:` address stands for; some are none, such as those of another computer. */
function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new T7Error("bad_source", `${valueText(url.href)} is no path of this computer`, {
      found: url.href,
      expected: "file:///path/of/the/file.t7",
      cause,
    });
  }
}

/**
 * A source for a file. Pipes and devices, which have no length, are collected into memory. The
 * caller closes the source. Throws `not_found`, `not_a_file` or `source_failed`, naming the path.
 */
export async function openFile(path: string | URL, options: SourceOptions = {}): Promise<Source> {
  checkAborted(options.signal);
  const name = resolve(typeof path === "string" ? path : pathOf(path));
  let handle: FileHandle | undefined;
  try {
    handle = await open(name, "r");
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    }
    if (stat.isFile()) return new FileSource(handle, name, stat.size);
    return await collect(handle.createReadStream(), { ...options, name });
  } catch (cause) {
    await handle?.close().catch(() => {});
    throw fileError(cause, name, options.signal);
  }
}

function fileUrl(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new T7Error("bad_source", `${valueText(text)} is no file: address`, { cause });
  }
}

/** Like `toSource` of `source.ts`; text and `file:` URLs that are no web address name files. */
export async function toSource(
  input: SourceInput | ByteStream,
  options: SourceOptions = {},
): Promise<Source> {
  if (typeof input === "string" && /^file:/i.test(input)) return openFile(fileUrl(input), options);
  if (typeof input === "string" && !/^(https?|blob|data):/i.test(input)) {
    return contentSource(input) ?? openFile(input, options);
  }
  if (input instanceof URL && input.protocol === "file:") return openFile(input, options);
  return toBrowserSource(input, options);
}
