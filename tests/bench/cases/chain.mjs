// A million nested tables: no stack may overflow, and depth must cost nothing.

import { readFileSync } from "node:fs";
import { load } from "../../../dist/index.node.js";
import { chainDepth, input } from "../inputs.mjs";
import { alternate, ms, row } from "../measure.mjs";

export default async function chain() {
  const bytes = readFileSync(input("chain.t7"));
  let made;
  const times = await alternate(
    {
      load: async () => {
        made = await load(bytes);
      },
      loop: () => {
        made = [];
        for (let i = 1; i < chainDepth; i++) made = { next: made };
      },
    },
    5,
  );
  const against = `loop ${ms(times.loop)}`;
  return [row("load, 1,000,000 nested tables", ms(times.load), against, times.load / times.loop)];
}
