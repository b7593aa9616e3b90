/** Every code that the package throws by itself, once; the core's are in tests/core/errors_test.cpp. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, it, vi } from "vitest";
import { memoryLimit } from "../../wasm/js/index/instance.js";
import {
  exportTo,
  LuaTable,
  load,
  open,
  printModule,
  T7Error,
  T7Reader,
  type Tensor,
  toPyTorch,
} from "../../wasm/js/index.node.js";
import { connect, openInWorker } from "../../wasm/js/worker/client.js";
import type { PostedInput } from "../../wasm/js/worker/protocol.js";
import { workerApi } from "../../wasm/js/worker/worker-api.js";
import { Bytes } from "./bytes.js";

const matrix = () => new Bytes().tensor(1, "Float", [2, 2], [2, 1]).float(1, 2, 3, 4).done();
const opened = async () => {
  const file = await open(matrix());
  return { file, root: file.root! };
};
const tensor = async () => (await load(matrix())) as Tensor;

/** A page of a server that has an error for everything. */
async function withServer<T>(status: number, work: (url: URL) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a.t7`));
  } finally {
    server.close();
  }
}

const throwers: Record<string, () => Promise<unknown>> = {
  not_found: () => withServer(404, (url) => load(url)),
  not_a_file: () => load(new URL(".", import.meta.url)),
  source_failed: () =>
    load({
      byteLength: 8,
      slice: () => {
        throw new Error("no");
      },
    }),
  source_short: () => load({ byteLength: 80, slice: () => new Uint8Array(3) }),
  source_changed: () => {
    class Gone extends Blob {
      override slice(): Blob {
        return { arrayBuffer: () => Promise.reject(new Error("gone")) } as Blob;
      }
    }
    return load(new Gone([matrix() as BlobPart]));
  },
  byte_order_mark: () => {
    const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, ...new TextEncoder().encode("1\n0.5\n")]);
    return new Promise((_, reject) => load(bytes, { onWarning: reject }));
  },
  bad_source: () => load(7 as unknown as string),
  more_values: () => {
    const two = new Bytes().number(1).number(2).done();
    return new Promise((_, reject) => load(two, { onWarning: reject }));
  },
  gzip_damaged: () => load(gzipSync(matrix()).subarray(0, 30)),
  not_a_module: async () => {
    const file = await open(new Bytes().table(1, 0).done());
    return printModule(file);
  },
  bad_query: async () => (await opened()).file.find("colour:red").next(),
  bad_network: async () => {
    const file = await open(new Bytes().object(1, "nn.SpatialMaxPooling").table(2, 0).done());
    return toPyTorch(file);
  },
  cyclic_network: async () => {
    const module = new Bytes().object(1, "nn.Sequential").table(2, 1).string("modules");
    const file = await open(module.table(3, 1).number(1).same(4, 1).done());
    return printModule(file);
  },
  not_exportable: async () => {
    const file = await open(new Bytes().table(1, 0).done());
    return exportTo(file, "npy");
  },
  not_json: async () => {
    const table = new LuaTable();
    table.set(1, table);
    return table.toJSON();
  },
  aborted: () => load(matrix(), { signal: AbortSignal.abort() }),
  out_of_memory: async () => {
    memoryLimit.pages = 300;
    try {
      const bytes = new Bytes().table(1, 1).string("k".repeat(40_000_000)).nil();
      return await load(bytes.done());
    } finally {
      memoryLimit.pages = 65536;
    }
  },
  too_large: () => load(gzipSync(matrix()), { maxUnpacked: 5 }),
  too_deep: () => {
    const bytes = new Bytes();
    for (let i = 1; i < 1010; i++) bytes.object(i, "my.Link");
    return load(bytes.done(), { readers: { "my.Link": (reader) => reader.readObject() } });
  },
  worker_failed: async () => {
    const worker = Object.assign(new EventTarget(), { postMessage() {}, terminate() {} });
    const opening = openInWorker(new Uint8Array(8), {}, connect(worker as unknown as Worker));
    worker.dispatchEvent(new Event("error"));
    return opening;
  },
  wasm_unavailable: async () => {
    vi.resetModules();
    const fresh = await import("../../wasm/js/index.js");
    const { platform } = await import("../../wasm/js/source/platform.js");
    platform.wasm = async () => new Response(null, { status: 404 });
    return fresh.load(matrix());
  },
  bad_option: async () => (await tensor()).histogram({ bins: 0 }),
  bad_path: async () => (await opened()).file.node("root[["),
  bad_slice: async () => {
    const { file, root } = await opened();
    return file.read(root, [5]);
  },
  no_node: async () => (await opened()).file.children(99),
  no_value: async () => {
    const file = await open(new Bytes().table(1, 0).done());
    return file.value(file.root!);
  },
  not_a_tensor: async () => {
    const file = await open(new Bytes().nil().done());
    return file.stats(file.root!);
  },
  not_comparable: async () => {
    const bytes = new Bytes().table(1, 2).number(1).tensor(2, "Byte", [1], [1]).raw([1]);
    const file = await open(bytes.number(2).tensor(4, "Char", [1], [1]).raw([1]).done());
    const [a, b] = await file.children(file.root!);
    return file.difference(a, b);
  },
  closed: async () => {
    const reader = await T7Reader.from(matrix());
    reader.close();
    return reader.readInt();
  },
  internal: async () => {
    const outcome = await workerApi.open(1, { url: "no address" } as PostedInput, {}, null);
    throw "error" in outcome ? T7Error.fromJSON(outcome.error) : new Error("it opened");
  },
  // These are the core's codes too, but thrown by the package.
  bad_schema: () => load(matrix(), { schema: "thing" }),
  reader_failed: () =>
    load(new Bytes().object(1, "my.Class").done(), {
      readers: {
        "my.Class": () => {
          throw new Error("no");
        },
      },
    }),
};

it.each(Object.keys(throwers))("%s", async (code) => {
  const error = await throwers[code]().then(
    () => new Error("nothing was thrown"),
    (thrown) => thrown,
  );
  // The class of a module that was loaded anew is another one.
  expect(error.name).toBe("T7Error");
  expect(error.code).toBe(code);
  expect(error.message.length).toBeGreaterThan(10);
  expect(error.message).not.toContain("undefined");
});

it("are all of the type `T7ErrorCode`", () => {
  const text = readFileSync("docs/format.md", "utf8");
  const documented = text.slice(text.indexOf("\n## Errors")).matchAll(/^\| `([a-z0-9_]+)` \|/gm);
  const declared = readFileSync("wasm/js/base/errors.ts", "utf8").matchAll(
    /^ {2}\| "([a-z0-9_]+)"/gm,
  );
  const names = (found: Iterable<RegExpMatchArray>) =>
    [...new Set(Array.from(found, (match) => match[1]))].sort();
  expect(names(declared)).toEqual(names(documented));
});

it("has all codes of the last table of docs/format.md", () => {
  const text = readFileSync("docs/format.md", "utf8");
  const table = text.slice(text.indexOf("**Around the file**"));
  const codes = Array.from(table.matchAll(/^\| `([a-z0-9_]+)` \|/gm), (match) => match[1]);
  expect(codes.length).toBeGreaterThan(15);
  expect(codes.filter((code) => !(code in throwers))).toEqual([]);
});
