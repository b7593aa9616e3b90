// 100 MB of numbers as text against the shortest JavaScript that reads them.

import { readFileSync } from "node:fs";
import { load } from "../../../dist/index.node.js";
import { input } from "../inputs.mjs";
import { alternate, ms, row } from "../measure.mjs";

export default async function ascii() {
  const bytes = readFileSync(input("numbers.ascii.t7"));
  const whole = bytes.toString("latin1");
  const text = whole.slice(whole.lastIndexOf("\n", whole.length - 2) + 1, -1);
  let [ours, theirs] = [null, null];
  const times = await alternate(
    {
      load: async () => {
        ours = (await load(bytes)).data;
      },
      split: () => {
        theirs = text.split(" ").map(Number);
      },
    },
    3,
  );
  for (let i = 0; i < theirs.length; i++) {
    if (ours[i] !== theirs[i]) throw new Error(`number ${i} is ${ours[i]}, not ${theirs[i]}`);
  }
  const against = `split and Number ${ms(times.split)}`;
  return [
    row("load, 100 MB of ASCII numbers", ms(times.load), against, times.split / times.load, {
      atLeast: 3,
    }),
  ];
}
