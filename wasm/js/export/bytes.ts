/** A string, a dump or bytes as they are. */

import { type Export, type ExportOptions, notExportable, type Subject } from "./export-types.js";

async function* chunks(
  { file, node }: Subject,
  { signal }: ExportOptions,
): AsyncGenerator<Uint8Array> {
  const value = await file.value(node, { signal });
  yield value instanceof Uint8Array ? value : new TextEncoder().encode(String(value));
}

export function text(subject: Subject, options: ExportOptions): Export {
  const { kind, byteLength = null } = subject.node;
  if (kind !== "string" && kind !== "bytes" && kind !== "function") {
    throw notExportable(subject, "txt", "a string");
  }
  return {
    extension: "txt",
    mime: kind === "string" ? "text/plain" : "application/octet-stream",
    byteLength,
    chunks: chunks(subject, options),
  };
}
