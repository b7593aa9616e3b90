import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openHttp } from "../../wasm/js/source/http.js";
import { failure } from "./failure.js";

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) & 255);

/** How the server misbehaves: all false is a good one. */
interface Manners {
  refuseHead: boolean;
  headLength: number | null;
  hideHeaders: boolean;
  ignoreRange: boolean;
  etag: string;
  rangeStatus: number | null;
  shift: number;
  rangeTotal: number | null;
  cutBody: boolean;
  /** Most bytes of a range that are sent. */
  cap: number;
  /** Requests for a range that fail first, with a status or by a broken connection. */
  failures: Array<number | "broken">;
  compressed: boolean;
  hang: boolean;
  data: Uint8Array;
}
const good: Manners = {
  ...{ refuseHead: false, headLength: null, hideHeaders: false, ignoreRange: false },
  ...{ etag: '"one"', rangeStatus: null, shift: 0, rangeTotal: null, cutBody: false, hang: false },
  ...{ cap: 1e9, failures: [], compressed: false },
  data: bytes,
};
let manners = good;
let log: string[] = [];
let server: Server;
let url: string;

function answerRange(range: RegExpExecArray, response: ServerResponse): void {
  const { data, shift, rangeTotal, hideHeaders, cutBody } = manners;
  if (data.length === 0) {
    response.writeHead(416, { "Content-Range": "bytes */0" }).end();
    return;
  }
  const start = Number(range[1]) + shift;
  const last = Math.min(Number(range[2]) + 1 + shift, start + manners.cap);
  const body = data.subarray(start, last);
  const end = start + body.length - 1;
  if (!hideHeaders) {
    response.setHeader("Content-Range", `bytes ${start}-${end}/${rangeTotal ?? data.length}`);
  }
  response.setHeader("Content-Length", body.length);
  response.writeHead(206);
  if (!cutBody) response.end(body);
  else response.write(body.subarray(0, body.length / 2), () => response.destroy());
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  log.push(`${request.method}${range ? ` ${range[1]}-${range[2]}` : ""}`);
  const { data, hideHeaders, etag } = manners;
  if (manners.hang) return;
  if (request.url !== "/x.t7") {
    response.writeHead(404).end("<html>no such page</html>");
    return;
  }
  if (!hideHeaders) {
    response.setHeader("ETag", etag);
    response.setHeader("Accept-Ranges", "bytes");
  }
  if (request.method === "HEAD") {
    response.setHeader("Content-Length", manners.headLength ?? data.length);
    response.writeHead(manners.refuseHead ? 405 : 200).end();
  } else if (range && manners.rangeStatus !== null) {
    response.writeHead(manners.rangeStatus).end();
  } else if (manners.compressed) {
    const body = gzipSync(data);
    response.writeHead(range ? 206 : 200, { "Content-Encoding": "gzip" }).end(body);
  } else if (range && manners.failures.length > 0) {
    const failure_ = manners.failures.shift();
    if (failure_ === "broken") response.destroy();
    else response.writeHead(failure_ as number).end();
  } else if (range && !manners.ignoreRange) {
    answerRange(range, response);
  } else {
    response.setHeader("Content-Length", data.length);
    if (!manners.cutBody) response.end(data);
    else response.write(data.subarray(0, 1000), () => response.destroy());
  }
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.t7`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  manners = good;
  log = [];
});

async function expectReads(source: Awaited<ReturnType<typeof openHttp>>): Promise<void> {
  expect(source.byteLength).toBe(5000);
  expect(Buffer.compare(await source.slice(100, 300), bytes.subarray(100, 300))).toBe(0);
  expect(Buffer.compare(await source.slice(4999, 5000), bytes.subarray(4999))).toBe(0);
  expect((await source.slice(7, 7)).length).toBe(0);
}

describe("the probe ladder", () => {
  it("stops at HEAD when it says everything", async () => {
    await expectReads(await openHttp(url));
    expect(log).toEqual(["HEAD", "GET 100-299", "GET 4999-4999"]);
  });

  it("asks for the first byte when HEAD is refused, silent or says 0", async () => {
    for (const change of [{ refuseHead: true }, { headLength: 0 }]) {
      manners = { ...good, ...change };
      log = [];
      await expectReads(await openHttp(new URL(url)));
      expect(log).toEqual(["HEAD", "GET 0-0", "GET 100-299", "GET 4999-4999"]);
    }
  });

  it("works by ranges when headers are hidden from pages of other origins", async () => {
    manners = { ...good, hideHeaders: true };
    await expectReads(await openHttp(url));
    // The last byte shows that the length is that of what the ranges are of.
    expect(log).toEqual(["HEAD", "GET 0-0", "GET 4999-4999", "GET 100-299", "GET 4999-4999"]);
  });

  it("downloads, with progress, when the server knows no ranges", async () => {
    manners = { ...good, refuseHead: true, ignoreRange: true };
    const seen: [number, number | null][] = [];
    await expectReads(await openHttp(url, { onBytes: (...args) => seen.push(args) }));
    expect(log).toEqual(["HEAD", "GET 0-0"]);
    expect(seen.at(-1)).toEqual([5000, 5000]);
  });

  it("downloads when the length stays unknown", async () => {
    manners = { ...good, refuseHead: true, hideHeaders: true };
    await expectReads(await openHttp(url));
    expect(log).toEqual(["HEAD", "GET 0-0", "GET"]);
  });

  it("downloads when ranges are answered with 416", async () => {
    manners = { ...good, refuseHead: true, rangeStatus: 416 };
    await expectReads(await openHttp(url));
    expect(log).toEqual(["HEAD", "GET 0-0", "GET"]);
  });

  it("gives an empty file", async () => {
    manners = { ...good, data: new Uint8Array(0) };
    expect((await openHttp(url)).byteLength).toBe(0);
  });

  it("reads data: addresses", async () => {
    const source = await openHttp("data:application/octet-stream;base64,AQID");
    expect(Array.from(await source.slice(0, 3))).toEqual([1, 2, 3]);
  });
});

describe("servers that lie", () => {
  it("may send 200 with everything for a range", async () => {
    const source = await openHttp(url);
    manners = { ...good, ignoreRange: true };
    await expectReads(source);
    expect(log).toEqual(["HEAD", "GET 100-299"]);
  });

  it("must not send another length than they said", async () => {
    manners = { ...good, headLength: 6000 };
    const source = await openHttp(url);
    const error = await failure(source.slice(0, 10));
    expect([error.code, error.found, error.expected]).toEqual([
      ...["source_changed", "5000 bytes", "6000 bytes"],
    ]);
    manners = { ...good, headLength: 6000, ignoreRange: true };
    expect((await failure(source.slice(0, 10))).code).toBe("source_changed");
  });

  it("must not send another part", async () => {
    const source = await openHttp(url);
    manners = { ...good, shift: 5 };
    expect((await failure(source.slice(0, 10))).code).toBe("source_failed");
    manners = { ...good, hideHeaders: true };
    const cut = await failure(source.slice(4990, 5010));
    expect([cut.code, cut.offset, cut.found]).toEqual(["source_short", 4990, "10 bytes"]);
  });

  it("that cut the connection are named", async () => {
    const source = await openHttp(url);
    manners = { ...good, cutBody: true };
    const error = await failure(source.slice(100, 200));
    expect([error.code, error.hint]).toEqual(["source_failed", "Try again."]);
    expect(error.message).toMatch(/broke at byte 1\d\d/);
    manners = { ...good, cutBody: true, refuseHead: true, ignoreRange: true };
    expect((await failure(openHttp(url))).code).toBe("source_failed");
  });
});

describe("a file that changes", () => {
  it("is noticed by its strong ETag", async () => {
    const source = await openHttp(url);
    await source.slice(0, 10);
    manners = { ...good, etag: '"two"' };
    const error = await failure(source.slice(0, 10));
    expect([error.code, error.found]).toEqual(["source_changed", 'ETag "two"']);
    expect(error.hint).toContain("Open it again");
  });

  it("is not suspected because of a weak one", async () => {
    const source = await openHttp(url);
    manners = { ...good, etag: 'W/"two"' };
    expect((await source.slice(0, 10)).length).toBe(10);
  });

  it("is noticed by its length and by 416", async () => {
    const source = await openHttp(url);
    manners = { ...good, rangeTotal: 4000 };
    expect((await failure(source.slice(0, 10))).code).toBe("source_changed");
    manners = { ...good, rangeStatus: 416 };
    expect((await failure(source.slice(0, 10))).code).toBe("source_changed");
  });
});

describe("errors", () => {
  it("name the status", async () => {
    const missing = await failure(openHttp(url.replace("x.t7", "y.t7")));
    expect([missing.code, missing.found]).toEqual(["not_found", "HTTP status 404"]);
    const source = await openHttp(url);
    manners = { ...good, rangeStatus: 503 };
    const busy = await failure(source.slice(0, 1));
    expect([busy.code, busy.found]).toEqual(["source_failed", "HTTP status 503"]);
  });

  it("explain a server that cannot be reached", async () => {
    const error = await failure(openHttp("http://127.0.0.1:1/x.t7"));
    expect(error.code).toBe("source_failed");
    expect(error.hint).toContain("Download the file");
  });

  it("say aborted at every stage", async () => {
    const abortSoon = () => AbortSignal.timeout(20);
    const source = await openHttp(url);
    manners = { ...good, hang: true };
    expect((await failure(openHttp(url, { signal: abortSoon() }))).code).toBe("aborted");
    expect((await failure(source.slice(0, 5, abortSoon()))).code).toBe("aborted");
  });
});

describe("a server in a bad mood", () => {
  it("that sends less of a range than it was asked for is asked again", async () => {
    manners = { ...good, cap: 90 };
    await expectReads(await openHttp(url));
    expect(log).toContain("GET 190-299");
  });

  it.each([[[500]], [["broken"]], [[503, "broken"]]])(
    "that fails in passing (%j) is tried again",
    async (failures) => {
      const source = await openHttp(url);
      manners = { ...good, failures: failures as Array<number | "broken"> };
      await expectReads(source);
    },
  );

  it("that goes on failing is given up", async () => {
    const source = await openHttp(url);
    manners = { ...good, failures: [500, 500, 500, 500] };
    expect((await failure(source.slice(0, 10))).code).toBe("source_failed");
    expect(log.length).toBe(4);
  });

  it.each([403, 501])("that answers %i to every range is read whole", async (rangeStatus) => {
    manners = { ...good, refuseHead: true, rangeStatus };
    await expectReads(await openHttp(url));
    expect(log.at(-1)).toBe("GET");
  });

  it("that compresses what it sends is read whole", async () => {
    manners = { ...good, compressed: true, refuseHead: true };
    await expectReads(await openHttp(url));
  });
});
