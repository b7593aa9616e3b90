/** ASCII files that an editor has put a byte order mark before, or has written as UTF-16. */

import { T7Error } from "../base/errors.js";
import type { Source } from "../source/source-types.js";

/** A type code on a line of its own begins every ASCII file. */
const asciiStart = /^\s*[0-8]\s/;
const maxUtf16Bytes = 2 ** 31;

/**
 * The source without its mark, in plain ASCII, and the warning that says so; the same source and
 * `null` where there is no mark or something else follows it.
 */
export async function withoutMark(
  source: Source,
  signal?: AbortSignal,
): Promise<{ source: Source; warning: T7Error | null }> {
  if (source.byteLength < 8) return { source, warning: null };
  const head = await source.slice(0, 8, signal);
  const [a, b, c] = head;
  const isUtf8 = a === 0xef && b === 0xbb && c === 0xbf;
  if (isUtf8 && asciiStart.test(ascii(head.subarray(3)))) {
    return { source: shifted(source, 3), warning: markWarning("EF BB BF", "was skipped") };
  }
  const low = a === 0xff && b === 0xfe ? 0 : a === 0xfe && b === 0xff ? 1 : null;
  if (low === null || source.byteLength > maxUtf16Bytes) return { source, warning: null };
  if (!asciiStart.test(ascii(halved(head.subarray(2), low) ?? head)))
    return { source, warning: null };
  const all = await source.slice(2, source.byteLength, signal);
  const bytes = halved(all, low);
  if (bytes === null) return { source, warning: null };
  const plain: Source = {
    byteLength: bytes.length,
    name: source.name,
    memory: true,
    slice: (start, end) => bytes.subarray(start, end),
  };
  await source.close?.();
  const mark = low === 0 ? "FF FE" : "FE FF";
  return { source: plain, warning: markWarning(mark, "says UTF-16, which was read as ASCII") };
}

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** The low bytes of 16-bit characters; `null` where one is no ASCII. */
function halved(bytes: Uint8Array, low: 0 | 1): Uint8Array | null {
  const half = new Uint8Array(bytes.length >> 1);
  for (let i = 0; i < half.length; i++) {
    if (bytes[2 * i + 1 - low] !== 0 || bytes[2 * i + low] > 0x7f) return null;
    half[i] = bytes[2 * i + low];
  }
  return half;
}

/** A source that begins later. */
function shifted(source: Source, by: number): Source {
  return {
    byteLength: source.byteLength - by,
    name: source.name,
    memory: source.memory === true,
    gzip: source.gzip === true,
    gapBytes: source.gapBytes,
    counters: source.counters,
    slice: (start, end, signal) => source.slice(start + by, end + by, signal),
    close: async () => source.close?.(),
  };
}

function markWarning(mark: string, what: string): T7Error {
  return new T7Error("byte_order_mark", `a byte order mark (${mark}) ${what}`, {
    offset: 0,
    found: `the bytes ${mark}, which a text editor puts before a file`,
    expected: "a type code",
    hint: "Texts are as they were. Offsets count from behind the mark.",
  });
}
