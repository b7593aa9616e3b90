/** `open`: one suite over the file in this thread and over the worker's client. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { T7FileApi, T7Node } from "../../wasm/js/base/api.js";
import { load, open, T7Error, type Tensor } from "../../wasm/js/index.node.js";
import { handles } from "./handles.js";

const fixtures = new URL("../../testfiles_x86_64/", import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, fixtures)));

/** Every node that the tree shows, first occurrences entered once. */
async function allNodes(file: T7FileApi): Promise<T7Node[]> {
  const seen = new Set<number>();
  const nodes: T7Node[] = [];
  const queue = [...file.roots];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    nodes.push(node);
    const first = node.sameAs ?? node.id;
    if (seen.has(first) || !node.count) continue;
    seen.add(first);
    queue.push(...(await file.children(node)));
  }
  return nodes;
}

async function failure(promise: Promise<unknown>): Promise<T7Error> {
  const error = await promise.then(
    () => null,
    (e) => e,
  );
  expect(error).toBeInstanceOf(T7Error);
  return error;
}

/** A list of `count` numbers 0.5: enough of them take long to read. */
function listOfNumbers(count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(12 + 24 * count));
  for (const [i, word] of [3, 1, count].entries()) view.setInt32(4 * i, word, true);
  for (let i = 0, at = 12; i < count; i++, at += 24) {
    view.setInt32(at, 1, true);
    view.setFloat64(at + 4, i + 1, true);
    view.setInt32(at + 12, 1, true);
    view.setFloat64(at + 16, 0.5, true);
  }
  return new Uint8Array(view.buffer);
}

describe.each(Object.entries(handles))("a file %s", (_, open) => {
  test("knows its format, totals and root", async () => {
    const file = await open(bytesOf("hello_world.t7"));
    expect(file.format).toMatchObject({ encoding: "binary", byteOrder: "little", longSize: 8 });
    expect(file.totals).toMatchObject({ objects: 3, tensors: 1, storages: 1, storageBytes: 48 });
    expect(file.root).toMatchObject({ id: 0, kind: "table", count: 2, preview: "table of 2" });
    expect(file.error).toBeNull();
    await file.close();
    expect((await failure(file.children(0))).code).toBe("closed");
  });

  test("gives children in file order, in parts", async () => {
    const file = await open(bytesOf("table_list_1000.t7"));
    const part = await file.children(0, 10, 13);
    expect(part.map((node) => node.key)).toEqual(["[11]", "[12]", "[13]"]);
    expect(await file.children(0, 998)).toHaveLength(2);
    expect(await file.children(0, 5, 5)).toEqual([]);
    await file.close();
  });

  test("finds fields by path without the table that holds them", async () => {
    const file = await open(bytesOf("nn_linear.t7"));
    const weight = await file.node("root.weight");
    expect(weight).toMatchObject({ kind: "tensor", key: "weight", dtype: "float64" });
    expect(await file.path(weight as T7Node)).toBe("root.weight");
    expect(await file.node(["weight"])).toMatchObject({ id: weight?.id });
    expect(await file.node("root.nothing")).toBeNull();
    expect(await file.path((weight as T7Node).storage?.id as number)).toBe("root.weight.storage");
    await file.close();
  });

  test("reads elements, slices, statistics and histograms as load has them", async () => {
    const bytes = bytesOf("tensor_transposed.t7");
    const file = await open(bytes);
    const loaded = (await load(bytes)) as Tensor;
    const root = file.root as T7Node;
    expect(await file.read(root)).toEqual(loaded.data);
    expect(await file.stats(root)).toEqual(loaded.stats());
    expect(await file.histogram(root, { bins: 7 })).toEqual(loaded.histogram({ bins: 7 }));
    const [rows, columns] = loaded.shape;
    const column = await file.read(root, [[0, rows], columns - 1]);
    expect(Array.from(column as Float64Array)).toEqual(
      loaded.toArray().map((row) => (row as number[]).at(-1)),
    );
    expect((await failure(file.read(root, [[0, rows + 1]]))).code).toBe("bad_slice");
    await file.close();
  });

  test("gives whole values", async () => {
    const file = await open(bytesOf("string_100k.t7"));
    const text = await file.value(file.root as T7Node);
    expect(text).toEqual(await load(bytesOf("string_100k.t7")));
    const bytes = await open(bytesOf("string_invalid_utf8.t7"));
    expect(await bytes.value(0)).toBeInstanceOf(Uint8Array);
    const dump = await open(bytesOf("function_plain.t7"));
    expect((await dump.value(0)) as Uint8Array).toHaveLength(dump.root?.byteLength as number);
    const table = await open(bytesOf("table_list.t7"));
    expect(Array.from(await table.bytes(0, 4))).toEqual([3, 0, 0, 0]);
    const [code, index] = await table.fields(0, 8);
    expect(code).toMatchObject({ name: "typeCode", value: 3, node: 0 });
    expect(index).toMatchObject({ name: "index", value: 1, offset: 4, byteLength: 4 });
    expect((await failure(table.value(0))).code).toBe("no_value");
    for (const opened of [file, bytes, dump, table]) await opened.close();
  });

  test("names errors across the channel", async () => {
    const file = await open(bytesOf("table_list.t7"));
    const error = await failure(file.stats(0));
    expect(error).toMatchObject({ code: "not_a_tensor", path: "root", found: "table" });
    expect((await failure(file.children(4711))).code).toBe("no_node");
    expect((await failure(open(new Uint8Array(0)))).code).toBe("empty");
    await file.close();
  });

  test("opens a truncated file up to the damage", async () => {
    const whole = bytesOf("nn_mlp_float.t7");
    const file = await open(whole.subarray(0, whole.length - 40));
    expect(file.error).toMatchObject({ code: "truncated" });
    expect(file.error?.path).toMatch(/^root/);
    expect(file.root).toMatchObject({ typename: "nn.Sequential", incomplete: true });
    expect(await file.children(file.root as T7Node)).not.toEqual([]);
    await file.close();
  });

  test("stops when told", async () => {
    const controller = new AbortController();
    controller.abort();
    const error = await failure(open(bytesOf("hello_world.t7"), { signal: controller.signal }));
    expect(error.code).toBe("aborted");
  });

  test("keeps what was read before it was stopped, if told to", async () => {
    const bytes = listOfNumbers(2_000_000);
    const keep = async (keepPartial: boolean) => {
      const controller = new AbortController();
      const onProgress = () => controller.abort();
      return open(bytes, { signal: controller.signal, onProgress, keepPartial });
    };
    expect((await failure(keep(false))).code).toBe("aborted");
    const file = await keep(true);
    expect(file.error).toMatchObject({ code: "aborted" });
    expect(file.error?.offset).toBeLessThan(bytes.length);
    expect(file.root).toMatchObject({ kind: "table", incomplete: true });
    expect(file.root?.count).toBeGreaterThan(1000);
    const [first] = await file.children(file.root as T7Node, 0, 1);
    expect(first).toMatchObject({ key: "[1]", value: 0.5, offset: 24 });
    await file.close();
  });
});

describe("paths and values of every node of every fixture", () => {
  const names = readdirSync(fixtures).filter((name) => name.endsWith(".t7"));
  for (const name of names) {
    test(name, async () => {
      const file = await handles["in this thread"](bytesOf(name)).catch((error) => {
        expect(error.code).toMatch(/raw_values|unknown_layout/);
        return null;
      });
      if (file === null) return;
      for (const node of await allNodes(file)) {
        const path = await file.path(node);
        expect((await file.node(path))?.id, path).toBe(node.id);
        expect(node.preview.length).toBeGreaterThan(0);
        if (node.kind === "tensor" && !node.error) {
          expect(await file.read(node)).toHaveLength(node.size as number);
        }
      }
      await file.close();
    });
  }
});

describe("what is told of functions and of the end", () => {
  const upvaluesOf = async (name: string) => {
    await using file = await open(`testfiles_x86_64/${name}.t7`);
    const { functionType, upvalues = [] } = file.root ?? {};
    return {
      functionType,
      upvalues: upvalues.map(({ name, id, node }) => [name, id !== null, node !== null]),
    };
  };

  test("has the type code, and nil upvalues too", async () => {
    expect(await upvaluesOf("function_plain")).toMatchObject({ functionType: 8, upvalues: [] });
    const { upvalues } = await upvaluesOf("function_upvalue_nil");
    expect(upvalues).toEqual([["u1", true, false]]);
    expect(await upvaluesOf("legacy_2012_01_25_function_upvalue_number")).toMatchObject({
      functionType: 6,
      upvalues: [[null, false, true]],
    });
    expect((await upvaluesOf("legacy_2014_07_13_function_upvalue_number")).functionType).toBe(7);
  });

  test("says where the last value ends", async () => {
    const bytes = readFileSync("testfiles_x86_64/number_integral.t7");
    const whole = await open(bytes);
    expect(whole.totals.end).toBe(bytes.length);
    const padded = await open(Buffer.concat([bytes, Buffer.alloc(40)]));
    expect(padded.totals).toMatchObject({ end: bytes.length, byteLength: bytes.length + 40 });
  });

  test("load tells the format once", async () => {
    const formats: string[] = [];
    await load("testfiles_x86_64/nn_linear.be32.t7", {
      onFormat: ({ encoding, byteOrder, longSize }) =>
        formats.push(`${encoding} ${byteOrder} ${longSize}`),
    });
    expect(formats).toEqual(["binary big 4"]);
  });
});
