// 200,000 small records against JSON.parse of the same.

import { readFileSync } from "node:fs";
import { load, open } from "../../../dist/index.node.js";
import { input } from "../inputs.mjs";
import { alternate, ms, row } from "../measure.mjs";

export default async function records() {
  const bytes = readFileSync(input("records.t7"));
  const text = readFileSync(input("records.json"), "utf8");
  let kept;
  const times = await alternate(
    {
      load: async () => {
        kept = await load(bytes);
      },
      open: async () => {
        kept = await open(bytes);
        await kept.close();
      },
      parse: () => {
        kept = JSON.parse(text);
      },
    },
    9,
  );
  const against = `JSON.parse ${ms(times.parse)}`;
  return [
    row("load, 200,000 records", ms(times.load), against, times.load / times.parse, {
      atMost: 2.5,
    }),
    row("open, the same", ms(times.open), against, times.open / times.parse, { atMost: 1.2 }),
  ];
}
