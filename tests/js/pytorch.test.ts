/** Networks as PyTorch code. That the code computes what Torch computed, `npm run check:pytorch` shows. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { open, parametersOf, T7Error, type T7File, toPyTorch } from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";

const folder = "testfiles_x86_64/networks/";
const names = readdirSync(folder).filter((name) => name.endsWith(".t7"));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

interface Entry {
  dtype: string;
  shape: number[];
}

async function headerOf(weights: { chunks: AsyncIterable<Uint8Array> }) {
  const parts: Uint8Array[] = [];
  for await (const chunk of weights.chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const length = Number(bytes.readBigUInt64LE(0));
  return JSON.parse(bytes.subarray(8, 8 + length).toString("utf8")) as Record<string, Entry>;
}

/** Whether Python's own parser takes the texts. */
function compile(texts: Record<string, string>) {
  const out = mkdtempSync(join(tmpdir(), "torchfile-python-"));
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(out, `${name}.py`), text);
    const program =
      "import ast, pathlib, sys\nfor p in pathlib.Path(sys.argv[1]).iterdir(): ast.parse(p.read_text('utf8'))";
    return spawnSync("python3", ["-c", program, out], { encoding: "utf8" });
  } finally {
    rmSync(out, { recursive: true });
  }
}

describe("every network", () => {
  const models: Record<string, string> = {};

  it.each(names)("%s becomes code, with each of its parameters once", async (name) => {
    const file = await open(folder + name);
    const { model, weights, unsupported } = await toPyTorch(file, "root.net", { name });
    expect(unsupported).toEqual([]);
    models[name.slice(0, -3)] = model;
    const entries = Object.entries(await headerOf(weights));
    const sizes = entries
      .filter(([key]) => !/running_(mean|var)$|(^|\.)(value$|(mean|deviation)\.)/.test(key))
      .map(([, { shape }]) => shape.reduce((a, b) => a * b, 1));
    const wanted = (await parametersOf(file, "root.net")).map(({ node }) => node.size as number);
    expect(sizes.sort()).toEqual(wanted.sort());
    await file.close();
  });

  it.runIf(hasPython)("is Python to Python's own parser", () => {
    expect(Object.keys(models)).toHaveLength(names.length);
    expect(compile(models).stderr).toBe("");
  });

  it.each(["resnet", "gModule_two_inputs_outputs", "Sequential_shared"])(
    "%s reads like this",
    (name) => {
      const model = models[name] as string;
      const build = model.slice(model.search(/^class Graph|^def build/m), model.indexOf("_dtypes"));
      expect(build).toMatchSnapshot();
    },
  );
});

describe("hostile networks", () => {
  const nasty = `x"""'''os.system("a")#\\`;
  const opened = (bytes: Bytes): Promise<T7File> => open(bytes.done());
  const failure = async (bytes: Bytes): Promise<T7Error> => {
    const error = await toPyTorch(await opened(bytes)).catch((problem) => problem);
    expect(error).toBeInstanceOf(T7Error);
    return error;
  };

  it.runIf(hasPython)("put no code into the model by their strings", async () => {
    const bytes = new Bytes().object(1, "nn.Sequential").table(2, 2).string("modules");
    bytes.table(3, 2).number(1).object(4, `nn.${nasty}`).table(5, 0);
    bytes.number(2).object(6, "nn.Tanh").table(7, 0).string(`${nasty}\n`).string(nasty);
    const { model, readme, unsupported } = await toPyTorch(await opened(bytes), "root", {
      name: `${nasty}\n\u202e`,
    });
    expect(unsupported).toHaveLength(1);
    expect(compile({ model }).stderr).toBe("");
    for (const line of model.split("\n")) {
      // Within one string literal, or in the docstring without its quotes.
      if (line.includes("os.system"))
        expect(line).toMatch(/^ {8}Unsupported\("[^"]*", "[^"]*"\),$|^"""/);
    }
    expect(readme).not.toContain("\u202e");
  });

  it("may not be cut off", async () => {
    const bytes = new Bytes().object(1, "nn.Sequential").table(2, 1).string("modules");
    bytes.table(3, 2).number(1).object(4, "nn.Tanh").table(5, 0).number(2);
    expect((await failure(bytes)).code).toBe("truncated");
  });

  it("may not be inside themselves", async () => {
    const bytes = new Bytes().object(1, "nn.Sequential").table(2, 1).string("modules");
    const error = await failure(bytes.table(3, 1).number(1).same(4, 1));
    expect([error.code, error.path]).toEqual(["bad_network", "root"]);
  });

  it("may not be deeper than Python reads", async () => {
    const bytes = new Bytes();
    for (let at = 0; at < 1000; at++) {
      bytes
        .object(3 * at + 1, "nn.Sequential")
        .table(3 * at + 2, 1)
        .string("modules");
      bytes.table(3 * at + 3, 1).number(1);
    }
    expect((await failure(bytes.object(4000, "nn.Tanh").table(4001, 0))).code).toBe("bad_network");
  });

  it("may not contradict their weights", async () => {
    const bytes = new Bytes().object(1, "nn.SpatialConvolution").table(2, 5);
    for (const [name, value] of [
      ["nInputPlane", 3],
      ["nOutputPlane", 4],
      ["kW", 3],
      ["kH", 3],
    ] as const) {
      bytes.string(name).number(value);
    }
    bytes.string("weight").tensor(3, "Float", [4, 2, 3, 3], [18, 9, 3, 1]);
    bytes.float(...new Array(72).fill(0));
    const error = await failure(bytes);
    expect(error.message).toContain("weight has shape 4×2×3×3; expected 4×3×3×3");
  });

  it("may have nothing but modules in `modules`", async () => {
    const bytes = new Bytes().object(1, "nn.Sequential").table(2, 1).string("modules");
    expect((await failure(bytes.table(3, 1).number(1).string("no module"))).code).toBe(
      "bad_network",
    );
  });

  it("of an unknown class are a module that says so when it is called", async () => {
    const { model, unsupported, readme } = await toPyTorch(
      await opened(new Bytes().object(1, "nn.Foo").table(2, 0)),
    );
    expect(unsupported).toEqual([{ path: "root", typename: "nn.Foo", reason: expect.any(String) }]);
    expect(model).toContain('return Unsupported("nn.Foo", "root")');
    expect(readme).toContain("nn.Foo");
  });
});
