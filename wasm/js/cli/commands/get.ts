/** `torchfile get`: a value itself, and nothing else. */

import type { T7Node, TensorSlice } from "../../base/api.js";
import { blocksOf } from "../../export/blocks.js";
import type { T7File } from "../../open/file.js";
import { jsonText } from "../output/rows.js";
import { manyLines } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locate } from "../session/locate.js";
import { slice, sliceOf } from "../session/options.js";
import type { Session } from "../session/session.js";

/** Elements that are read at once. */
const BATCH = 1 << 16;

interface Options {
  slice?: ReturnType<typeof slice>;
}

/** The last dimension in a row, tab-separated; blank lines between matrices. */
async function writeTensor(session: Session, file: T7File, node: T7Node, parts: Options["slice"]) {
  const whole = sliceOf(parts ?? [], node.shape ?? []);
  const shape = whole.flatMap((part) => (typeof part === "number" ? [] : [part[1] - part[0]]));
  const { signal } = session;
  if (session.form === "json" || session.form === "jsonl") {
    const elements = Array.from(
      (await file.read(node, whole, { signal })) as ArrayLike<number | bigint>,
    );
    return session.line(jsonText({ dtype: node.dtype, shape, elements }));
  }
  if (shape.includes(0)) return;
  const row = shape.at(-1) ?? 1;
  const matrix = row * (shape.at(-2) ?? 1);
  const before = (at: number) => {
    if (at === 0) return "";
    if (at % row > 0) return "\t";
    return shape.length > 2 && at % matrix === 0 ? "\n\n" : "\n";
  };
  let at = 0;
  for (const block of blocksOf(shape.length > 0 ? shape : [1], BATCH)) {
    const part = shape.length > 0 ? blockOf(whole, block) : whole;
    let text = "";
    for (const element of (await file.read(node, part, { signal })) as Iterable<number | bigint>) {
      text += before(at++) + element;
    }
    await session.write(text);
  }
  await session.line();
}

/** A block of what a slice leaves, as a slice of the tensor itself. */
function blockOf(whole: TensorSlice, block: TensorSlice): TensorSlice {
  let at = 0;
  return whole.map((part) => {
    if (typeof part === "number") return part;
    const inner = block[at++];
    if (inner === undefined) return part;
    return typeof inner === "number"
      ? part[0] + inner
      : ([part[0] + inner[0], part[0] + inner[1]] as [number, number]);
  });
}

async function writeScalar(session: Session, file: T7File, node: T7Node, path: string) {
  const value = await file.value(node, { signal: session.signal });
  if (session.form === "json" || session.form === "jsonl") {
    return session.line(jsonText(value instanceof Uint8Array ? [...value] : value));
  }
  if (value instanceof Uint8Array) {
    if (session.isTerminal) {
      throw new UsageError(
        `${path} is ${value.length} bytes that are no text`,
        "Send them to a file: … > NAME.",
      );
    }
    return session.write(value);
  }
  if (value === null) return session.line("nil");
  if (typeof value === "string" && !session.isTerminal) return session.write(value);
  return session.line(manyLines(String(value)));
}

export const get: Command<Options> = {
  name: "get",
  args: "<file> <path>",
  about: "a value itself: a number, a text, the elements of a tensor",
  options: [
    {
      flags: "-s, --slice <slice>",
      about: "a part of a tensor, counted from 0: 0,2:5",
      parse: slice,
    },
  ],
  examples: [
    { line: "torchfile get model.t7 opt.learningRate", about: "" },
    { line: "torchfile get model.t7 modules[1].weight --slice 0,0", about: "a part of a tensor" },
  ],
  pathsFrom: 1,
  async run(session, [name, path], options) {
    const file = await session.open(name as string);
    const { node, path: full } = await locate(file, path, session.signal);
    if (node.error) throw new UsageError(`${full}: ${node.error.message}`);
    if (node.kind === "tensor") {
      await writeTensor(session, file, node, options.slice);
    } else if (node.kind === "storage") {
      const shape = [node.size ?? 0];
      await writeTensor(session, file, { ...node, shape }, options.slice);
    } else if (node.kind === "table" || node.kind === "object") {
      throw new UsageError(
        `${full} is no single value but ${node.preview}`,
        "`torchfile tree` shows what is in it, `torchfile export` takes it out.",
      );
    } else {
      await writeScalar(session, file, node, full);
    }
    return exitCode.fine;
  },
};
