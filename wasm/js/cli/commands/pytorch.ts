/** `torchfile pytorch`: a network as PyTorch code that runs, with its weights. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { networksBelow } from "../../nn/nn.js";
import type { T7File } from "../../open/file.js";
import { toPyTorch } from "../../pytorch/to-pytorch.js";
import { oneLine } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locateAll } from "../session/locate.js";
import { checkFree, writeWhole } from "../session/output-file.js";
import { Session } from "../session/session.js";

interface Options {
  output: string;
  force?: boolean;
}

async function* text(value: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(value);
}

/** The one network at a path; without a path the one in the file. */
async function networkAt(session: Session, file: T7File, path: string | undefined) {
  const { signal } = session;
  const networks = [];
  for (const { node } of await locateAll(file, path, signal)) {
    networks.push(...(await networksBelow(file, node, { signal })));
  }
  const [network, ...others] = networks;
  if (network === undefined) {
    throw new UsageError("there is no network", "`torchfile tree` shows what is there.");
  }
  if (others.length > 0) {
    const paths = networks.slice(0, 10).map((each) => each.path);
    throw new UsageError(
      `there are ${networks.length} networks:\n  ${paths.join("\n  ")}`,
      "Give the path of one.",
    );
  }
  return network.node;
}

export const pytorch: Command<Options> = {
  name: "pytorch",
  args: "<file> [path]",
  about: "a network as PyTorch code that runs, with its weights",
  options: [
    {
      flags: "-o, --output <folder>",
      about: "where model.py, weights.safetensors and README.md go",
      default: ".",
    },
    { flags: "--force", about: "overwrite files" },
  ],
  examples: [
    {
      line: "torchfile pytorch model.t7 -o model",
      about: "then in Python: from model.model import load",
    },
  ],
  pathsFrom: 1,
  async run(session, [name, path], { output, force = false }) {
    const file = await session.open(name as string);
    const node = await networkAt(session, file, path);
    const { signal } = session;
    const result = await toPyTorch(file, node, { name: Session.nameOf(name as string), signal });
    const files = {
      "model.py": text(result.model),
      "weights.safetensors": result.weights.chunks,
      "README.md": text(result.readme),
    };
    await mkdir(output, { recursive: true });
    for (const each of Object.keys(files)) await checkFree(join(output, each), force);
    for (const [each, chunks] of Object.entries(files)) {
      await writeWhole(join(output, each), chunks, force);
      session.say(oneLine(join(output, each)));
    }
    for (const { path: at, typename, reason } of result.unsupported) {
      const what = oneLine(
        `${at} is a ${typename}: ${reason}; it raises an error when it is called`,
      );
      session.say(`${session.paint("yellow", "warning:")} ${what}`);
    }
    return exitCode.fine;
  },
};
