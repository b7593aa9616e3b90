/** `torchfile view`: the page with a file in it, served to this computer alone. */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { open as openFile, readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { oneLine } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { count } from "../session/options.js";

interface Options {
  port: number;
  open: boolean;
}

/** Beside the bundle that this is part of. */
const page = fileURLToPath(new URL("../page/", import.meta.url));

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** `bytes=0-99` of a file of `size` bytes; `null` where it asks for nothing that is there. */
export function rangeOf(
  header: string | undefined,
  size: number,
): [from: number, to: number] | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return [0, size - 1];
  const [first, last] = [match[1] as string, match[2] as string];
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size - 1 : Math.min(size - 1, Number(last));
  return from <= to ? [from, to] : null;
}

async function sendFile(path: string, request: IncomingMessage, response: ServerResponse) {
  const { size, mtimeMs } = await stat(path);
  const range = size === 0 ? null : rangeOf(request.headers.range, size);
  const head = {
    "accept-ranges": "bytes",
    etag: `"${size}-${mtimeMs}"`,
    "cache-control": "no-store",
  };
  if (range === null) {
    response
      .writeHead(size === 0 ? 200 : 416, { ...head, "content-range": `bytes */${size}` })
      .end();
    return;
  }
  const [from, to] = range;
  const isPart = request.headers.range !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    ...head,
    "content-type": "application/octet-stream",
    "content-length": to - from + 1,
    ...(isPart && { "content-range": `bytes ${from}-${to}/${size}` }),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const stream = createReadStream(path, { start: from, end: to });
  stream.on("error", () => response.destroy());
  stream.pipe(response);
}

/** A file of the page: no other folder can be reached by its name. */
async function sendPage(path: string, response: ServerResponse) {
  const name = path === "/" ? "index.html" : path.slice(1);
  if (!/^(assets\/)?[\w.-]+$/.test(name) || name.includes("..")) throw new Error("no such file");
  const body = await readFile(join(page, name));
  response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" });
  response.end(body);
}

/** Pages of other hosts must not read the file by a name that leads here. */
const isOwn = (host: string | undefined) => /^(127\.0\.0\.1|localhost):\d+$/.test(host ?? "");

function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", address]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", address]
        : ["xdg-open", address];
  const child = spawn(command as string, args, { stdio: "ignore", detached: true });
  child.on("error", () => {}); // The address has been said.
  child.unref();
}

export const view: Command<Options> = {
  name: "view",
  args: "<file>",
  about: "the file in the browser; nothing leaves this computer",
  options: [
    {
      flags: "--port <number>",
      about: "of the server; a free one unless told",
      parse: count,
      default: 0,
    },
    { flags: "--no-open", about: "only say the address" },
  ],
  examples: [{ line: "torchfile view model.t7", about: "" }],
  async run(session, [name], { port, open }) {
    const path = name as string;
    if (path === "-" || /^https?:/.test(path)) {
      throw new UsageError(
        "view takes a file of this computer",
        "Open an address on the page itself.",
      );
    }
    const handle = await openFile(path, "r").catch((error) => {
      throw new UsageError(
        `cannot read ${path}: ${error.message}`,
        "Check the name and the folder.",
      );
    });
    await handle.close();
    const secret = `/${randomBytes(12).toString("hex")}/${encodeURIComponent(basename(path))}`;
    const server = createServer((request, response) => {
      const wanted = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
      const answer = !isOwn(request.headers.host)
        ? Promise.reject(new Error("another host"))
        : wanted === secret
          ? sendFile(path, request, response)
          : sendPage(wanted, response);
      answer.catch(() => {
        if (!response.headersSent) response.writeHead(404);
        response.end();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const address = `${base}/?url=${encodeURIComponent(base + secret)}`;
    await session.line(address);
    session.say(`${oneLine(path)} is shown there until Ctrl+C.`);
    if (open) openBrowser(address);
    if (!session.signal.aborted) {
      await new Promise((resolve) =>
        session.signal.addEventListener("abort", resolve, { once: true }),
      );
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return exitCode.fine;
  },
};
