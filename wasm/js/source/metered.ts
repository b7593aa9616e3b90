/** For `open`: how a source is read while the file is looked at, and how much of it was read. */

import { type CacheOptions, cached, type SourceCounters } from "./cache.js";
import { readFully, type Source } from "./source-types.js";

/** A source with counters of what was really asked of it. */
export interface MeteredSource extends Source {
  readonly counters: SourceCounters;
}

/** Up to here a source is as good as memory: the system keeps what was read. */
const localGap = 2 ** 13;
/** What a request may cost more than it brings: from here on a source is far away. */
const farGap = 2 ** 17;

/** In memory a read costs about as much as copying this. */
const memoryGap = 2 ** 10;

/** Requests cost: few of them, and what lies around is kept. */
const far: CacheOptions = { blockBytes: 2 ** 14, minReadAhead: 2 ** 16 };
/** Bytes cost: small blocks; what is large is not kept. */
const near: CacheOptions = { blockBytes: 2 ** 10, maxBytes: 2 ** 22, maxReadAhead: 2 ** 16 };

/** Gives a source a cache, if reading costs more than looking into one. Closing it closes `source`. */
export function metered(source: Source): MeteredSource {
  const { gapBytes = farGap / 2 } = source;
  if (source.memory || gapBytes <= localGap) return counted(source);
  return cached(source, gapBytes >= farGap ? far : near);
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
    gapBytes: source.memory ? memoryGap : source.gapBytes,
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
