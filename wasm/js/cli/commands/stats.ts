/** `torchfile stats`: a row a tensor. */

import type { T7Node, TensorSummary } from "../../base/api.js";
import type { T7Error } from "../../base/errors.js";
import { type Visit, walk } from "../../open/walk.js";
import type { Row } from "../output/rows.js";
import { sparkline } from "../output/terminal.js";
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
  "p1",
  "p50",
  "p99",
  "zeros",
  "nan",
  "inf",
  "values",
];

const rowOf = (path: string, node: T7Node, stats: TensorSummary): Row => ({
  path,
  dtype: node.dtype ?? null,
  shape: node.shape ?? [],
  count: stats.count,
  min: stats.min,
  max: stats.max,
  mean: stats.mean,
  std: stats.std,
  p1: stats.quantiles.p1,
  p50: stats.quantiles.p50,
  p99: stats.quantiles.p99,
  zeros: stats.zeros,
  nan: stats.nan,
  inf: stats.posInf + stats.negInf,
  values: sparkline(halved(stats.sparkline)),
});

/** Neighbours together: half as wide. */
const halved = (counts: number[]) =>
  Array.from({ length: counts.length / 2 }, (_, i) => counts[2 * i] + counts[2 * i + 1]);

export const stats: Command = {
  name: "stats",
  args: "<file> [paths...]",
  about: "minimum, maximum, mean, quantiles, zeros, NaN, a sparkline: a row a tensor",
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
    const pathOf = new Map(tensors.map(({ node, path }) => [node.id, path]));
    const failures: T7Error[] = [];
    let done = 0;
    await session.rowsAsTheyCome(columns, async function* () {
      const summaries = file.startSummaries([...pathOf.keys()]);
      for (;;) {
        const group = await summaries.next({ signal });
        if (group.length === 0) return;
        for (const [node, summary, error] of group) {
          session.progress(++done, pathOf.size, "measured");
          if (summary !== null) yield rowOf(pathOf.get(node.id) as string, node, summary);
          else if (error !== null) failures.push(error);
        }
      }
    });
    if (failures.length > 0) throw failures[0];
    return exitCode.fine;
  },
};
