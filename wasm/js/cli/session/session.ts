/** What a command works with: where its words go, how it stops, and the file it reads. */

import { basename } from "node:path";
import type { OpenOptions } from "../../base/api.js";
import type { T7Error } from "../../base/errors.js";
import { open, type T7File } from "../../open/file.js";
import { bytes } from "../output/numbers.js";
import { type Form, jsonText, listing, listingRow, type Row } from "../output/rows.js";
import { oneLine, type Paint, painter } from "../output/terminal.js";

/** The streams of the process, or those of a test. */
export interface Streams {
  stdin: AsyncIterable<Uint8Array>;
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Options that every command takes. */
export interface CommonOptions {
  json?: boolean;
  jsonl?: boolean;
  plain?: boolean;
  markdown?: boolean;
  color: string;
  encoding?: OpenOptions["encoding"];
  byteOrder?: OpenOptions["byteOrder"];
  longSize?: OpenOptions["longSize"];
  schema?: string;
}

/** Nothing is said about what takes less, in milliseconds. */
const PATIENCE = 500;

export class Session {
  readonly paint: Paint;
  readonly form: Form;
  private readonly files: T7File[] = [];
  private readonly began = Date.now();
  private told = false;

  constructor(
    readonly streams: Streams,
    readonly options: CommonOptions,
    readonly signal: AbortSignal,
  ) {
    this.paint = painter(streams.stdout, options.color);
    const forms = ["json", "jsonl", "plain", "markdown"] as const;
    this.form = forms.find((form) => options[form]) ?? "text";
  }

  /** Cells across: 80 where nobody looks. */
  get columns(): number {
    return this.streams.stdout.columns ?? 80;
  }

  get isTerminal(): boolean {
    return this.streams.stdout.isTTY === true;
  }

  /** Opens a path, an address or `-`, and says on stderr what is odd about it; closed when the command ends. */
  async open(name: string): Promise<T7File> {
    const file = await this.openQuietly(name);
    for (const warning of file.warnings) this.warn(warning);
    if (file.error) this.warn(file.error);
    return file;
  }

  /** The same without a word about it. */
  async openQuietly(name: string): Promise<T7File> {
    const { encoding, byteOrder, longSize, schema } = this.options;
    const file = await open(name === "-" ? this.streams.stdin : name, {
      ...(encoding && { encoding }),
      ...(byteOrder && { byteOrder }),
      ...(longSize && { longSize }),
      ...(schema !== undefined && { schema }),
      signal: this.signal,
      onProgress: ({ position, byteLength }) => this.progress(position, byteLength, "read"),
    });
    this.files.push(file);
    this.clear();
    return file;
  }

  /** What the file is called here. */
  static nameOf(name: string): string {
    return name === "-" ? "standard input" : oneLine(basename(name) || name);
  }

  /** Says a thing about the file on stderr, with what to do about it. */
  warn(problem: T7Error): void {
    this.say(`${this.paint("yellow", "warning:")} ${oneLine(problem.message)}`);
  }

  say(text: string): void {
    this.clear();
    this.streams.stderr.write(`${text}\n`);
  }

  /** One line on a terminal, for what takes longer than a moment. */
  progress(done: number, total: number, verb: string): void {
    if (!this.streams.stderr.isTTY || Date.now() - this.began < PATIENCE) return;
    const part = total > 0 ? `${Math.floor((100 * done) / total)} %` : bytes(done);
    this.streams.stderr.write(`\r\x1b[K${verb} ${part}`);
    this.told = true;
  }

  /** Takes the progress line away. */
  clear(): void {
    if (this.told) this.streams.stderr.write("\r\x1b[K");
    this.told = false;
  }

  /** Writes to stdout and waits while it is full. */
  async write(text: string | Uint8Array): Promise<void> {
    this.clear();
    if (this.streams.stdout.write(text)) return;
    await new Promise((resolve) => this.streams.stdout.once("drain", resolve));
  }

  async line(text = ""): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** A listing in the form that was asked for. */
  async rows(rows: Iterable<Row>, columns: string[]): Promise<void> {
    for (const text of listing(rows, columns, this.form)) await this.line(text);
  }

  /** A listing of any length: only what must be aligned is collected first. */
  async rowsAsTheyCome(columns: string[], rows: () => AsyncIterable<Row>): Promise<void> {
    if (this.form !== "plain" && this.form !== "jsonl") {
      const all: Row[] = [];
      for await (const row of rows()) all.push(row);
      return this.rows(all, columns);
    }
    if (this.form === "plain") await this.line(columns.join("\t"));
    for await (const row of rows()) await this.line(listingRow(row, columns, this.form));
  }

  /** One document: JSON as asked for, else `text`. */
  async document(value: unknown, text: () => Iterable<string>): Promise<void> {
    if (this.form === "json") return this.line(jsonText(value, 2));
    if (this.form === "jsonl") return this.line(jsonText(value));
    for (const line of text()) await this.line(line);
  }

  async close(): Promise<void> {
    this.clear();
    await Promise.all(this.files.map((file) => file.close()));
  }
}
