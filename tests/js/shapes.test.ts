/** Shapes that follow from an input's, against what Torch computed. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { T7FileApi, T7Node } from "../../wasm/js/base/api.js";
import { type NetworkShape, open, type ShapesOptions, shapesOf } from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";
import {
  all,
  conv,
  type Layer,
  linear,
  maxPool,
  relu,
  view,
  writeNetwork,
} from "./network-writer.js";

const folder = "testfiles_x86_64/networks";

/** The shape of a tensor, or of those in a list. */
async function shapeOf(file: T7FileApi, node: T7Node): Promise<NetworkShape> {
  if (node.kind === "tensor") return node.shape ?? [];
  const shapes: NetworkShape[] = [];
  for (const child of await file.children(node)) shapes.push(await shapeOf(file, child));
  return shapes;
}

describe("an input", () => {
  const fits = async (network: Layer, options: ShapesOptions = {}) =>
    shapesOf(await open(writeNetwork(network).bytes()), "root", options);

  it("is solved from a linear layer, a view or the planes", async () => {
    expect((await fits(all(linear(20, 3)))).input).toEqual([20]);
    expect((await fits(all(view(784), linear(784, 10)))).input).toEqual([784]);
    const small = all(conv(1, 6, 5), maxPool(2, 2), view(6 * 12 * 12), linear(864, 10));
    expect((await fits(small)).input).toEqual([1, 28, 28]);
  });

  it("of any size is not guessed", async () => {
    const shapes = await fits(all(conv(3, 8, 3, 1, 1), relu));
    expect(shapes).toMatchObject({ input: null, output: null, modules: [] });
    expect(shapes.unknown?.reason).toBe("its layers do not tell the size of its input");
  });

  it("that does not fit says where and why", async () => {
    const network = all(conv(3, 8, 3), relu, linear(10, 2));
    const { unknown, modules } = await fits(network, { input: [4, 8, 8] });
    expect(unknown).toEqual({
      path: "root.modules[1]",
      typename: "nn.SpatialConvolution",
      reason: "it takes 3 planes and is given 4",
    });
    expect(modules).toEqual([]);
    const later = await fits(network, { input: [3, 8, 8] });
    expect(later.unknown?.path).toBe("root.modules[3]");
    expect(later.modules.map(({ output }) => output)).toEqual([
      [8, 6, 6],
      [8, 6, 6],
    ]);
  });

  it("that is no shape is refused", async () => {
    for (const input of [[], [0], [1.5], [[]], "3x2"]) {
      const error = await fits(relu, { input: input as never }).catch((problem) => problem);
      expect(error.code).toBe("bad_option");
    }
  });

  it("of a network inside itself, or one that calls without end, ends", async () => {
    // 2^30 calls: each module is in the one above it twice.
    const bytes = new Bytes();
    let index = 1;
    for (let at = 0; at < 30; at += 1) {
      bytes.object(index++, "nn.ConcatTable").table(index++, 1).string("modules");
      bytes.table(index++, 2).number(1);
    }
    bytes.object(index++, "nn.ReLU").table(index, 0);
    for (let at = 29; at >= 0; at -= 1) {
      bytes.number(2);
      bytes.same(4, at === 29 ? 91 : (at + 1) * 3 + 1);
    }
    const { unknown } = await shapesOf(await open(bytes.done()), "root", { input: [2] });
    expect(unknown?.reason).toBe("a network too deep or too long to follow");
    const loop = new Bytes().object(1, "nn.Sequential").table(2, 1).string("modules");
    loop.table(3, 1).number(1).same(4, 1);
    const inside = await shapesOf(await open(loop.done()), "root", { input: [2] });
    expect(inside.unknown?.reason).toBe("a network too deep or too long to follow");
  });
});

describe("the output that Torch gave has the shape that is computed", () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith(".t7")))("%s", async (name) => {
    await using file = await open(readFileSync(`${folder}/${name}`));
    const [input, output] = await Promise.all(
      ["root.input", "root.output"].map(async (path) =>
        shapeOf(file, (await file.node(path)) as T7Node),
      ),
    );
    const shapes = await shapesOf(file, "root.net", { input: input as NetworkShape });
    expect(shapes).toMatchObject({ output, unknown: null });
  });
});
