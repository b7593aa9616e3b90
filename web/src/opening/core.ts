/** The worker that reads files. The page that is one file carries it inside; elsewhere it lies beside the page. */

import { connect, type T7Worker } from "../../../wasm/js/worker/client.js";

/** Is this `torchfile.html`? Nothing lies beside it, and it asks the network for nothing. */
export const isOneFile = import.meta.env.MODE === "one-file";

let unpacked: Promise<T7Worker> | undefined;

/** The worker of the one-file page, started when it is first needed; elsewhere the standard one. */
export function ownWorker(): Promise<T7Worker | undefined> {
  if (!isOneFile) return Promise.resolve(undefined);
  unpacked ??= unpack();
  return unpacked;
}

async function unpack(): Promise<T7Worker> {
  const [script, wasm] = await Promise.all([part("worker"), part("wasm")]);
  // A classic script: from a page opened as a local file no module worker starts.
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return connect(new Worker(address), { wasm });
}

/** A part of the page that is no script: deflated, in base64 (`.ci/one-file.mjs`). */
async function part(id: string): Promise<ArrayBuffer> {
  const text = document.getElementById(id)?.textContent ?? "";
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).arrayBuffer();
}
