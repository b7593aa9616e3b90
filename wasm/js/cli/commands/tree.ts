/** `torchfile tree`: every key and value, for people as a tree, for programs as rows. */

import type { T7Node } from "../../base/api.js";
import { type Visit, walk } from "../../open/walk.js";
import type { Row } from "../output/rows.js";
import { treeLines } from "../output/tree.js";
import type { Command } from "../session/command.js";
import { exitCode } from "../session/exit.js";
import { locateAll } from "../session/locate.js";
import { count } from "../session/options.js";

const columns = ["path", "kind", "type", "shape", "bytes", "value"];

/** Without offsets and object numbers, so that two listings can be compared. */
function rowOf({ node, path }: Visit): Row {
  return {
    path,
    kind: node.kind,
    type: node.dtype ?? node.typename ?? null,
    shape: node.shape ?? null,
    bytes: node.byteLength ?? null,
    value: cellOf(node),
  };
}

function cellOf({ value, preview, kind }: T7Node) {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
    return value;
  return kind === "tensor" || kind === "object" || kind === "storage" ? null : preview;
}

interface Options {
  depth?: number;
  fold: boolean;
}

export const tree: Command<Options> = {
  name: "tree",
  args: "<file> [path]",
  about: "every key and value below a path",
  options: [
    { flags: "-d, --depth <levels>", about: "levels to show", parse: count },
    { flags: "--no-fold", about: "show every sibling, also where many are alike" },
  ],
  examples: [
    { line: "torchfile tree model.t7 modules[1]", about: "a branch" },
    { line: "torchfile tree model.t7 --plain", about: "one row a value, to compare or to filter" },
  ],
  pathsFrom: 1,
  async run(session, [name, path], options) {
    const file = await session.open(name as string);
    const depth = options.depth ?? Number.POSITIVE_INFINITY;
    const { signal, paint } = session;
    const starts = await locateAll(file, path, signal);
    if (session.form === "text") {
      const how = { depth, fold: options.fold, columns: session.columns, paint, signal };
      for (const start of starts) {
        for await (const line of treeLines(file, start, how)) await session.line(line);
      }
    } else {
      await session.rowsAsTheyCome(columns, async function* () {
        for (const start of starts) {
          for await (const visit of walk(file, start.node, signal, (at) => at.depth < depth)) {
            yield rowOf(visit);
          }
        }
      });
    }
    return file.error ? exitCode.no : exitCode.fine;
  },
};
