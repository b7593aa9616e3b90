/** `torchfile print`: a network as Torch prints it. */

import { networksBelow, printModule } from "../../nn/nn.js";
import { manyLines } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locateAll } from "../session/locate.js";

export const print: Command = {
  name: "print",
  args: "<file> [path]",
  about: "networks as Torch prints them",
  options: [],
  examples: [
    { line: "torchfile print model.t7", about: "every network in the file" },
    { line: "torchfile print model.t7 modules[1]", about: "a part of one" },
  ],
  pathsFrom: 1,
  async run(session, [name, path]) {
    const file = await session.open(name as string);
    const { signal } = session;
    const networks = [];
    for (const { node } of await locateAll(file, path, signal)) {
      networks.push(...(await networksBelow(file, node, { signal })));
    }
    if (networks.length === 0) {
      throw new UsageError("there is no network", "`torchfile tree` shows what is there.");
    }
    const rows = [];
    for (const { path: at, node } of networks) {
      rows.push({ path: at, text: await printModule(file, node, { signal }) });
    }
    if (session.form !== "text") {
      await session.rows(rows, ["path", "text"]);
      return exitCode.fine;
    }
    for (const { path: at, text } of rows) {
      if (rows.length > 1) await session.line(session.paint("dim", `${at}:`));
      await session.line(manyLines(text));
    }
    return exitCode.fine;
  },
};
