/** Files on web servers: by ranges where the server can, else downloaded whole. */

import { T7Error } from "../base/errors.js";
import {
  checkAborted,
  checkCount,
  readError,
  type Source,
  type SourceCounters,
  type SourceOptions,
} from "./source-types.js";
import { collect } from "./stream.js";

const unreachable =
  "The server could not be reached, or does not allow this page to read from it (CORS). " +
  "Download the file and open it from your disk.";
const openAgain = "The file on the server is not the one that was opened. Open it again.";

/** A request costs about as much as reading this. */
const gapBytes = 2 ** 18;

/** A request that failed in passing is made again so often, after a pause that grows, in milliseconds. */
const retries = 2;
const pauseMs = 200;

/** Errors that may be gone at the next request: of the server, or of the connection. */
const passing = new WeakSet<T7Error>();

async function pause(length: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, length));
  checkAborted(signal);
}

/** What a server said about the file; `null` where it did not. */
interface Probe {
  byteLength: number | null;
  etag: string | null;
  /** True if it says that it can send a part. */
  ranges: boolean;
  /** On another origin than the page: some headers cannot be seen. */
  isForeign: boolean;
}

/** A file on a server, and what was asked of it so far. */
interface Target {
  readonly url: string;
  readonly counters: SourceCounters;
}

async function request(
  { url, counters }: Target,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  checkAborted(signal);
  counters.requests++;
  try {
    return await fetch(url, { ...init, signal: signal ?? null });
  } catch (cause) {
    const error = readError(cause, signal, "source_failed", `no answer from ${url}`, unreachable);
    if (!signal?.aborted) passing.add(error);
    throw error;
  }
}

function statusError(url: string, response: Response): T7Error {
  const { status, statusText } = response;
  const code = status === 404 || status === 410 ? "not_found" : "source_failed";
  const message = `the server answered ${status} ${statusText}`.trimEnd();
  return new T7Error(code, `${message} for ${url}`, {
    found: `HTTP status ${status}`,
    expected: "HTTP status 200 or 206",
    hint: status === 404 ? "Check the address." : "Try the address in a browser.",
  });
}

/** Stops the body of a response that nobody will read; else the connection stays busy. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** A weak tag (`W/"…"`) can change while the bytes stay, so it says nothing. */
function strongEtag(response: Response): string | null {
  const etag = response.headers.get("etag");
  return etag === null || etag.startsWith("W/") ? null : etag;
}

/** The length of the body, if it is the file's: compressed on the way, it is another number. */
function contentLength(response: Response): number | null {
  const text = response.headers.get("content-length");
  if (text === null || response.headers.has("content-encoding")) return null;
  const length = Number(text);
  return Number.isSafeInteger(length) && length >= 0 ? length : null;
}

/** `bytes 0-9/100`; servers on other origins often hide it from a page. */
function contentRange(response: Response): { start: number | null; total: number | null } {
  const text = response.headers.get("content-range") ?? "";
  const found = /^bytes\s+(?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(text);
  const number = (part: string | undefined) =>
    part === undefined || part === "*" ? null : Number(part);
  return { start: number(found?.[1]), total: number(found?.[2]) };
}

function rangeHeader(start: number, end: number): RequestInit {
  return { headers: { Range: `bytes=${start}-${end - 1}` } };
}

async function download(
  { url, counters }: Target,
  response: Response,
  options: SourceOptions,
): Promise<Source> {
  if (!response.ok) {
    discard(response);
    throw statusError(url, response);
  }
  const total = contentLength(response);
  const body = response.body ?? noBytes();
  const source = await collect(body, { ...options, name: url, total });
  counters.bytes += source.byteLength;
  if (total !== null) checkCount(source.byteLength, total, 0);
  return { ...source, counters };
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** A file that is read by ranges. */
class HttpSource implements Source {
  readonly byteLength: number;
  readonly name: string;
  readonly gapBytes = gapBytes;
  readonly counters: SourceCounters;
  readonly #target: Target;
  readonly #etag: string | null;
  readonly #onBytes: SourceOptions["onBytes"];
  /** Set once the server sent the whole file instead of a range. */
  #whole: Source | null = null;

  constructor(target: Target, byteLength: number, etag: string | null, options: SourceOptions) {
    this.#onBytes = options.onBytes;
    this.#target = target;
    this.name = target.url;
    this.counters = target.counters;
    this.byteLength = byteLength;
    this.#etag = etag;
  }

  async slice(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (start === end) return new Uint8Array(0);
    if (this.#whole !== null) return this.#whole.slice(start, end);
    const bytes = new Uint8Array(end - start);
    let failures = 0;
    for (let done = 0; done < bytes.length; ) {
      const at = start + done;
      try {
        const response = await this.#answer(at, end, signal);
        if (response === null) return (this.#whole as Source | null)?.slice(start, end) ?? bytes;
        const before = done;
        done += await this.#body(response, bytes, done, at, signal);
        // A server may send less than it was asked for; one that sends nothing never ends.
        if (done === before) checkCount(done, bytes.length, start);
      } catch (error) {
        const isPassing = error instanceof T7Error && passing.has(error);
        if (!isPassing || ++failures > retries) throw error;
        await pause(failures * pauseMs, signal);
      }
    }
    return bytes;
  }

  /** The answer to a request for a part; `null` where the whole came instead and was taken. */
  async #answer(start: number, end: number, signal?: AbortSignal): Promise<Response | null> {
    const response = await request(this.#target, rangeHeader(start, end), signal);
    this.#check(response, start);
    if (response.status !== 200) return response;
    const whole = await download(this.#target, response, { signal, onBytes: this.#onBytes });
    this.#checkLength(whole.byteLength);
    this.#whole = whole;
    return null;
  }

  /** Fills `bytes` from `done` on; gives how many came. A server that sends more is not listened to. */
  async #body(
    response: Response,
    bytes: Uint8Array,
    done: number,
    start: number,
    signal?: AbortSignal,
  ): Promise<number> {
    const wanted = bytes.length - done;
    let count = 0;
    const reader = response.body?.getReader();
    for (;;) {
      let piece: ReadableStreamReadResult<Uint8Array> | undefined;
      try {
        piece = await reader?.read();
      } catch (cause) {
        const message = `the connection to ${this.name} broke at byte ${start + count}`;
        const error = readError(cause, signal, "source_failed", message, "Try again.");
        // What has come is kept: the rest is asked for anew.
        if (count > 0 && !signal?.aborted) return count;
        passing.add(error);
        throw error;
      }
      if (piece?.value === undefined) return count;
      this.counters.bytes += piece.value.length;
      if (piece.value.length > wanted - count) {
        reader?.cancel().catch(() => {});
        checkCount(count + piece.value.length, wanted, start);
      }
      bytes.set(piece.value, done + count);
      count += piece.value.length;
    }
  }

  #check(response: Response, start: number): void {
    try {
      if (response.status === 416) {
        throw this.#changed("no such range any more", `${this.byteLength} bytes`);
      }
      if (response.status !== 200 && response.status !== 206) {
        const error = statusError(this.name, response);
        if (response.status >= 500) passing.add(error);
        throw error;
      }
      const etag = strongEtag(response);
      if (etag !== null && this.#etag !== null && etag !== this.#etag) {
        throw this.#changed(`ETag ${etag}`, `ETag ${this.#etag}`);
      }
      const range = contentRange(response);
      if (range.total !== null) this.#checkLength(range.total);
      if (range.start !== null && range.start !== start) {
        const [found, expected] = [`bytes from ${range.start}`, `bytes from ${start}`];
        const message = `the server sent another part of ${this.name}`;
        throw new T7Error("source_failed", message, { offset: start, found, expected });
      }
    } catch (error) {
      discard(response);
      throw error;
    }
  }

  #checkLength(byteLength: number): void {
    if (byteLength !== this.byteLength) {
      throw this.#changed(`${byteLength} bytes`, `${this.byteLength} bytes`);
    }
  }

  #changed(found: string, expected: string): T7Error {
    const message = `${this.name} changed while it was read: ${found} instead of ${expected}`;
    return new T7Error("source_changed", message, { found, expected, hint: openAgain });
  }
}

/** Asks for the headers only. A server that refuses HEAD is asked by a range next. */
async function probeHead(target: Target, signal: AbortSignal | undefined): Promise<Probe> {
  const response = await tryRequest(target, { method: "HEAD" }, signal);
  if (response === null || !response.ok) {
    return { byteLength: null, etag: null, ranges: false, isForeign: false };
  }
  // Some servers say 0 because a HEAD answer has no body.
  const byteLength = contentLength(response) || null;
  const ranges = response.headers.get("accept-ranges") === "bytes";
  const isForeign = response.type === "cors";
  return { byteLength, etag: strongEtag(response), ranges, isForeign };
}

/**
 * Whether a range of one byte ends where the file is said to end. On other origins a page cannot see that a
 * transfer is compressed, and the length is that of another representation.
 */
async function endsAt(target: Target, byteLength: number, signal: AbortSignal | undefined) {
  const response = await tryRequest(target, rangeHeader(byteLength - 1, byteLength), signal);
  if (response?.status !== 206) return false;
  const body = await response.arrayBuffer().catch(() => null);
  return body?.byteLength === 1;
}

/** `null` where the server does not answer this kind of request; the next kind may do. */
async function tryRequest(
  target: Target,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response | null> {
  try {
    return await request(target, init, signal);
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  }
}

/**
 * A source for a file on a web server. Asks HEAD, then for the first byte; where neither proves
 * that ranges work, or the length stays unknown, the file is downloaded into memory (`onBytes`
 * tells how far). Throws `not_found`, `source_failed`, `aborted`; reading later also
 * `source_changed` and `source_short`.
 */
export async function openHttp(input: string | URL, options: SourceOptions = {}): Promise<Source> {
  const { signal } = options;
  const target: Target = { url: String(input), counters: { requests: 0, bytes: 0 } };
  const whole = async () => download(target, await request(target, {}, signal), options);
  if (/^(blob|data):/i.test(target.url)) return whole();
  const head = await probeHead(target, signal);
  if (head.ranges && head.byteLength !== null && !head.isForeign) {
    return new HttpSource(target, head.byteLength, head.etag, options);
  }
  const response = await tryRequest(target, rangeHeader(0, 1), signal);
  if (response?.ok && response.status !== 206) return download(target, response, options);
  if (response !== null) discard(response);
  // Some refuse requests for parts (403, 501) and serve the whole; parts of a compressed transfer are none.
  if (response?.status === 206 && !response.headers.has("content-encoding")) {
    const { start, total } = contentRange(response);
    const byteLength = total ?? head.byteLength;
    const isSure =
      total !== null || byteLength === null || (await endsAt(target, byteLength, signal));
    if ((start ?? 0) === 0 && byteLength !== null && isSure) {
      return new HttpSource(target, byteLength, strongEtag(response) ?? head.etag, options);
    }
  }
  return whole();
}
