// WebAssembly memory of an opened file against 56 bytes a value, the strings and 4 MiB.

import "../../../dist/index.node.js";
import { openSource } from "../../../dist/foreign/open-source.js";
import { Instance } from "../../../dist/index/instance.js";
import { parse } from "../../../dist/index/parse.js";
import { input } from "../inputs.mjs";
import { mebibyte, mib, row } from "../measure.mjs";

const bytesPerNode = 56;

async function memoryOf(name) {
  const instance = await Instance.create();
  const source = await openSource(input(name), {});
  const { graph } = await parse(instance, source);
  await source.close?.();
  let strings = 0;
  for (let i = 0; i < graph.stringCount; i++) strings += graph.stringLength(i);
  const allowed = bytesPerNode * graph.nodeCount + strings + 4 * mebibyte;
  const used = instance.byteLength;
  const perNode = (used - 4 * mebibyte - strings) / graph.nodeCount;
  const against = `${graph.nodeCount.toLocaleString("en-US")} values, ${mib(allowed)} allowed`;
  const limit = { atMost: bytesPerNode, unit: " B/value" };
  return row(`memory of opened ${name}`, mib(used), against, Math.max(0, perNode), limit);
}

export default async function memory() {
  const rows = [];
  for (const name of ["records.t7", "tensors.t7", "chain.t7", "vgg16.t7"]) {
    rows.push(await memoryOf(name));
  }
  return rows;
}
