/** For `open`: how a source is read while the file is looked at, and how much of it was read. */

import { type CacheOptions, cached, type SourceCounters } from "./cache.js";
import { readFully, type Source } from "./source-types.js";

/** A source with counters of what was really asked of it. */
export interface MeteredSource extends Source {
  readonly counters: SourceCounters;
}

/**
 * What a request costs, in bytes that could be read in its time (`Source.gapBytes`): of memory
 * about a copy, of a local file little (the system keeps what was read), of a server much.
 */
const gaps = { memory: 2 ** 10, local: 2 ** 13, unknown: 2 ** 16, far: 2 ** 17 };

/** Requests cost: few of them, and what lies around is kept. */
const far: CacheOptions = { blockBytes: 2 ** 14, minReadAhead: 2 ** 16 };
/** Bytes cost: small blocks; what is large is not kept. */
const near: CacheOptions = { blockBytes: 2 ** 10, maxBytes: 2 ** 22, maxReadAhead: 2 ** 16 };

/** Gives a source a cache, if reading costs more than looking into one. Closing it closes `source`. */
export function metered(source: Source): MeteredSource {
  const { gapBytes = gaps.unknown } = source;
  if (source.memory || gapBytes <= gaps.local) return counted(source);
  return cached(source, gapBytes >= gaps.far ? far : near);
}

function counted(source: Source): MeteredSource {
  const counters = source.counters ?? { requests: 0, bytes: 0 };
  // What came from far and was counted there is not read again.
  const count = (bytes: number) => {
    if (source.counters !== undefined) return;
    counters.requests++;
    counters.bytes += bytes;
  };
  return {
    byteLength: source.byteLength,
    name: source.name,
    gzip: source.gzip ?? false,
    memory: source.memory ?? false,
    warning: source.warning,
    gapBytes: source.memory ? gaps.memory : source.gapBytes,
    counters,
    slice(start, end, signal) {
      count(end - start);
      return source.slice(start, end, signal);
    },
    readInto(target, start, signal) {
      count(target.length);
      if (source.readInto !== undefined) return source.readInto(target, start, signal);
      return readFully(source, target, start, signal).then(() => target.length);
    },
    close: async () => source.close?.(),
  };
}
