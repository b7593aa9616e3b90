/** `torchfile get`: a value itself, and nothing else. */

import type { T7Node } from "../../base/api.js";
import type { TypedArray } from "../../base/dtype.js";
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
  const row = shape.at(-1) ?? 1;
  const rows = shape.at(-2) ?? 1;
  if (shape.includes(0)) return;
  let line = 0;
  for await (const elements of rowsInParts(file, node, whole, signal)) {
    let text = "";
    for (let at = 0; at < elements.length; at += row) {
      if (line > 0 && rows > 0 && line % rows === 0 && shape.length > 2) text += "\n";
      text += `${Array.from(elements.subarray(at, at + row) as ArrayLike<number | bigint>).join("\t")}\n`;
      line++;
    }
    await session.write(text);
  }
}

/** The elements in whole rows, some 64 Ki at a time: the first range that is left is cut. */
async function* rowsInParts(
  file: T7File,
  node: T7Node,
  whole: ReturnType<typeof sliceOf>,
  signal: AbortSignal,
): AsyncGenerator<TypedArray> {
  const stack = [whole];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const sizes = top.map((part) => (typeof part === "number" ? 1 : part[1] - part[0]));
    const size = sizes.reduce((a, b) => a * b, 1);
    const lastRange = top.findLastIndex((part) => typeof part !== "number");
    const at = top.findIndex(
      (part, place) =>
        typeof part !== "number" && (sizes[place] as number) > 1 && place !== lastRange,
    );
    if (size <= BATCH || at < 0) {
      yield await file.read(node, top, { signal });
      continue;
    }
    const [from, to] = top[at] as [number, number];
    const middle = from + Math.floor((to - from) / 2);
    stack.push(top.with(at, [middle, to]), top.with(at, [from, middle]));
  }
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
