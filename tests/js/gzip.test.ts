import { gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { T7Error } from "../../wasm/js/base/errors.js";
import { isGzip, unpackGzip } from "../../wasm/js/foreign/gzip.js";
import { toSource } from "../../wasm/js/source/source.js";
import type { Source } from "../../wasm/js/source/source-types.js";
import { failure } from "./failure.js";

/** Bytes that pack badly, so that archives are as long as what they hold. */
function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

async function unpack(packed: Uint8Array, options = {}): Promise<Buffer> {
  const source = await unpackGzip(await toSource(packed), options);
  expect(source.gzip).toBe(true);
  return Buffer.from(await source.slice(0, source.byteLength));
}

/** As browsers have it: more bytes after the first member are an error, and all output is lost. */
class StrictDecompressionStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor() {
    const parts: Uint8Array[] = [];
    super({
      transform: (chunk) => void parts.push(chunk.slice()),
      flush: (controller) => {
        const packed = Buffer.concat(parts);
        const named = (packed[3] & 8) !== 0;
        const header = named ? packed.indexOf(0, 10) + 1 : 10;
        const options = { info: true } as object;
        const { engine } = inflateRawSync(packed.subarray(header), options) as unknown as {
          engine: { bytesWritten: number };
        };
        if (header + engine.bytesWritten + 8 !== packed.length) throw new TypeError("junk found");
        // Checks the CRC too.
        controller.enqueue(gunzipSync(packed));
      },
    });
  }
}

const engines: [string, typeof DecompressionStream | null][] = [
  ["Node", null],
  ["browsers", StrictDecompressionStream as unknown as typeof DecompressionStream],
];

afterEach(() => vi.unstubAllGlobals());

describe.each(engines)("unpackGzip as %s unpack", (_, engine) => {
  const use = () => {
    if (engine !== null) vi.stubGlobal("DecompressionStream", engine);
  };

  it("gives one member", async () => {
    use();
    for (const data of [
      Buffer.alloc(0),
      Buffer.from("torch"),
      noise(3_000_000),
      Buffer.alloc(5e6),
    ]) {
      expect(Buffer.compare(await unpack(gzipSync(data)), data)).toBe(0);
    }
  });

  it("gives several members, empty ones too", async () => {
    use();
    const parts = [noise(70_000), Buffer.alloc(0), noise(1_500_000, 2), Buffer.from("end")];
    const packed = Buffer.concat(parts.map((part) => gzipSync(part)));
    expect(Buffer.compare(await unpack(packed), Buffer.concat(parts))).toBe(0);
  });

  it("gives a hundred members", async () => {
    use();
    const parts = Array.from({ length: 100 }, (_, i) => noise(500 + i, i));
    const packed = Buffer.concat(parts.map((part) => gzipSync(part)));
    expect(Buffer.compare(await unpack(packed), Buffer.concat(parts))).toBe(0);
  });

  it("is not misled by what looks like a member inside one", async () => {
    use();
    const fake = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    const data = Buffer.concat([noise(1000), fake, noise(1000), fake]);
    // Stored, not packed: the fake stands in the archive as it is.
    const stored = gzipSync(data, { level: 0 });
    expect(stored.indexOf(fake, 1)).toBeGreaterThan(0);
    const packed = Buffer.concat([stored, gzipSync(Buffer.from("end"))]);
    expect(Buffer.compare(await unpack(packed), Buffer.concat([data, Buffer.from("end")]))).toBe(0);
  });

  it("finds a member that begins across two pieces", async () => {
    use();
    for (let shift = 0; shift < 4; shift++) {
      const first = gzipSync(noise(2 ** 20 - 40 - shift), { level: 0 });
      const lengthNow = first.length;
      // Fill up with stored bytes so that the next member starts 0 … 3 bytes before the border.
      const wanted = 2 ** 20 + 1 - shift;
      const exact = gzipSync(noise(2 ** 20 - 40 - shift + wanted - lengthNow), { level: 0 });
      expect(exact.length).toBe(wanted);
      const text = (await unpack(Buffer.concat([exact, gzipSync("end")]))).toString("latin1");
      expect(text.endsWith("end")).toBe(true);
    }
  });

  it("finds damage by the checksum, and cuts", async () => {
    use();
    const packed = gzipSync(noise(200_000));
    for (const at of [30, 100_000, packed.length - 6]) {
      const damaged = Buffer.from(packed);
      damaged[at] ^= 1;
      const error = await failure(unpack(damaged));
      expect(error.code).toBe("gzip_damaged");
      expect(error.hint).toContain("gzip -t");
    }
    for (const length of [18, 1000, packed.length - 1]) {
      expect((await failure(unpack(packed.subarray(0, length)))).code).toBe("gzip_damaged");
    }
    const second = Buffer.concat([gzipSync("whole"), packed.subarray(0, 5000)]);
    expect((await failure(unpack(second))).code).toBe("gzip_damaged");
  });

  it("ends soon with members made to mislead", async () => {
    use();
    const fakes = Buffer.from("1f8b080000000000".repeat(20_000), "hex");
    const packed = gzipSync(fakes, { level: 0 });
    packed[packed.length - 8] ^= 1;
    expect((await failure(unpack(packed))).code).toBe("gzip_damaged");
  });

  it("stops at maxUnpacked", async () => {
    use();
    const packed = gzipSync(Buffer.alloc(10_000_000));
    const error = await failure(unpack(packed, { maxUnpacked: 1_000_000 }));
    expect([error.code, error.found]).toEqual(["too_large", "more than 1000000 bytes"]);
    expect((await unpack(packed, { maxUnpacked: 10_000_000 })).length).toBe(10_000_000);
  });

  it("tells how far it is and can be cancelled", async () => {
    use();
    const packed = gzipSync(noise(3_000_000));
    const seen: number[] = [];
    await unpack(packed, { onBytes: (loaded: number) => seen.push(loaded) });
    expect(seen.at(-1)).toBe(3_000_000);
    const controller = new AbortController();
    const onBytes = () => controller.abort();
    const error = await failure(unpack(packed, { onBytes, signal: controller.signal }));
    expect(error.code).toBe("aborted");
  });

  it("passes on what the source below throws", async () => {
    use();
    const packed = gzipSync(noise(3_000_000));
    const source: Source = {
      byteLength: packed.length,
      slice: (start, end) => {
        if (start > 2 ** 20) throw new T7Error("source_failed", "no more");
        return packed.subarray(start, end);
      },
    };
    expect((await failure(unpackGzip(source))).message).toBe("no more");
  });
});

describe("unpackGzip", () => {
  it("gives other sources back as they are", async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), new Uint8Array([0x1f, 0x8b, 8])]) {
      const source = await toSource(bytes);
      expect(await unpackGzip(source)).toBe(source);
    }
    expect(isGzip(new Uint8Array([0x1f, 0x8b]))).toBe(false);
  });

  it("keeps the name", async () => {
    const file = await toSource(new File([gzipSync("torch".repeat(9))], "x.t7.gz"));
    expect((await unpackGzip(file)).name).toBe("x.t7.gz");
  });
});
