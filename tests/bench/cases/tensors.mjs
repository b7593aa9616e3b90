// 50,000 small tensors against a loop that makes as many objects with a shape and a view each.

import { readFileSync } from "node:fs";
import { load } from "../../../dist/index.node.js";
import { input, tensorCount } from "../inputs.mjs";
import { alternate, ms, row } from "../measure.mjs";

export default async function tensors() {
  const bytes = readFileSync(input("tensors.t7"));
  const { buffer } = new Float32Array(12 * tensorCount);
  let kept;
  const times = await alternate(
    {
      load: async () => {
        kept = await load(bytes);
      },
      loop: () => {
        kept = [];
        for (let i = 0; i < tensorCount; i++) {
          kept.push({ shape: [3, 4], data: new Float32Array(buffer, 48 * i, 12) });
        }
      },
    },
    // Garbage collection makes the loop's times differ tenfold.
    25,
  );
  const against = `loop ${ms(times.loop)}`;
  const ratio = times.load / times.loop;
  if (kept.length !== tensorCount) throw new Error("not all tensors are there");
  return [row("load, 50,000 small tensors", ms(times.load), against, ratio, { atMost: 4 })];
}
