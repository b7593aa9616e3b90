/**
 * What each byte of a file is: every value's bytes begin where the index says so and end where the next value
 * begins, so its fields are found by reading that piece again. Nothing of it is kept.
 */

import type { FieldName, T7Field } from "../base/api.js";
import { Flag, type Graph, Kind, none } from "../index/graph.js";

/** How the bytes of a file are laid out, as the parser found it. */
export interface FieldLayout {
  longSize: 4 | 8;
  /** ASCII damaged by a text-mode transfer: `\r\n` stands for `\n`. */
  carriageReturns: boolean;
  byteLength: number;
}

const space = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]);
const [lineFeed, carriageReturn] = [0x0a, 0x0d];
const version = /^V .*\d/;
const latin = new TextDecoder("latin1");

/** More bytes than the header of any value in a binary file; in text, blanks may make it longer. */
const headerBytes = 8192;
const longestHeader = 2 ** 20;

/** The last node that begins at or before a byte; -1 if the byte lies before all. */
function nodeAt(graph: Graph, offset: number): number {
  let low = 0;
  let high = graph.nodeCount;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (graph.offset(middle) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The fields that lie in part or wholly in bytes from … to, in order and without a gap. Stops after `most` fields.
 * `read` gives bytes of the file.
 */
export async function fieldsOf(
  graph: Graph,
  layout: FieldLayout,
  from: number,
  to: number,
  most: number,
  read: (from: number, to: number) => Promise<Uint8Array>,
): Promise<T7Field[]> {
  const fields: T7Field[] = [];
  const window = new Window(read);
  const end = Math.min(to, layout.byteLength);
  for (let at = Math.max(0, from); at < end && fields.length < most; ) {
    const node = nodeAt(graph, at);
    const start = node < 0 ? 0 : graph.offset(node);
    const next = node + 1 < graph.nodeCount ? graph.offset(node + 1) : layout.byteLength;
    const found = await fieldsOfNode(graph, layout, node, start, next, window, end);
    for (const field of found) {
      if (field.offset + field.byteLength <= at || field.offset >= end) continue;
      if (fields.length < most) fields.push(field);
    }
    at = next;
  }
  return fields;
}

/** Bytes of the file that were read last. */
class Window {
  from = 0;
  bytes: Uint8Array = new Uint8Array(0);

  constructor(private readonly read: (from: number, to: number) => Promise<Uint8Array>) {}

  async need(from: number, to: number, ahead: number): Promise<void> {
    if (from >= this.from && to <= this.from + this.bytes.length) return;
    this.bytes = await this.read(from, Math.max(to, ahead));
    this.from = from;
  }
}

async function fieldsOfNode(
  graph: Graph,
  layout: FieldLayout,
  node: number,
  start: number,
  end: number,
  window: Window,
  wanted: number,
): Promise<T7Field[]> {
  for (let size = headerBytes; ; size *= 2) {
    const here = Math.min(end, start + size);
    // Values behind each other are read together.
    const ahead = Math.min(layout.byteLength, Math.max(wanted, start), start + 2 ** 18);
    await window.need(start, here, ahead);
    const cursor = new Cursor(graph, layout, node, start, end, window);
    if (node >= 0) readNode(cursor);
    if (!cursor.short || here === end || size >= longestHeader) {
      const { at } = cursor;
      if (at < end) await window.need(at, Math.min(end, at + headerBytes), at);
      cursor.rest();
      return cursor.fields;
    }
  }
}

/** Walks over the bytes of one value and notes its fields. */
class Cursor {
  readonly fields: T7Field[] = [];
  at: number;
  /** What comes next is not here, or is not what it should be. */
  short = false;

  constructor(
    readonly graph: Graph,
    readonly layout: FieldLayout,
    readonly node: number,
    start: number,
    readonly end: number,
    private readonly window: Window,
  ) {
    this.at = start;
  }

  /** Bytes of this value that are here, from a place on. */
  private here(at: number): Uint8Array {
    const { from, bytes } = this.window;
    return bytes.subarray(at - from, Math.min(bytes.length, this.end - from));
  }

  add(
    name: FieldName,
    byteLength: number,
    value?: T7Field["value"],
    more?: Partial<T7Field>,
  ): void {
    if (this.short) return;
    const length = Math.min(byteLength, this.end - this.at);
    if (length <= 0) return;
    const last = this.fields.at(-1);
    if (name === "blank" && last?.name === "blank") {
      last.byteLength += length;
      this.at += length;
      return;
    }
    const isOwned = this.node >= 0 && name !== "unread" && name !== "blank";
    const owner = isOwned ? this.node : null;
    const field: T7Field = { offset: this.at, byteLength: length, name, node: owner, ...more };
    if (value !== undefined) field.value = value;
    this.fields.push(field);
    this.at += length;
  }

  /** What an integer that comes next would be, without stepping over it. */
  peek(bytes: 1 | 2 | 4 | 8, skip = 0): number | bigint | null {
    const here = this.here(this.at + skip);
    if (here.length < bytes) return null;
    const view = new DataView(here.buffer, here.byteOffset, bytes);
    const little = !this.graph.bigEndian;
    if (bytes === 1) return view.getUint8(0);
    if (bytes === 2) return view.getInt16(0, little);
    if (bytes === 4) return view.getInt32(0, little);
    const long = view.getBigInt64(0, little);
    return Number.isSafeInteger(Number(long)) ? Number(long) : long;
  }

  /** The word of a text file that comes next and the blanks before it; `null` if it is not whole here. */
  word(skip = 0): { blanks: number; length: number; text: string } | null {
    const here = this.here(this.at + skip);
    let first = 0;
    while (first < here.length && space.has(here[first])) first++;
    let last = first;
    while (last < here.length && !space.has(here[last])) last++;
    const isWhole = last < here.length || this.at + skip + last === this.end;
    if (!isWhole || last === first) return null;
    return { blanks: first, length: last - first, text: latin.decode(here.subarray(first, last)) };
  }

  /** An int or a long; its value, or `null` where it is not here. */
  integer(
    name: FieldName,
    bytes: 1 | 2 | 4 | 8 = 4,
    more?: Partial<T7Field>,
  ): number | bigint | null {
    if (this.short) return null;
    if (!this.graph.ascii) {
      const value = this.peek(bytes);
      if (value === null) this.short = true;
      else this.add(name, bytes, value, { dtype: bytes === 8 ? "int64" : "int32", ...more });
      return value;
    }
    const word = this.word();
    if (word === null) {
      this.short = true;
      return null;
    }
    const value = Number(word.text);
    this.text(name, word, Number.isSafeInteger(value) ? value : BigInt(word.text), more);
    return value;
  }

  long(name: FieldName, more?: Partial<T7Field>): number | bigint | null {
    return this.integer(name, this.layout.longSize, more);
  }

  /** A word of a text file with the blanks before it and the one line end behind it. */
  text(
    name: FieldName,
    word: { blanks: number; length: number },
    value: T7Field["value"],
    more?: Partial<T7Field>,
  ): void {
    this.add("blank", word.blanks);
    this.add(name, word.length, value, more);
    this.lineEnd();
  }

  /** In a text file, the line end that may stand behind a number or a string. */
  lineEnd(): void {
    if (!this.graph.ascii || this.short) return;
    const here = this.here(this.at);
    if (here[0] === lineFeed) this.add("blank", 1);
    else if (here[0] === carriageReturn && here[1] === lineFeed) this.add("blank", 2);
  }

  /** Raw bytes and, in a text file, the line end behind them if it is here; `rest` takes it else. */
  raw(
    name: FieldName,
    byteLength: number,
    value?: T7Field["value"],
    more?: Partial<T7Field>,
  ): void {
    this.add(name, byteLength, value, more);
    this.lineEnd();
  }

  /** A string with its length; the string where it is short and here. */
  counted(lengthName: FieldName, name: FieldName): string | null {
    const length = Number(this.integer(lengthName));
    if (this.short) return null;
    const here = this.here(this.at).subarray(0, length);
    if (here.length < length) {
      this.short = true;
      return null;
    }
    const text = latin.decode(here);
    this.raw(name, length, text);
    return text;
  }

  /** What is left up to the next value: blanks in a text file, else bytes that nobody read. */
  rest(): void {
    this.short = false;
    if (this.graph.ascii && this.at < this.end) {
      const here = this.here(this.at);
      let blanks = 0;
      while (blanks < here.length && space.has(here[blanks])) blanks++;
      this.add("blank", blanks);
    }
    this.add("unread", this.end - this.at);
  }
}

function readNode(cursor: Cursor): void {
  const { graph, node } = cursor;
  switch (graph.kind(node)) {
    case Kind.number:
      number(cursor, graph.number(node));
      break;
    case Kind.integer: {
      const value = graph.integer(node);
      const exact = Number.isSafeInteger(Number(value)) ? Number(value) : value;
      const { longSize } = cursor.layout;
      scalar(cursor, "number", longSize, exact, longSize === 4 ? "int32" : "int64");
      break;
    }
    case Kind.boolean:
      boolean(cursor, graph.ref(node) === 1);
      break;
    case Kind.string:
      string(cursor, graph.ref(node));
      break;
    case Kind.nil:
      cursor.integer("typeCode");
      break;
    case Kind.bytes:
      cursor.raw("state", graph.long(graph.ref(node) + 1));
      break;
    default:
      object(cursor, graph.ref(node));
  }
}

/** Does a type code stand before a scalar? In bodies of old classes and by a schema it does not. */
function isTagged(cursor: Cursor, code: number, rest: number): boolean {
  if (!cursor.graph.ascii) {
    return cursor.peek(4) === code && cursor.at + 4 + rest <= cursor.end;
  }
  const first = cursor.word();
  if (first === null || first.text !== String(code)) return false;
  return cursor.word(first.blanks + first.length) !== null;
}

function number(cursor: Cursor, value: number): void {
  const { graph } = cursor;
  if (isTagged(cursor, 1, 8)) {
    cursor.integer("typeCode");
    scalar(cursor, "number", 8, value, "float64");
    return;
  }
  if (graph.ascii) {
    scalar(cursor, "number", 8, value, "float64");
    return;
  }
  // The width is what is there; where more follows, the one that gives the value.
  const widths = [8, 4, 2, 1].filter((width) => cursor.at + width <= cursor.end);
  const exact = widths.find((width) => cursor.at + width === cursor.end);
  const width = exact ?? widths.find((bytes) => gives(cursor, bytes, value)) ?? 4;
  scalar(cursor, "number", width, value, typeOf(cursor, width as 1 | 2 | 4 | 8, value));
}

/** Nobody can tell the type of a zero. */
function typeOf(cursor: Cursor, width: 1 | 2 | 4 | 8, value: number): T7Field["dtype"] {
  if (value === 0) return undefined;
  if (width === 1) return value > 127 ? "uint8" : "int8";
  if (width === 2) return "int16";
  if (cursor.peek(width) === value) return width === 4 ? "int32" : "int64";
  return width === 4 ? "float32" : "float64";
}

function gives(cursor: Cursor, width: number, value: number): boolean {
  const whole = cursor.peek(width as 1 | 2 | 4 | 8);
  if (whole === value || (width === 1 && whole === value + 256)) return true;
  return width >= 4 && floatAt(cursor, width as 4 | 8) === value;
}

function floatAt(cursor: Cursor, width: 4 | 8): number | null {
  const [low, high] = [cursor.peek(4), width === 8 ? cursor.peek(4, 4) : 0];
  if (low === null || high === null) return null;
  const view = new DataView(new ArrayBuffer(8));
  const little = !cursor.graph.bigEndian;
  view.setInt32(0, Number(low), little);
  view.setInt32(4, Number(high), little);
  return width === 8 ? view.getFloat64(0, little) : view.getFloat32(0, little);
}

/** One number, whose value the index has. */
function scalar(
  cursor: Cursor,
  name: FieldName,
  width: number,
  value: T7Field["value"],
  dtype: T7Field["dtype"],
): void {
  if (!cursor.graph.ascii) {
    cursor.add(name, width, value, dtype && { dtype });
    return;
  }
  const word = cursor.word();
  if (word === null) cursor.short = true;
  else cursor.text(name, word, value);
}

function boolean(cursor: Cursor, value: boolean): void {
  if (isTagged(cursor, 5, 4)) cursor.integer("typeCode");
  scalar(cursor, "boolean", 4, value, "int32");
}

/** Strings up to this length are given with their field. */
const longestText = 4096;

function string(cursor: Cursor, id: number): void {
  const { graph, layout } = cursor;
  const length = graph.stringLength(id);
  if (isTaggedString(cursor, length)) cursor.integer("typeCode");
  cursor.integer("length");
  const isShort = length <= longestText && !graph.isLocated(id);
  const text = isShort ? graph.text(id) : undefined;
  const value = typeof text === "string" ? text : undefined;
  // Where line ends have grown, the string takes what is left but for the one behind it.
  const left = cursor.end - cursor.at;
  cursor.raw("text", layout.carriageReturns ? Math.max(length, left - 2) : length, value);
}

function isTaggedString(cursor: Cursor, length: number): boolean {
  if (!isTagged(cursor, 2, 4 + length)) return false;
  if (!cursor.graph.ascii) return cursor.peek(4, 4) === length;
  const first = cursor.word();
  const second = cursor.word((first?.blanks ?? 0) + (first?.length ?? 0));
  return second?.text === String(length);
}

/** Everything that has a number of its own. */
function object(cursor: Cursor, id: number): void {
  const { graph, node } = cursor;
  const kind = graph.kind(node);
  cursor.integer("typeCode");
  const isReference = graph.isBackReference(node);
  if (isReference || !graph.has(id, Flag.noIndex)) cursor.integer("index");
  if (isReference) return;
  if (kind === Kind.table) {
    cursor.integer("entries");
    return;
  }
  if (kind === Kind.function) {
    dump(cursor, id);
    return;
  }
  const first = cursor.counted("classLength", "class");
  const versioned = first !== null && graph.classOf(id).version !== null && version.test(first);
  if (versioned) {
    const [length, text] = cursor.fields.filter(({ name }) => name !== "blank").slice(-2);
    length.name = "versionLength";
    text.name = "version";
    cursor.counted("classLength", "class");
  }
  if (kind === Kind.hash || kind === Kind.vec) cursor.long("entries");
  if (kind === Kind.tensor) tensor(cursor, id);
  if (kind === Kind.storage) storage(cursor, id);
}

function dump(cursor: Cursor, id: number): void {
  cursor.integer("length");
  const { byteLength } = cursor.graph.dump(id);
  // Where line ends have grown, the table of upvalues begins behind what is left.
  const left = cursor.end - cursor.at;
  const length = cursor.layout.carriageReturns ? Math.max(byteLength, left - 2) : byteLength;
  cursor.raw("dump", length);
}

function tensor(cursor: Cursor, id: number): void {
  // Files from before versioning have ints here (docs/format.md § Torch5).
  const isOld = cursor.graph.classOf(id).version === null;
  const word = (name: FieldName, more?: Partial<T7Field>) =>
    isOld ? cursor.integer(name, 4, more) : cursor.long(name, more);
  const dimensions = Number(cursor.integer("dimensions"));
  for (let d = 0; d < dimensions && !cursor.short; d++) word("size", { dimension: d });
  for (let d = 0; d < dimensions && !cursor.short; d++) word("stride", { dimension: d });
  word("storageOffset");
  // Torch5 wrote one more int before the storage.
  const isLeft = cursor.graph.ascii ? cursor.word() !== null : cursor.end - cursor.at === 4;
  if (isLeft && cursor.node + 1 < cursor.graph.nodeCount) cursor.integer("hasStorage");
}

function storage(cursor: Cursor, id: number): void {
  const { graph } = cursor;
  const { version: known, dtype } = graph.classOf(id);
  if (known === null) cursor.integer("elementCount");
  else cursor.long("elementCount");
  if (cursor.short || graph.first(id) === none) return;
  const { offset, byteLength } = graph.extent(id);
  if (offset < cursor.at) return;
  cursor.add("blank", offset - cursor.at);
  const left = cursor.end - cursor.at;
  const grown = cursor.layout.carriageReturns ? Math.max(byteLength, left - 2) : byteLength;
  cursor.raw("elements", grown, undefined, { dtype });
}
