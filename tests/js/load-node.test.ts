/** `file.load`: a part of an open file as values. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  fields,
  LuaFunction,
  open,
  T7Error,
  type T7Node,
  type Tensor,
  type TorchObject,
  typename,
} from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";
import { T7Writer, temporaryFolder } from "./t7-writer.js";

const fixture = (name: string) => readFileSync(`testfiles_x86_64/${name}`);

describe("a part of a file", () => {
  it("is what load gives of it, and reads nothing else", async () => {
    await using file = await open("testfiles_x86_64/checkpoint_training.t7");
    const node = (await file.node("root.model.modules[1]")) as T7Node;
    const before = file.totals.bytesRead;
    const layer = (await file.load(node)) as TorchObject;
    expect(typename(layer)).toBe("nn.Linear");
    const { weight } = Object.fromEntries(fields(layer)) as { weight: Tensor };
    expect(weight.shape).toEqual([8, 6]);
    expect(weight.stats().count).toBe(48);
    expect(weight.copy().data).toEqual(weight.data);
    expect(file.totals.bytesRead - before).toBeLessThan(file.totals.byteLength / 2);
    expect(await file.load((await file.node("root.epoch")) as T7Node)).toBe(10);
  });

  it("keeps what is shared one object, and cycles", async () => {
    await using file = await open(fixture("tensor_shared_storage.t7"));
    const value = (await file.load(file.root as T7Node)) as Tensor[] | Record<string, Tensor>;
    const tensors = Object.values(value).filter((each) => typeof each === "object");
    expect(tensors[0]?.storage).toBe(tensors[1]?.storage);
    await using self = await open(fixture("recursive_class.t7"));
    const object = (await self.load(self.root as T7Node)) as TorchObject;
    expect(Object.values(object)).toContain(object);
  });

  it("has functions with their upvalues, long strings and float16", async () => {
    await using functions = await open(fixture("function_upvalue_table.t7"));
    expect(await functions.load(functions.root as T7Node)).toBeInstanceOf(LuaFunction);
    await using text = await open(fixture("string_100k.t7"));
    expect(((await text.load(text.root as T7Node)) as string).length).toBe(102_400);
    await using half = await open(fixture("tensor_half_2d.t7"));
    const tensor = (await half.load(half.root as T7Node)) as Tensor;
    expect(tensor.dtype).toBe("float16");
    expect(tensor.raw).toBeInstanceOf(Uint16Array);
  });

  it("of a file larger than memory costs what it is itself", async () => {
    const folder = temporaryFolder();
    const writer = new T7Writer().table(2).string("huge");
    writer.tensor({ dtype: "float64", shape: [2 ** 30], elements: 2 ** 30 });
    writer.string("small");
    writer.tensor({ dtype: "float32", shape: [3], elements: [1, 2, 3] });
    const path = writer.toFile(folder.path("huge.t7"));
    await using file = await open(path);
    const small = (await file.load((await file.node("root.small")) as T7Node)) as Tensor;
    expect([...(small.data as Float32Array)]).toEqual([1, 2, 3]);
    expect(file.totals.bytesRead).toBeLessThan(1e6);
    folder.remove();
  });
});

describe("what cannot be", () => {
  it("is an error of the tensor, with the rest whole", async () => {
    const text = fixture("nn_linear.ascii.t7")
      .toString("latin1")
      .replace("0.46259780942502304", "0.4x");
    await using file = await open(Buffer.from(text, "latin1"));
    const layer = (await file.load(file.root as T7Node)) as TorchObject;
    const { weight, bias } = Object.fromEntries(fields(layer)) as Record<string, Tensor>;
    expect(bias?.data.length).toBe(2);
    expect(() => weight?.data).toThrow(T7Error);
  });

  it("of a cut file has what is whole", async () => {
    const bytes = fixture("nn_linear.t7");
    await using file = await open(bytes.subarray(0, bytes.length - 60));
    const layer = (await file.load(file.root as T7Node)) as TorchObject;
    expect(fields(layer).size).toBeGreaterThan(2);
  });

  it("is refused: wrong options, wrong nodes, a cancelled call, a closed file", async () => {
    const file = await open(fixture("nn_linear.t7"));
    const root = file.root as T7Node;
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => "",
        (error: T7Error) => error.code,
      );
    expect(await codeOf(file.load(root, { tables: "list" as never }))).toBe("bad_option");
    expect(await codeOf(file.load(1e9))).toBe("no_node");
    expect(await codeOf(file.load(root, { signal: AbortSignal.abort() }))).toBe("aborted");
    await file.close();
    expect(await codeOf(file.load(root))).toBe("closed");
  });

  it("a million objects in each other need no stack", async () => {
    const depth = 300_000;
    const bytes = new Bytes();
    for (let at = 1; at <= depth; at += 1) bytes.table(at, 1).number(1);
    bytes.number(7);
    await using file = await open(bytes.done());
    let value = (await file.load(file.root as T7Node)) as unknown;
    for (let at = 0; at < depth; at += 1) value = (value as unknown[])[0];
    expect(value).toBe(7);
  });
});
