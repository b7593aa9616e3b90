/** For `open`: how a source is read while the file is looked at, and how much of it was read. */

import { type CacheOptions, cached, type SourceCounters } from "./cache.js";
import { readFully, type Source } from "./reading.js";

/** A source with counters of what was really asked of it. */
export interface MeteredSource extends Source {
  readonly counters: SourceCounters;
}

/** What a request may cost more than it brings: from here on a source is far away. */
const farGap = 2 ** 17;

/** In memory a read costs about as much as copying this. */
const memoryGap = 2 ** 10;

/** Requests cost: few of them, and what lies around is kept. */
const far: CacheOptions = { blockBytes: 2 ** 14, minReadAhead: 2 ** 16 };
/** Bytes cost: small blocks; what is large is not kept. */
const near: CacheOptions = { blockBytes: 2 ** 10, maxBytes: 2 ** 22, maxReadAhead: 2 ** 16 };

/** Gives a source a cache, unless it is memory. Closing it closes `source`. */
export function metered(source: Source): MeteredSource {
  if (source.memory) return counted(source);
  return cached(source, (source.gapBytes ?? 0) >= farGap ? far : near);
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
    memory: true,
    gapBytes: memoryGap,
    counters,
    slice(start, end, signal) {
      count(end - start);
      return source.slice(start, end, signal);
    },
    async readInto(target, start, signal) {
      await readFully(source, target, start, signal);
      count(target.length);
      return target.length;
    },
    close: async () => source.close?.(),
  };
}
