/** ASCII files in which one token is no number: what it spoils, and what stays whole. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  fields,
  load,
  open,
  T7Error,
  type Tensor,
  type TorchObject,
} from "../../wasm/js/index.node.js";

const text = readFileSync("testfiles_x86_64/nn_linear.ascii.t7", "latin1");
const bytes = (changed: string) => Uint8Array.from(Buffer.from(changed, "latin1"));
const changed = (from: string, to: string) => bytes(text.replace(from, to));
const number = "0.46259780942502304";

async function failure(promise: Promise<unknown>): Promise<T7Error> {
  const error = await promise.catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(T7Error);
  return error as T7Error;
}

describe("among the elements", () => {
  it.each(["0.4625x7809", "--1", "1e", "nul", "1.2.3"])(
    "%s spoils its tensor only",
    async (token) => {
      const file = changed(number, token);
      const warnings: T7Error[] = [];
      const value = (await load(file, {
        onWarning: (warning) => warnings.push(warning),
      })) as TorchObject;
      const { weight, bias } = Object.fromEntries(fields(value)) as Record<string, Tensor>;
      expect(bias?.data[0]).toBe(0.24804814449215662);
      expect(() => weight?.data).toThrow(T7Error);
      expect(() => weight?.stats()).toThrow("in root.weight");
      expect(warnings).toHaveLength(1);
      const offset = text.indexOf(number);
      expect(warnings[0]).toMatchObject({ code: "bad_number", path: "root.weight.storage" });
      expect(Math.abs((warnings[0]?.offset ?? 0) - offset)).toBeLessThanOrEqual(token.length);
      expect(warnings[0]?.hint).not.toBe("");
    },
  );

  it("is an error of what is read of it, and of nothing else, in an open file", async () => {
    await using file = await open(changed(number, "0.46y"));
    const [weight, bias] = await Promise.all(
      ["root.weight", "root.bias"].map((path) => file.node(path)),
    );
    expect(Array.from((await file.read(bias as never, [])) as Float64Array)[1]).toBe(
      0.12590346384489293,
    );
    const error = await failure(file.read(weight as never, []));
    expect(error).toMatchObject({ code: "bad_number", path: "root.weight.storage" });
  });
});

describe("where structure is told", () => {
  it.each([
    ["a size", "\n2\n2 3\n3 1\n", "\n2\n2 x\n3 1\n"],
    ["a stride", "\n2\n2 3\n3 1\n", "\n2\n2 3\n3 q1\n"],
    ["a length", "torch.DoubleStorage\n6\n", "torch.DoubleStorage\nsix\n"],
    ["a tag", "\n2\n5\n_type\n", "\ntwo\n5\n_type\n"],
  ])("%s ends the file, with a path and what was read before", async (_what, from, to) => {
    expect(text).toContain(from);
    const error = await failure(load(changed(from, to)));
    expect(error.path).toMatch(/^root/);
    expect(error.offset).toBeGreaterThan(0);
    expect(error.partial).toBeDefined();
  });
});
