/** Which module a printed line is: against the modules of every network that Torch printed. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { open, printModule } from "../../wasm/js/index.node.js";
import {
  costWords,
  networkSentence,
  shapeWords,
} from "../../web/src/inspector/panels/network-words.js";
import { classOf, linesOf } from "../../web/src/inspector/panels/printed-lines.js";
import { inRoot } from "./browser.js";

const folder = inRoot("testfiles_x86_64/networks");

it("every line with a place is the module there, or of another class", async () => {
  let right = 0;
  const wrong: string[] = [];
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".t7"))) {
    await using file = await open(readFileSync(`${folder}/${name}`));
    for (const line of linesOf(await printModule(file, "root.net"), "root.net")) {
      if (line.path === "") continue;
      const node = await file.node(line.path);
      if (node?.typename === classOf(line)) right += 1;
      else wrong.push(`${name} ${line.path}: ${line.text.trim()}`);
    }
  }
  expect(right).toBeGreaterThan(400);
  // A few classes print what is not in their `modules`: the panel says nothing beside these lines.
  expect(wrong.length).toBeLessThan(right / 8);
});

it("what a line opens ends where its brace is closed", () => {
  const text =
    "nn.Sequential {\n  [input -> (1) -> output]\n  (1): nn.Concat {\n    input\n      |`-> (1): nn.ReLU\n       ... -> output\n  }\n}";
  expect(linesOf(text, "root").map(({ path, end }) => [path, end])).toEqual([
    ["root", 7],
    ["", 1],
    ["root.modules[1]", 6],
    ["", 3],
    ["root.modules[1].modules[1]", 4],
    ["", 5],
    ["", 6],
    ["", 7],
  ]);
});

it("says shapes and costs in few words", () => {
  expect(shapeWords([3, 224, 224])).toBe("3×224×224");
  expect(shapeWords([[1, 2], [3]])).toBe("{1×2, 3}");
  expect(costWords(15_470_264_320)).toBe("15.5 G multiply-adds");
  expect(costWords(12)).toBe("12 multiply-adds");
  const shapes = {
    input: [2],
    inferred: true,
    output: [3],
    multiplyAdds: 6,
    modules: [],
    unknown: null,
  };
  expect(networkSentence(shapes)).toBe("2 (inferred) → 3 · 6 multiply-adds");
  expect(networkSentence({ ...shapes, input: null, output: null })).toBe("");
});
