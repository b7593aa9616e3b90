/** From whatever the user gives to a source that can be parsed, or to the name of what it is instead. */

import type { OpenOptions, SourceInput } from "../base/api.js";
import type { T7Error } from "../base/errors.js";
import { platform } from "../source/platform.js";
import type { Source } from "../source/source-types.js";
import { withoutMark } from "./byte-order-mark.js";
import { unpackGzip } from "./gzip.js";
import { sniff } from "./sniff.js";

/** Bytes that tell what a file is. */
const sniffedBytes = 512;

/** A source for the input, unpacked if it is gzip. The caller closes it. */
export async function openSource(input: SourceInput, options: OpenOptions): Promise<Source> {
  const { signal, onProgress, maxUnpacked } = options;
  const onBytes = (loaded: number, total: number | null) =>
    onProgress?.({ position: loaded, byteLength: total ?? loaded, bytesRead: loaded, values: 0 });
  const packed = await platform.toSource(input, { signal, onBytes });
  try {
    const source = await unpackGzip(packed, { signal, onBytes, maxUnpacked });
    if (source !== packed) await packed.close?.();
    const { source: plain, warning } = await withoutMark(source, signal);
    return warning === null ? plain : Object.assign(plain, { warning });
  } catch (error) {
    await packed.close?.();
    throw error;
  }
}

/** The file's own name in a path or address. */
function fileName(name: string | undefined): string | undefined {
  return name
    ?.replace(/[?#].*$/, "")
    .split(/[/\\]/)
    .at(-1);
}

/**
 * What a file is that the core does not take for `.t7`, or `null` if it is nothing we know or the
 * caller has told how to read it.
 */
export async function nameWrongFile(
  source: Source,
  { signal, schema, encoding, byteOrder, longSize }: OpenOptions,
): Promise<T7Error | null> {
  if (schema ?? encoding ?? byteOrder ?? longSize) return null;
  const length = Math.min(source.byteLength, sniffedBytes);
  return sniff(await source.slice(0, length, signal), fileName(source.name), source.byteLength);
}
