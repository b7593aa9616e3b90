// A file of the size of VGG-16 against reading it, and the memory it takes.

import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { load, open } from "../../../dist/index.node.js";
import { input } from "../inputs.mjs";
import { alternate, fresh, mib, ms, row } from "../measure.mjs";

export default async function vgg() {
  const path = input("vgg16.t7");
  const { size } = statSync(path);
  let bytesRead = 0;
  const reading = await alternate(
    { load: () => load(path), readFileSync: () => readFileSync(path) },
    7,
  );
  const opening = await alternate(
    {
      open: async () => {
        const file = await open(path);
        bytesRead = file.totals.bytesRead;
        await file.close();
      },
      readFile: () => readFile(path),
    },
    7,
  );
  let first = 0;
  const file = await open(path);
  const summaries = await alternate(
    {
      all: () => {
        const start = performance.now();
        first = 0;
        const onEach = () => {
          first ||= performance.now() - start;
        };
        return file.summaries("all", { onEach });
      },
      readFileSync: () => readFileSync(path),
    },
    7,
  );
  await file.close();
  const peak = fresh("peak.mjs", "load", path).after;
  const sync = `readFileSync ${ms(reading.readFileSync)}`;
  const async = `readFile ${ms(opening.readFile)}`;
  return [
    row("load, VGG-16 (528 MiB)", ms(reading.load), sync, reading.load / reading.readFileSync, {
      atMost: 1.05,
    }),
    row("peak memory of it beyond 1.15 × file", mib(peak), mib(size), (peak - 1.15 * size) / 1e6, {
      atMost: 60,
      unit: " MB",
    }),
    row(
      "summaries of all its tensors",
      ms(summaries.all),
      `readFileSync ${ms(summaries.readFileSync)}`,
      summaries.all / summaries.readFileSync,
      { atMost: 1 },
    ),
    row("the first of them", ms(first), "", first, { atMost: 50, unit: " ms" }),
    row("open, VGG-16", ms(opening.open), async, opening.readFile / opening.open, { atLeast: 50 }),
    row("bytes read by it", mib(bytesRead), "", bytesRead / 1024, { atMost: 200, unit: " KiB" }),
  ];
}
