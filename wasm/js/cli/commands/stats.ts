/** `torchfile stats`: a row a tensor. */

import type { T7Node, TensorStats } from "../../base/api.js";
import { type Visit, walk } from "../../open/walk.js";
import type { Row } from "../output/rows.js";
import type { Command } from "../session/command.js";
import { exitCode, UsageError } from "../session/exit.js";
import { locateAll } from "../session/locate.js";

const columns = [
  "path",
  "dtype",
  "shape",
  "count",
  "min",
  "max",
  "mean",
  "std",
  "zeros",
  "nan",
  "inf",
];

const rowOf = (path: string, node: T7Node, stats: TensorStats): Row => ({
  path,
  dtype: node.dtype ?? null,
  shape: node.shape ?? [],
  count: stats.count,
  min: stats.min,
  max: stats.max,
  mean: stats.mean,
  std: stats.std,
  zeros: stats.zeros,
  nan: stats.nan,
  inf: stats.posInf + stats.negInf,
});

export const stats: Command = {
  name: "stats",
  args: "<file> [paths...]",
  about: "minimum, maximum, mean, deviation, zeros, NaN: a row a tensor",
  options: [],
  examples: [
    { line: "torchfile stats model.t7", about: "all tensors" },
    {
      line: "torchfile stats model.t7 '**.weight' --plain",
      about: "those of a pattern, tab-separated",
    },
  ],
  pathsFrom: 1,
  async run(session, [name, ...paths], _options) {
    const file = await session.open(name as string);
    const { signal } = session;
    const tensors: Visit[] = [];
    for (const path of paths.length > 0 ? paths : [undefined]) {
      for (const start of await locateAll(file, path, signal)) {
        for await (const visit of walk(file, start.node, signal)) {
          const { node } = visit;
          if (node.kind === "tensor" && node.sameAs === undefined && !node.error)
            tensors.push(visit);
        }
      }
    }
    if (tensors.length === 0) throw new UsageError("there is no tensor");
    let done = 0;
    await session.rowsAsTheyCome(columns, async function* () {
      for (const { node, path } of tensors) {
        yield rowOf(path, node, await file.stats(node, { signal }));
        session.progress(++done, tensors.length, "measured");
      }
    });
    return exitCode.fine;
  },
};
