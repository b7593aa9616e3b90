/** Writes files by hand, one primitive after the other, in any dialect: crafted files read like sentences. */

export type DialectName = "LE64" | "LE32" | "BE64" | "BE32" | "ASCII";

export const dialectNames: DialectName[] = ["LE64", "LE32", "BE64", "BE32", "ASCII"];

/** The options that tell a dialect to a reader. */
export const dialectOptions = {
  LE64: { byteOrder: "little", longSize: 8 },
  LE32: { byteOrder: "little", longSize: 4 },
  BE64: { byteOrder: "big", longSize: 8 },
  BE32: { byteOrder: "big", longSize: 4 },
  ASCII: { encoding: "ascii" },
} as const;

/** `%.17g`, as far as tests need it. */
const text = (value: number | bigint) =>
  Object.is(value, -0) ? "-0" : String(value).replace("Infinity", "inf").toLowerCase();

export class Bytes {
  readonly #parts: Uint8Array[] = [];
  readonly #ascii: boolean;
  readonly #little: boolean;
  readonly #longSize: number;

  constructor(dialect: DialectName = "LE64") {
    this.#ascii = dialect === "ASCII";
    this.#little = dialect.startsWith("LE");
    this.#longSize = dialect.endsWith("32") ? 4 : 8;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  done(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }

  #numbers(values: readonly (number | bigint)[], width: number, set: keyof DataView): this {
    if (values.length === 0) return this;
    if (this.#ascii) return this.raw(`${values.map(text).join(" ")}\n`);
    const view = new DataView(new ArrayBuffer(values.length * width));
    for (const [i, value] of values.entries()) {
      (view[set] as (at: number, value: number | bigint, little: boolean) => void)(
        i * width,
        value,
        this.#little,
      );
    }
    this.#parts.push(new Uint8Array(view.buffer));
    return this;
  }

  /** Bytes, or text with a character for each, just as they are. */
  raw(bytes: string | Uint8Array | number[]): this {
    this.#parts.push(
      typeof bytes === "string" ? Buffer.from(bytes, "latin1") : Uint8Array.from(bytes),
    );
    return this;
  }

  int(...values: number[]): this {
    return this.#numbers(values, 4, "setInt32");
  }

  short(...values: number[]): this {
    return this.#numbers(values, 2, "setInt16");
  }

  long(...values: (number | bigint)[]): this {
    if (this.#longSize === 4) return this.#numbers(values.map(Number), 4, "setInt32");
    return this.#numbers(values.map(BigInt), 8, "setBigInt64");
  }

  float(...values: number[]): this {
    return this.#numbers(values, 4, "setFloat32");
  }

  double(...values: number[]): this {
    return this.#numbers(values, 8, "setFloat64");
  }

  /** `writeByte`, `writeChar`: raw bytes, in ASCII with a line end. */
  byte(...values: number[]): this {
    if (values.length === 0) return this;
    this.raw(values.map((value) => value & 0xff));
    return this.#ascii ? this.raw("\n") : this;
  }

  /** A length and bytes, without a type code. */
  text(bytes: string | Uint8Array): this {
    this.int(bytes.length);
    if (bytes.length === 0) return this;
    this.raw(bytes);
    return this.#ascii ? this.raw("\n") : this;
  }

  // --- Objects, with their type codes ---

  nil(): this {
    return this.int(0);
  }

  number(value: number): this {
    return this.int(1).double(value);
  }

  string(bytes: string | Uint8Array): this {
    return this.int(2).text(bytes);
  }

  boolean(value: boolean): this {
    return this.int(5).int(value ? 1 : 0);
  }

  /** The head of a table; its keys and values follow. */
  table(index: number, pairs: number): this {
    return this.int(3).int(index).int(pairs);
  }

  /** A table, torch object or function that was written before. */
  same(code: 3 | 4 | 7 | 8, index: number): this {
    return this.int(code).int(index);
  }

  /** The head of a torch object; its body follows. */
  object(index: number, name: string, version: number | null = 1): this {
    this.int(4).int(index);
    if (version !== null) this.text(`V ${version}`);
    return this.text(name);
  }

  /** A tensor and the head of its storage, whose elements follow. */
  tensor(
    index: number,
    type: string,
    shape: number[],
    strides: number[],
    offset = 1,
    length = shape.reduce((a, b) => a * b, 1),
  ): this {
    return this.object(index, `torch.${type}Tensor`)
      .int(shape.length)
      .long(...shape)
      .long(...strides)
      .long(offset)
      .storage(index + 1, type, length);
  }

  /** The head of a storage; its elements follow. */
  storage(index: number, type: string, length: number | bigint): this {
    return this.object(index, `torch.${type}Storage`).long(length);
  }
}
