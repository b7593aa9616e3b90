/** `torchfile find`: where something is. */

import { describe } from "../output/describe.js";
import { oneLine } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode } from "../session/exit.js";

const columns = ["path", "kind", "type", "shape", "bytes", "preview"];

export const find: Command = {
  name: "find",
  args: "<file> <query...>",
  about: "keys, classes, values, shapes in the whole file; exit code 1 if there are none",
  options: [],
  examples: [
    { line: "torchfile find model.t7 weight", about: "a key, a class or a string" },
    { line: "torchfile find model.t7 dtype:float32 'shape:64x*'", about: "all terms must hold" },
    {
      line: "torchfile find model.t7 'size>1M' -- -key:gradWeight",
      about: "large, and no gradient",
    },
  ],
  async run(session, [name, ...terms]) {
    const file = await session.open(name as string);
    const { signal, paint } = session;
    let count = 0;
    const hits = async function* () {
      for await (const node of file.find(terms.join(" "), { signal })) {
        count++;
        yield { node, path: await file.path(node) };
      }
    };
    if (session.form === "text") {
      for await (const { node, path } of hits()) {
        await session.line(`${oneLine(path)}  ${paint("dim", describe(node))}`);
      }
    } else {
      await session.rowsAsTheyCome(columns, async function* () {
        for await (const { node, path } of hits()) {
          yield {
            path,
            kind: node.kind,
            type: node.dtype ?? node.typename ?? null,
            shape: node.shape ?? null,
            bytes: node.byteLength ?? null,
            preview: node.preview,
          };
        }
      });
    }
    return count > 0 ? exitCode.fine : exitCode.no;
  },
};
