/** Networks that Torch wrote, with what it printed of them and how many parameters it counted. */

import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { load, open, parametersOf, printModule } from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";

const folder = "testfiles_x86_64/networks/";
const names = readdirSync(folder).filter((name) => name.endsWith(".t7"));

describe("every network", () => {
  it("is there", () => expect(names.length).toBe(208));

  it.each(names)("%s is printed and counted as by Torch", async (name) => {
    const { printed, parameters } = (await load(folder + name)) as Record<string, unknown>;
    const file = await open(folder + name);
    expect(await printModule(file, "root.net")).toBe(printed);
    const found = await parametersOf(file, "root.net");
    expect(found.reduce((sum, { node }) => sum + (node.size as number), 0)).toBe(parameters);
    await file.close();
  });
});

describe("networks that nobody wrote", () => {
  const file = async (bytes: Bytes) => open(bytes.done());

  it("of twenty thousand nested modules need no stack", async () => {
    const depth = 20_000;
    const bytes = new Bytes();
    let index = 1;
    for (let at = 0; at < depth; at++) {
      bytes
        .object(index++, "nn.Bottle")
        .table(index++, 1)
        .string("modules")
        .table(index++, 1)
        .number(1);
    }
    bytes.object(index++, "nn.Tanh").table(index, 0);
    const text = await printModule(await file(bytes));
    expect(text.match(/nn\.Bottle @ /g)).toHaveLength(depth);
  });

  it("whose text would be longer than memory are an error", async () => {
    const bytes = new Bytes();
    let index = 1;
    const levels = 40;
    for (let at = 0; at < levels; at++) {
      bytes.object(index++, "nn.Sequential").table(index++, 1).string("modules");
      bytes.table(index++, 2).number(1);
    }
    bytes.object(index++, "nn.Tanh").table(index, 0);
    for (let at = levels - 1; at >= 0; at--) {
      bytes.number(2);
      if (at === levels - 1) bytes.same(4, levels * 3 + 1);
      else bytes.same(4, (at + 1) * 3 + 1);
    }
    const error = await printModule(await file(bytes)).catch((problem) => problem);
    expect(error.code).toBe("too_large");
  });

  it("with fields of other types print something, and do not fail", async () => {
    const bytes = new Bytes().object(1, "nn.SpatialConvolution").table(2, 2);
    bytes.string("nInputPlane").string("many").string("kW").table(3, 0);
    expect(await printModule(await file(bytes))).toBe(
      "nn.SpatialConvolution(many -> nil, nilxnil) without bias",
    );
  });
});
