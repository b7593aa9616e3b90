/** A web server for one file, which counts, waits, and misbehaves while the file is read. */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to a request for a range. */
export type Answer =
  | "good"
  | "hang"
  | "cut"
  | "short"
  | "long"
  | "whole"
  | "gone"
  | "fails"
  | "other etag"
  | "other length"
  | "other part";

export interface RangeServer {
  url: URL;
  /** `HEAD`, `GET 0-99`, `GET` in the order they came. */
  readonly log: string[];
  /** Bytes of bodies that were sent. */
  bytes: number;
  /** Asked for each range. */
  answer: (start: number, end: number) => Answer;
  /** Before every answer. */
  latencyMs: number;
  close(): Promise<void>;
}

/** Where the bytes of the file come from. */
interface Content {
  byteLength: number;
  read(start: number, end: number): Buffer;
  close(): void;
}

function contentOf(file: Uint8Array | string): Content {
  if (typeof file !== "string") {
    const read = (start: number, end: number) => Buffer.from(file.subarray(start, end));
    return { byteLength: file.length, read, close: () => {} };
  }
  const fd = openSync(file, "r");
  return {
    byteLength: statSync(file).size,
    read(start, end) {
      const buffer = Buffer.alloc(end - start);
      return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, start));
    },
    close: () => closeSync(fd),
  };
}

/** Serves bytes, or the file at a path. */
export async function serveRanges(file: Uint8Array | string): Promise<RangeServer> {
  const content = contentOf(file);
  const server = createServer(async (request, response) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    state.log.push(`${request.method}${range ? ` ${range[1]}-${range[2]}` : ""}`);
    if (state.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, state.latencyMs));
    response.setHeader("ETag", '"one"');
    response.setHeader("Accept-Ranges", "bytes");
    if (request.method === "HEAD") {
      response.setHeader("Content-Length", content.byteLength);
      response.end();
    } else if (range !== null) {
      sendRange(response, Number(range[1]), Number(range[2]) + 1);
    } else send(response, 200, content.read(0, content.byteLength));
  });

  function send(response: ServerResponse, status: number, body: Buffer): void {
    state.bytes += body.length;
    response.setHeader("Content-Length", body.length);
    response.writeHead(status).end(body);
  }

  function sendRange(response: ServerResponse, start: number, end: number): void {
    const answer = state.answer(start, end);
    if (answer === "hang") return;
    const whole = answer === "whole";
    if (answer === "other etag") response.setHeader("ETag", '"two"');
    const from = answer === "other part" ? start + 1 : start;
    const total = content.byteLength + (answer === "other length" ? 1 : 0);
    if (!whole) response.setHeader("Content-Range", `bytes ${from}-${end - 1}/${total}`);
    const body = whole ? content.read(0, content.byteLength) : content.read(start, end);
    if (answer === "gone") send(response, 416, Buffer.alloc(0));
    else if (answer === "fails") send(response, 503, Buffer.alloc(0));
    else if (answer === "short") send(response, 206, body.subarray(0, body.length / 2));
    else if (answer === "long") send(response, 206, Buffer.concat([body, Buffer.alloc(1e5)]));
    else if (answer === "cut") sendHalf(response, body);
    else send(response, whole ? 200 : 206, body);
  }

  function sendHalf(response: ServerResponse, body: Buffer): void {
    response.setHeader("Content-Length", body.length);
    response.writeHead(206);
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const state: RangeServer = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x.t7`),
    log: [],
    bytes: 0,
    answer: () => "good",
    latencyMs: 0,
    close() {
      content.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return state;
}
