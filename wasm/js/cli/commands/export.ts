/** `torchfile export`: a value in another format. */

import { mkdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { type ExportFormat, exportFormats, exportTo } from "../../export/export.js";
import { bytes } from "../output/numbers.js";
import { oneLine } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locate } from "../session/locate.js";
import { checkFree, writeWhole } from "../session/output-file.js";
import type { Session } from "../session/session.js";

interface Options {
  output: string;
  format?: ExportFormat;
  force?: boolean;
  copies?: boolean;
  simple?: boolean;
}

const names = exportFormats.join(", ");

/** Endings of picture files that are in a file as they are. */
const pictures = ["jpg", "jpeg", "gif", "webp", "bmp"];

/** What was asked for, or what the name says. */
function formatOf({ output, format }: Options): ExportFormat {
  if (format !== undefined) return format;
  const ending = extname(output).slice(1).toLowerCase();
  if (output.endsWith("/")) return "png";
  if (pictures.includes(ending)) return "picture";
  const known = exportFormats.find((name) => name === ending);
  if (known !== undefined) return known;
  throw new UsageError(
    `the name ${output} tells no format`,
    `--format gives it, or an ending: ${names}, ${pictures.join(", ")}; FOLDER/ is for the images of a batch.`,
  );
}

export const exportCommand: Command<Options> = {
  name: "export",
  args: "<file> [path]",
  about: "a value in another format",
  options: [
    {
      flags: "-o, --output <name>",
      about: "file to write, FOLDER/ for the images of a batch, or - for standard output",
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
    { line: "torchfile export data.t7 images -o images/", about: "a PNG each" },
    { line: "torchfile export data.t7 [3].jpeg -o photo.jpg", about: "bytes that are a JPEG" },
  ],
  pathsFrom: 1,
  async run(session, [name, path], options) {
    const { output, force = false, copies, simple } = options;
    const format = formatOf(options);
    if (output.endsWith("/")) return exportImages(session, name as string, path, options);
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

/** Images of a batch that are written at most: more files make a folder that nobody can use. */
const mostImages = 1_000_000;

/** One PNG for each image of a batch, numbered from 1 as Torch counts. */
async function exportImages(
  session: Session,
  name: string,
  path: string | undefined,
  { output, format = "png", force = false }: Options,
): Promise<number> {
  if (format !== "png") throw new UsageError(`a folder is for png, not for ${format}`, "");
  const file = await session.open(name);
  const { signal } = session;
  const { node, path: at } = await locate(file, path ?? "root", signal);
  const count = node.shape?.[0] ?? 0;
  // Says what is no batch, before a folder is made.
  await exportTo(file, "png", at, { image: 0, signal });
  if (count > mostImages) {
    throw new UsageError(`${count} images are too many for one folder`, "Export a part of them.");
  }
  await mkdir(output, { recursive: true });
  const digits = String(count).length;
  let written = 0;
  for (let image = 0; image < count; image += 1) {
    const { chunks } = await exportTo(file, "png", at, { image, signal });
    const target = join(output, `${String(image + 1).padStart(digits, "0")}.png`);
    written += await writeWhole(target, chunks, force);
    session.progress(image + 1, count, "images");
  }
  session.say(`${oneLine(output)}  ${count} images, ${bytes(written)}`);
  return exitCode.fine;
}
