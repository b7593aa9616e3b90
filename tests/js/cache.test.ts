import { describe, expect, it } from "vitest";
import { T7Error } from "../../wasm/js/base/errors.js";
import { cached } from "../../wasm/js/source/cache.js";
import type { Source } from "../../wasm/js/source/source-types.js";

const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => (i * 13) & 255);

/** A source that writes down what it is asked, and answers later. */
class Slow implements Source {
  asked: string[] = [];
  closed = 0;
  fail: T7Error | null = null;
  byteLength = bytes.length;
  name = "slow";
  async slice(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.asked.push(`${start}-${end}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (signal?.aborted) throw new T7Error("aborted", "reading was cancelled");
    if (this.fail) throw this.fail;
    return bytes.slice(start, end);
  }
  async close(): Promise<void> {
    this.closed++;
  }
}

const small = { blockBytes: 100, maxBytes: 1000, maxReadAhead: 400 };

describe("cached", () => {
  it("gives the same bytes for random reads", async () => {
    const cache = cached(new Slow(), small);
    let seed = 1;
    const random = (n: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % n;
    };
    for (let i = 0; i < 300; i++) {
      const start = random(10_000);
      const end = Math.min(10_000, start + random(i % 10 === 0 ? 2000 : 300));
      const expected = bytes.subarray(start, end);
      if (i % 2) expect(Buffer.compare(await cache.slice(start, end), expected)).toBe(0);
      else {
        const target = new Uint8Array(end - start);
        expect(await cache.readInto(target, start)).toBe(end - start);
        expect(Buffer.compare(target, expected)).toBe(0);
      }
    }
  });

  it("reads 2, 4, 8 … blocks while misses continue each other, and one after a jump", async () => {
    const source = new Slow();
    const cache = cached(source, small);
    for (let at = 0; at < 2000; at += 50) await cache.slice(at, at + 50);
    expect(source.asked).toEqual([
      ...["0-200", "200-600", "600-1000", "1000-1400", "1400-1800", "1800-2200"],
    ]);
    source.asked = [];
    await cache.slice(7010, 7020);
    await cache.slice(5010, 5020);
    await cache.slice(5110, 5120);
    await cache.slice(9990, 10_000);
    expect(source.asked).toEqual(["7000-7100", "5000-5100", "5100-5300", "9900-10000"]);
    expect(cache.counters).toEqual({ requests: 10, bytes: 2200 + 500 });
  });

  it("answers at once, without a promise, what it has", async () => {
    const cache = cached(new Slow(), small);
    await cache.slice(0, 10);
    expect(cache.slice(20, 30)).toEqual(bytes.subarray(20, 30));
    expect(cache.counters.requests).toBe(1);
  });

  it("lets reads larger than its window pass by in one request", async () => {
    const source = new Slow();
    const cache = cached(source, small);
    await cache.slice(50, 5050);
    await cache.slice(50, 60);
    expect(source.asked).toEqual(["50-5050", "0-200"]);
  });

  it("reads all missing blocks of one request together, but not those it has", async () => {
    const source = new Slow();
    const cache = cached(source, small);
    await cache.slice(3000, 3010);
    source.asked = [];
    await cache.slice(2750, 3150);
    expect(source.asked).toEqual(["2700-3000", "3100-3200"]);
  });

  it("keeps at most maxBytes, and the latest used", async () => {
    const source = new Slow();
    const cache = cached(source, { ...small, maxBytes: 300 });
    for (const block of [10, 30, 50]) await cache.slice(block * 100, block * 100 + 1);
    await cache.slice(1000, 1001);
    await cache.slice(7000, 7001);
    source.asked = [];
    for (const block of [10, 50, 70]) await cache.slice(block * 100, block * 100 + 1);
    expect(source.asked).toEqual([]);
    await cache.slice(3000, 3001);
    expect(source.asked).toEqual(["3000-3100"]);
  });

  it("asks once when two read the same", async () => {
    const source = new Slow();
    const cache = cached(source, small);
    const [a, b] = await Promise.all([cache.slice(500, 520), cache.slice(510, 530)]);
    expect(Buffer.compare(a, bytes.subarray(500, 520))).toBe(0);
    expect(Buffer.compare(b, bytes.subarray(510, 530))).toBe(0);
    expect(source.asked).toEqual(["500-600"]);
  });

  it("does not fail one reader because another was cancelled", async () => {
    const source = new Slow();
    const cache = cached(source, small);
    const controller = new AbortController();
    const first = cache.slice(500, 520, controller.signal) as Promise<Uint8Array>;
    const second = cache.slice(500, 520);
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: "aborted" });
    expect((await second).length).toBe(20);
    expect(source.asked.length).toBe(2);
  });

  it("does not remember failures, nor reads of the wrong length", async () => {
    const source = new Slow();
    const cache = cached(source, small);
    source.fail = new T7Error("source_failed", "no");
    const both = [cache.slice(0, 10), cache.slice(0, 10)];
    for (const read of both) await expect(read).rejects.toMatchObject({ code: "source_failed" });
    source.fail = null;
    expect((await cache.slice(0, 10)).length).toBe(10);
    source.slice = async () => new Uint8Array(3);
    await expect(cache.slice(900, 910)).rejects.toMatchObject({ code: "source_short" });
    expect(() => cache.slice(9990, 10_001)).toThrow("outside the source");
  });

  it("closes what it reads from", async () => {
    const source = new Slow();
    const cache = cached(source);
    expect([cache.name, cache.byteLength, cache.gzip]).toEqual(["slow", 10_000, false]);
    await cache.close();
    expect(source.closed).toBe(1);
  });
});
