/** `torchfile hist`: the distribution of a tensor's elements, as bars. */

import type { TensorHistogram } from "../../base/api.js";
import { grouped, short } from "../output/numbers.js";
import { padStart } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locate } from "../session/locate.js";
import { count } from "../session/options.js";

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

function bar(part: number, width: number): string {
  const cells = part * width;
  return "█".repeat(Math.floor(cells)) + eighths[Math.floor((cells % 1) * 8)];
}

function* bars({ counts, edges }: TensorHistogram, columns: number): Generator<string> {
  const starts = Array.from(counts, (_, at) => short(edges[at] as number));
  const totals = Array.from(counts, grouped);
  const left = Math.max(...starts.map(({ length }) => length));
  const right = Math.max(...totals.map(({ length }) => length));
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  for (const [at, amount] of counts.entries()) {
    const drawn = bar(amount / most, Math.max(10, columns - left - right - 4));
    yield `${padStart(starts[at] as string, left)}  ${padStart(totals[at] as string, right)}  ${drawn}`.trimEnd();
  }
}

function* besides({ nan, posInf, negInf }: TensorHistogram): Generator<string> {
  if (nan > 0) yield `NaN ${grouped(nan)}`;
  if (posInf > 0) yield `+inf ${grouped(posInf)}`;
  if (negInf > 0) yield `-inf ${grouped(negInf)}`;
}

interface Options {
  bins: number;
}

export const hist: Command<Options> = {
  name: "hist",
  args: "<file> <path>",
  about: "histogram of a tensor",
  options: [{ flags: "-b, --bins <count>", about: "bins", parse: count, default: 20 }],
  examples: [{ line: "torchfile hist model.t7 modules[1].weight --bins 40", about: "" }],
  pathsFrom: 1,
  async run(session, [name, path], { bins }) {
    const file = await session.open(name as string);
    const { node, path: full } = await locate(file, path, session.signal);
    if (node.kind !== "tensor" && node.kind !== "storage") {
      throw new UsageError(`${full} is no tensor but ${node.preview}`);
    }
    const { signal } = session;
    const histogram = await file.histogram(node, { bins, signal });
    const rows = Array.from(histogram.counts, (amount, at) => ({
      from: histogram.edges[at] as number,
      to: histogram.edges[at + 1] as number,
      count: amount,
    }));
    if (session.form !== "text") {
      await session.rows(rows, ["from", "to", "count"]);
      return exitCode.fine;
    }
    await session.line(session.paint("dim", `${full}  ${node.preview}`));
    for (const line of bars(histogram, session.columns)) await session.line(line);
    for (const line of besides(histogram)) await session.line(line);
    return exitCode.fine;
  },
};
