/** `torchfile export`: a value in another format. */

import { extname } from "node:path";
import { type ExportFormat, exportFormats, exportTo } from "../../export/export.js";
import { bytes } from "../output/numbers.js";
import { oneLine } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locate } from "../session/locate.js";
import { checkFree, writeWhole } from "../session/output-file.js";

interface Options {
  output: string;
  format?: ExportFormat;
  force?: boolean;
  copies?: boolean;
  simple?: boolean;
}

const names = exportFormats.join(", ");

/** What was asked for, or what the name says. */
function formatOf({ output, format }: Options): ExportFormat {
  if (format !== undefined) return format;
  const ending = extname(output).slice(1).toLowerCase();
  const known = exportFormats.find((name) => name === ending);
  if (known !== undefined) return known;
  throw new UsageError(
    `the name ${output} tells no format`,
    `--format gives it, or an ending: ${names}.`,
  );
}

export const exportCommand: Command<Options> = {
  name: "export",
  args: "<file> [path]",
  about: "a value in another format",
  options: [
    {
      flags: "-o, --output <name>",
      about: "file to write, or - for standard output",
      default: "-",
    },
    {
      flags: "-f, --format <format>",
      about: "where the name does not tell",
      choices: exportFormats,
    },
    { flags: "--force", about: "overwrite a file" },
    { flags: "--copies", about: "npz, safetensors: shared elements in full each time" },
    { flags: "--simple", about: "json: for people, not to be read back" },
  ],
  examples: [
    { line: "torchfile export model.t7 -o model.safetensors", about: "all tensors" },
    { line: "torchfile export model.t7 modules[1].weight -o weight.npy", about: "one of them" },
    { line: "torchfile export data.t7 labels -f csv | head", about: "to standard output" },
  ],
  pathsFrom: 1,
  async run(session, [name, path], options) {
    const { output, force = false, copies, simple } = options;
    const format = formatOf(options);
    const toFile = output !== "-";
    if (toFile) await checkFree(output, force);
    const isText = ["json", "jsonl", "csv", "tsv", "txt"].includes(format);
    if (!toFile && !isText && session.isTerminal) {
      throw new UsageError(`${format} is not for a terminal`, "-o NAME writes it to a file.");
    }
    const file = await session.open(name as string);
    const { signal } = session;
    const value = path === undefined ? undefined : (await locate(file, path, signal)).path;
    const onProgress = ({ done, total }: { done: number; total: number | null }) =>
      session.progress(done, total ?? 0, "written");
    const result = await exportTo(file, format, value, { copies, simple, signal, onProgress });
    if (toFile) {
      const written = await writeWhole(output, result.chunks, force);
      session.say(`${oneLine(output)}  ${bytes(written)}`);
    } else {
      for await (const chunk of result.chunks) await session.write(chunk);
    }
    return exitCode.fine;
  },
};
