/** The two ways to hold an open file: in this thread, and behind a worker's message channel. */

import { MessageChannel } from "node:worker_threads";
import { expose, wrap } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import type { OpenOptions, T7FileApi } from "../../wasm/js/base/api.js";
import { open } from "../../wasm/js/index.node.js";
import { openInWorker, type T7Worker } from "../../wasm/js/worker/client.js";
import type { WorkerApi } from "../../wasm/js/worker/protocol.js";
import { workerApi } from "../../wasm/js/worker/worker-api.js";

/** Messages really are cloned and moved; only the second thread is missing. */
function channel() {
  const { port1, port2 } = new MessageChannel();
  expose(workerApi, nodeEndpoint(port1));
  port1.unref();
  port2.unref();
  // As `connect` makes it of a worker, which Node has none of: a port that never fails.
  const api = wrap<WorkerApi>(nodeEndpoint(port2));
  return { api, failure: new Promise<never>(() => {}) } as unknown as T7Worker;
}

const worker = channel();

export type Opener = (input: Uint8Array | URL | Blob, options?: OpenOptions) => Promise<T7FileApi>;

export const handles: Record<string, Opener> = {
  "in this thread": (input, options) => open(input, options),
  "behind a worker": (input, options) =>
    openInWorker(input instanceof Uint8Array ? new Uint8Array(input) : input, options, worker),
};
