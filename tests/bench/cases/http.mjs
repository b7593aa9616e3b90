// VGG-16 over HTTP from a server that answers after 50 ms.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { open } from "../../../dist/index.node.js";
import { input } from "../inputs.mjs";
import { mib, ms, row } from "../measure.mjs";

const latency = 50;
/** Storages of VGG-16 that no read-ahead covers: all weights but the first layer's. */
const largeStorages = 15;

function serve(path) {
  const { size } = statSync(path);
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    setTimeout(() => {
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
      const [start, end] = range === null ? [0, size - 1] : [Number(range[1]), Number(range[2])];
      const headers = { "Accept-Ranges": "bytes", "Content-Length": end - start + 1 };
      if (range !== null) headers["Content-Range"] = `bytes ${start}-${end}/${size}`;
      response.writeHead(range === null ? 200 : 206, headers);
      if (request.method === "HEAD") response.end();
      else createReadStream(path, { start, end }).pipe(response);
    }, latency);
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${server.address().port}/vgg16.t7`;
      resolve({ url, requests: () => requests, close: () => server.close() });
    });
  });
}

export default async function http() {
  const server = await serve(input("vgg16.t7"));
  const start = performance.now();
  const file = await open(server.url);
  const time = performance.now() - start;
  const requests = server.requests();
  const { bytesRead } = file.totals;
  await file.close();
  server.close();
  const against = `${mib(bytesRead)} read, ${ms(latency)} each`;
  return [
    row("open, VGG-16 over HTTP: requests", ms(time), against, requests, {
      atMost: largeStorages + 4,
      unit: "",
    }),
  ];
}
