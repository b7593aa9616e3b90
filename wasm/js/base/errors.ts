/** The one error type, its codes, and what to do about each (`docs/format.md` § Errors). */

/** Every code that an error or a warning can have (`docs/format.md` § Errors). */
export type T7ErrorCode =
  | "aborted"
  | "appended_session"
  | "bad_boolean"
  | "bad_class_name"
  | "bad_count"
  | "bad_dimensions"
  | "bad_function"
  | "bad_index"
  | "bad_key"
  | "bad_length"
  | "bad_network"
  | "bad_number"
  | "bad_option"
  | "bad_path"
  | "bad_query"
  | "bad_schema"
  | "bad_size"
  | "bad_slice"
  | "bad_source"
  | "bad_type_code"
  | "byte_order_mark"
  | "carriage_returns"
  | "closed"
  | "cyclic_network"
  | "duplicate_key"
  | "empty"
  | "guessed_layout"
  | "gzip_damaged"
  | "index_gap"
  | "internal"
  | "more_values"
  | "nil_value"
  | "no_node"
  | "no_value"
  | "not_a_file"
  | "not_a_module"
  | "not_a_tensor"
  | "not_comparable"
  | "not_exportable"
  | "not_found"
  | "not_json"
  | "not_t7"
  | "odd_boolean"
  | "out_of_memory"
  | "raw_values"
  | "reader_failed"
  | "source_changed"
  | "source_failed"
  | "source_short"
  | "too_deep"
  | "too_large"
  | "too_many_values"
  | "trailing_bytes"
  | "truncated"
  | "unknown_layout"
  | "view_out_of_range"
  | "wasm_unavailable"
  | "worker_failed"
  | "wrong_kind"
  | "wrong_storage";

/** A `T7Error` as plain data. */
export interface T7ErrorInfo {
  code: T7ErrorCode;
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
  readonly code: T7ErrorCode;
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

  constructor(code: T7ErrorCode, message: string, details: T7ErrorDetails = {}) {
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
