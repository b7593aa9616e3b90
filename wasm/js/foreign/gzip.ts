/** Gzip is unpacked into memory before reading; the platform does the work and checks the CRC. */

import { T7Error } from "../base/errors.js";
import { Blocks } from "../source/blocks.js";
import { checkAborted, type Source, type SourceOptions } from "../source/source-types.js";
import { collectInto } from "../source/stream.js";

/** Options of `unpackGzip`. `onBytes` counts unpacked bytes; their total is not known. */
export interface GzipOptions extends SourceOptions {
  /** Most unpacked bytes; 2 GiB unless told. */
  maxUnpacked?: number | undefined;
}

const pieceBytes = 2 ** 20;
/** Attempts that fail may read this many times the file: members made to mislead end here. */
const maxWaste = 8;

/** True if the first bytes are those of gzip. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** Unpacks one source into blocks; knows how a file of several members is taken apart. */
class Unpacker {
  readonly blocks = new Blocks();
  #waste: number;
  /** What reading the packed bytes threw: no fault of the archive's. */
  #failure: unknown = null;

  constructor(
    readonly source: Source,
    readonly options: GzipOptions,
  ) {
    this.#waste = maxWaste * source.byteLength;
  }

  async run(): Promise<Source> {
    const { source } = this;
    const damage = await this.#tryUnpack(0, source.byteLength);
    if (damage !== null && !(await this.#unpackMembers())) {
      throw new T7Error("gzip_damaged", "the gzip archive is damaged or incomplete", {
        found: `an error after ${this.blocks.length} unpacked bytes`,
        expected: "gzip data whose checksum is right",
        hint: "Download or copy the file again; gzip -t tells whether it is whole.",
        cause: damage,
      });
    }
    return { ...this.blocks.source(source.name), gzip: true };
  }

  /**
   * Some engines unpack only the first member of an archive and call the next ones junk. Nobody
   * tells where a member ends, but the next one begins there: with bytes that are rare elsewhere.
   */
  async #unpackMembers(): Promise<boolean> {
    const { source } = this;
    this.blocks.truncate(0);
    let start = 0;
    for (let end = await this.#nextMember(start); ; end = await this.#nextMember(end)) {
      if ((await this.#tryUnpack(start, end)) === null) {
        if (end === source.byteLength) return true;
        start = end;
      } else {
        this.#waste -= end - start;
        if (end === source.byteLength || this.#waste < 0) return false;
      }
    }
  }

  /** Appends the member, or whole archive, in a range; if that fails, appends nothing. */
  async #tryUnpack(start: number, end: number): Promise<T7Error | null> {
    const { signal, onBytes, maxUnpacked = 2 ** 31 } = this.options;
    const before = this.blocks.length;
    const packed = this.#packed(start, end);
    const check = (length: number) => {
      if (length > maxUnpacked) throw tooLarge(maxUnpacked);
    };
    try {
      const unpacked = packed.pipeThrough(new DecompressionStream("gzip"));
      await collectInto(this.blocks, unpacked, { signal, onBytes, check });
      return null;
    } catch (error) {
      if (this.#failure !== null) throw this.#failure;
      // What the platform says of bad data; cancelling and limits end all attempts.
      if (!(error instanceof T7Error && error.code === "source_failed")) throw error;
      this.blocks.truncate(before);
      return error;
    }
  }

  /** The packed bytes of a range, piece by piece as they are asked for. */
  #packed(start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { source, options } = this;
    let position = start;
    return new ReadableStream({
      pull: async (controller) => {
        const next = Math.min(position + pieceBytes, end);
        try {
          const piece = await source.slice(position, next, options.signal);
          controller.enqueue(piece as Uint8Array<ArrayBuffer>);
        } catch (error) {
          this.#failure = error;
          throw error;
        }
        position = next;
        if (position === end) controller.close();
      },
    });
  }

  /** Where the next member after `start` may begin, or the end of the file. */
  async #nextMember(start: number): Promise<number> {
    const { source, options } = this;
    const overlap = 3;
    for (let from = start + 1; from < source.byteLength; from += pieceBytes - overlap) {
      checkAborted(options.signal);
      const to = Math.min(from + pieceBytes, source.byteLength);
      const bytes = await source.slice(from, to, options.signal);
      for (let at = bytes.indexOf(0x1f); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
        // The upper flags are never set.
        if (isGzip(bytes.subarray(at)) && bytes[at + 3] < 32) return from + at;
      }
      if (to === source.byteLength) break;
    }
    return source.byteLength;
  }
}

function tooLarge(maxUnpacked: number): T7Error {
  const message = `the gzip archive holds more than ${maxUnpacked} bytes`;
  return new T7Error("too_large", message, {
    found: `more than ${maxUnpacked} bytes`,
    expected: "what fits in memory",
    hint: "Unpack it first with gunzip, then open the .t7 file.",
  });
}

/**
 * The unpacked bytes of a gzip source, of all its members, in memory; `gzip` is set. Any other
 * source is given back as it is. `source` is not closed. Throws `gzip_damaged`, `too_large`,
 * `aborted`, and what reading throws.
 */
export async function unpackGzip(source: Source, options: GzipOptions = {}): Promise<Source> {
  if (source.byteLength < 18) return source;
  if (!isGzip(await source.slice(0, 3, options.signal))) return source;
  return new Unpacker(source, options).run();
}
