/** The one error type, its codes, and what to do about each (`docs/format.md` § Errors). */

/** A `T7Error` as plain data. */
export interface T7ErrorInfo {
  code: string;
  message: string;
  offset: number | null;
  path: string | null;
  found: string | null;
  expected: string | null;
  hint: string | null;
}

/** The place and circumstances of an error; see `T7Error`. */
export interface T7ErrorDetails {
  offset?: number | null;
  path?: string | null;
  found?: string | null;
  expected?: string | null;
  hint?: string | null;
  cause?: unknown;
  partial?: unknown;
}

/** Everything that goes wrong while reading is one of these: what was found, what was expected, where, and what to do. */
export class T7Error extends Error {
  override name = "T7Error";
  /** One of the documented codes, such as `truncated`. */
  readonly code: string;
  /** Byte offset in the (unpacked) file, or `null`. */
  readonly offset: number | null;
  /** Path of the value, such as `root.modules[4].weight`, or `null`. */
  readonly path: string | null;
  readonly found: string | null;
  readonly expected: string | null;
  /** What to do next, in plain words. */
  readonly hint: string | null;
  /** From `load`: what could be read before the damage. */
  readonly partial?: unknown;

  constructor(code: string, message: string, details: T7ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.offset = details.offset ?? null;
    this.path = details.path ?? null;
    this.found = details.found ?? null;
    this.expected = details.expected ?? null;
    this.hint = details.hint ?? null;
    if (details.partial !== undefined) this.partial = details.partial;
  }

  /** As plain data, for posting between threads and for pages. */
  toJSON(): T7ErrorInfo {
    const { code, message, offset, path, found, expected, hint } = this;
    return { code, message, offset, path, found, expected, hint };
  }

  static fromJSON(info: T7ErrorInfo): T7Error {
    return new T7Error(info.code, info.message, info);
  }
}
