/** For `torchfile/inline`, which has core and worker inside: deflated, in base64. */

import { T7Error } from "../base/errors.js";
import { connect, openInWorker, type T7Worker } from "./client.js";

export async function unpack(text: string): Promise<ArrayBuffer> {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).arrayBuffer();
}

/** `openInWorker` whose worker is started from a script of its own. */
export function openerOf(script: string, wasm: string): typeof openInWorker {
  let started: Promise<T7Worker> | undefined;
  const start = async (): Promise<T7Worker> => {
    const [text, core] = await Promise.all([unpack(script), unpack(wasm)]);
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return connect(new Worker(address), { wasm: core });
  };
  return async (input, options, own) => {
    if (own !== undefined) return openInWorker(input, options, own);
    started ??= start();
    const worker = started;
    try {
      return await openInWorker(input, options, await worker);
    } catch (error) {
      // The next call starts another one.
      const isAlive = error instanceof T7Error && error.code !== "worker_failed";
      if (!isAlive && started === worker) started = undefined;
      throw error;
    }
  };
}
