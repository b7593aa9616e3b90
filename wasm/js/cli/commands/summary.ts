/** `torchfile FILE`: what it is, how much is in it, and the first levels of its tree. */

import type { T7File } from "../../open/file.js";
import { bytes, counted } from "../output/numbers.js";
import { oneLine } from "../output/terminal.js";
import { treeLines } from "../output/tree.js";
import type { Command } from "../session/command.js";
import { exitCode } from "../session/exit.js";
import { Session } from "../session/session.js";

/** Levels of the tree that are shown. */
const DEPTH = 3;

/** `Torch7 binary · little endian · 8-byte longs` */
function formatText({ format }: T7File): string {
  const parts = [`Torch7 ${format.encoding}`];
  if (format.byteOrder) parts.push(`${format.byteOrder} endian`);
  if (format.longSize) parts.push(`${format.longSize}-byte longs`);
  if (format.gzip) parts.push("gzip");
  return parts.join(" · ");
}

function contentText({ totals, roots }: T7File): string {
  const parts = [];
  if (roots.length !== 1) parts.push(counted(roots.length, "top-level value"));
  parts.push(counted(totals.objects, "object"));
  if (totals.tensors > 0) parts.push(counted(totals.tensors, "tensor"));
  if (totals.storages > 0) {
    parts.push(`${counted(totals.storages, "storage")} of ${bytes(totals.storageBytes)}`);
  }
  return parts.join(" · ");
}

export const summary: Command = {
  name: "summary",
  args: "<file>",
  about: "what is in a file, at a glance (the default)",
  options: [],
  examples: [{ line: "torchfile model.t7", about: "" }],
  async run(session, [name]) {
    const file = await session.open(name as string);
    const { format, roots, warnings, error } = file;
    if (session.form === "json" || session.form === "jsonl") {
      const facts = { file: name, format, totals: file.totals, roots, warnings, error };
      await session.document(facts, () => []);
      return error ? exitCode.no : exitCode.fine;
    }
    const { paint } = session;
    const size = bytes(file.totals.byteLength);
    await session.line(
      `${paint("bold", Session.nameOf(name as string))}  ${size}   ${formatText(file)}`,
    );
    await session.line(contentText(file));
    for (const node of roots) {
      const start = { node, path: await file.path(node), depth: 0 };
      const options = {
        depth: DEPTH,
        fold: true,
        columns: session.columns,
        paint,
        signal: session.signal,
      };
      for await (const line of treeLines(file, start, options)) await session.line(line);
    }
    if (error) await session.line(paint("red", `damaged: ${oneLine(error.message)}`));
    return error ? exitCode.no : exitCode.fine;
  },
};
