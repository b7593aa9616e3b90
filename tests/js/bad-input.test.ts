/** Files that are missing, cut, damaged, made to harm, or something else. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { memoryLimit } from "../../wasm/js/index/instance.js";
import {
  load,
  open,
  type Storage,
  T7Error,
  T7Reader,
  type Tensor,
} from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";
import { failure } from "./failure.js";

const folder = mkdtempSync(join(tmpdir(), "torchfile-bad-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Must fail alike in both ways to read. */
async function bothFail(bytes: Uint8Array): Promise<T7Error> {
  const error = await failure(load(bytes));
  const opened = await open(bytes).then(
    (file) => file.error,
    (thrown: T7Error) => thrown,
  );
  expect(opened).toBeInstanceOf(T7Error);
  expect((opened as T7Error).toJSON()).toEqual(error.toJSON());
  return error;
}

describe("no file", () => {
  it("missing, a folder, nothing", async () => {
    const missing = await failure(load(join(folder, "no.t7")));
    expect(missing).toMatchObject({ code: "not_found", message: expect.stringContaining("no.t7") });
    expect((await failure(load(folder))).code).toBe("not_a_file");
    for (const nothing of [null, undefined, 5, {}, []]) {
      expect((await failure(load(nothing as unknown as Uint8Array))).code).toBe("bad_source");
    }
  });

  it("empty, in every way to give it", async () => {
    const path = join(folder, "empty.t7");
    writeFileSync(path, "");
    for (const source of [path, new Uint8Array(0), new Blob([]), gzipSync("")]) {
      expect(await failure(load(source))).toMatchObject({ code: "empty" });
      expect(await failure(open(source))).toMatchObject({ code: "empty" });
    }
    expect((await failure(load(Buffer.from(" \n\n")))).code).toMatch(/empty|not_t7/);
  });
});

describe("a file that is something else", () => {
  const latin1 = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
  const files: [string, Uint8Array, found: string][] = [
    [
      "LFS",
      latin1(`version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 9\n`),
      "a Git LFS pointer",
    ],
    [
      "PyTorch",
      latin1(`PK\x03\x04${"\0".repeat(22)}\x10\0\0\0archive/data.pkl${"\0".repeat(50)}`),
      "a PyTorch file",
    ],
    [
      "old PyTorch",
      latin1("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."),
      "a PyTorch file of the old kind",
    ],
    ["pickle 2", latin1("\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01u."), "a Python pickle"],
    ["pickle 4", latin1("\x80\x04\x95\x07\0\0\0\0\0\0\0\x8c\x01a\x94."), "a Python pickle"],
    [
      "zip",
      latin1(`PK\x03\x04${"\0".repeat(22)}\x05\0\0\0a.txt${"\0".repeat(50)}`),
      "a zip archive",
    ],
    ["HDF5", latin1("\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0"), "an HDF5 file"],
    ["npy", latin1("\x93NUMPY\x01\0v\0{'descr': '<f8'}"), "a NumPy array"],
    ["xz", latin1("\xfd7zXZ\0\0\x04\xe6\xd6\xb4F"), "an xz archive"],
    ["HTML", latin1("<!DOCTYPE html>\n<html><body>Log in</body></html>"), "a web page"],
    ["JSON", latin1('{"error": "not found"}'), "a JSON file"],
    ["text", latin1("This is not the file you are looking for.\n"), "a text file"],
    ["Lua bytecode", latin1("\x1bLJ\x02\0\0\0\0"), "LuaJIT bytecode"],
    ["PNG", latin1("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "a picture (PNG)"],
    ["zeros", new Uint8Array(4096), "zero"],
  ];

  it.each(files)("is named: %s", async (_, bytes, found) => {
    const path = join(folder, "model.t7");
    writeFileSync(path, bytes);
    for (const error of [
      await bothFail(bytes),
      await failure(load(path)),
      await failure(load(gzipSync(bytes))),
      await failure(load(new Blob([bytes as BlobPart]).stream())),
      await failure(load(bytes, { readers: { "my.Class": () => 1 } })),
    ]) {
      expect(error).toMatchObject({ code: "not_t7", offset: 0, path: null });
      expect(error.found).toContain(found);
      expect(error.hint?.length).toBeGreaterThan(20);
      expect(error.partial).toBeUndefined();
    }
    expect((await failure(load(path))).message).toContain("model.t7 is not a .t7 file");
  });

  it("never comes out as a value, cut anywhere", async () => {
    for (const [, bytes] of files.slice(0, -1)) {
      for (let length = 1; length <= bytes.length; length += 1) {
        expect((await failure(load(bytes.subarray(0, length)))).code).toBe("not_t7");
      }
    }
  });

  it("is read as told where somebody tells how", async () => {
    const text = latin1("This");
    expect(await load(text, { schema: "byte*", all: true })).toEqual([84, 104, 105, 115]);
    const told = await failure(load(text, { byteOrder: "little" }));
    expect(told).toMatchObject({ code: "bad_type_code", offset: 0, path: "root" });
    expect(told.hint).toContain('the text "This"');
    const wrong = await failure(load(new Bytes("ASCII").number(1).done(), { encoding: "binary" }));
    expect(wrong.code).toMatch(/not_t7|bad_type_code/);
  });

  it("gzip that is damaged or too large is said to be that", async () => {
    const packed = gzipSync(new Bytes().string("x".repeat(5000)).done());
    expect((await failure(load(packed.subarray(0, 40)))).code).toBe("gzip_damaged");
    const limited = await failure(open(packed, { maxUnpacked: 100 }));
    expect(limited).toMatchObject({ code: "too_large", found: "more than 100 bytes" });
    const file = await open(packed);
    expect(file.format.gzip).toBe(true);
    expect(file.totals.byteLength).toBe(5008);
    await file.close();
  });
});

describe("a file that ends too early", () => {
  const model = () =>
    new Bytes()
      .table(1, 2)
      .string("name")
      .string("net")
      .string("modules")
      .table(2, 1)
      .number(1)
      .object(3, "nn.Linear")
      .table(4, 2)
      .string("bias")
      .tensor(5, "Float", [2], [1])
      .float(1, 2)
      .string("weight")
      .tensor(7, "Double", [50, 100], [100, 1]);

  it("gives what was read, and says what is missing and where", async () => {
    const bytes = model().raw(new Uint8Array(12_345)).done();
    const error = await bothFail(bytes);
    expect(error.code).toBe("truncated");
    expect(error.message).toContain(
      "truncated: 27,655 of 40,000 bytes of `root.modules[1].weight` are missing".replaceAll(
        "`",
        "",
      ),
    );
    expect(error.path).toBe("root.modules[1].weight");
    expect(error.hint).toContain("download");
    // biome-ignore lint/suspicious/noExplicitAny: the file's own shape
    const partial = (await failure(load(bytes))).partial as any;
    expect(partial.name).toBe("net");
    expect([...partial.modules[0].bias.data]).toEqual([1, 2]);
    const { weight } = partial.modules[0] as { weight: Tensor };
    expect(weight.shape).toEqual([50, 100]);
    expect(() => weight.data).toThrow(T7Error);
  });

  it("does so wherever it is cut, with the tree marked in open", async () => {
    const whole = model().raw(new Uint8Array(40_000)).done();
    const head = whole.length - 40_000;
    for (let length = 1; length < head + 20; length++) {
      const error = await bothFail(whole.subarray(0, length));
      expect(error.code).toMatch(/truncated|not_t7/);
      if (error.code === "truncated") expect(error.offset).toBeLessThanOrEqual(length);
    }
    const file = await open(whole.subarray(0, head + 20));
    expect(file.root?.incomplete).toBe(true);
    const weight = await file.node("root.modules[1].weight");
    expect(weight?.incomplete).toBe(true);
    expect((await failure(file.read(weight!))).code).toBe("truncated");
    const bias = await file.node("root.modules[1].bias");
    expect([...(await file.read(bias!))]).toEqual([1, 2]);
    await file.close();
  });
});

describe("numbers that lie", () => {
  const cases: [string, Bytes, code: string][] = [
    [
      "a table of 2^31 - 1 entries in 40 bytes",
      new Bytes()
        .table(1, 2 ** 31 - 1)
        .number(1)
        .number(2),
      "truncated",
    ],
    ["a negative table", new Bytes().table(1, -1), "bad_count"],
    [
      "a storage of 2^62 elements",
      new Bytes().storage(1, "Double", 2n ** 62n).double(1),
      "truncated",
    ],
    [
      "a storage of 2^63 - 1 bytes",
      new Bytes().storage(1, "Byte", 2n ** 63n - 1n).byte(1),
      "truncated",
    ],
    ["a negative storage", new Bytes().storage(1, "Byte", -1), "bad_size"],
    [
      "a negative dimension",
      new Bytes().object(1, "torch.ByteTensor").int(1).long(-4).long(1).long(1).nil(),
      "bad_size",
    ],
    [
      "65 dimensions",
      new Bytes()
        .object(1, "torch.ByteTensor")
        .int(65)
        .long(...new Array(131).fill(1))
        .nil(),
      "bad_dimensions",
    ],
    [
      "2^31 - 1 dimensions",
      new Bytes().object(1, "torch.ByteTensor").int(2 ** 31 - 1),
      "bad_dimensions",
    ],
    [
      "a string of 2^31 - 1 bytes",
      new Bytes()
        .int(2)
        .int(2 ** 31 - 1)
        .raw("x"),
      "truncated",
    ],
    ["a negative string", new Bytes().int(2).int(-1), "bad_length"],
    [
      "a class name of 1 GiB",
      new Bytes()
        .int(4)
        .int(1)
        .int(2 ** 30)
        .raw("nn.X"),
      "bad_class_name",
    ],
    [
      "a function of 2^31 - 1 bytes",
      new Bytes()
        .int(8)
        .int(1)
        .int(2 ** 31 - 1)
        .raw("\x1bLua"),
      "truncated",
    ],
    [
      "a function that is none",
      new Bytes().int(8).int(1).text("print('hello')").table(2, 0),
      "bad_function",
    ],
    [
      "a tds.Hash of 2^62 pairs",
      new Bytes()
        .object(1, "tds.Hash")
        .long(2n ** 62n)
        .number(1),
      "truncated",
    ],
    ["index 0", new Bytes().table(0, 0), "bad_index"],
    ["a key that is nil", new Bytes().table(1, 1).nil().number(1), "bad_key"],
    ["a key that is NaN", new Bytes().table(1, 1).number(Number.NaN).number(1), "bad_key"],
    ["an index used by another kind", new Bytes().table(1, 1).number(1).same(4, 1), "wrong_kind"],
  ];

  it.each(cases)("%s", async (_, bytes, code) => {
    const start = performance.now();
    const error = await bothFail(bytes.done());
    expect(error.code).toBe(code);
    expect(error.offset).not.toBeNull();
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("negative and overlapping strides, as far as they stay inside", async () => {
    const bytes = new Bytes().tensor(1, "Int", [3, 2], [1, 1], 1, 4).int(1, 2, 3, 4).done();
    expect(((await load(bytes)) as Tensor).toArray()).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    const backwards = new Bytes().tensor(1, "Int", [3], [-1], 3, 3).int(1, 2, 3).done();
    const tensor = (await load(backwards)) as Tensor;
    expect([...tensor.data]).toEqual([3, 2, 1]);
    expect(tensor.stats()).toMatchObject({ min: 1, max: 3, mean: 2 });
    const file = await open(backwards);
    expect([...(await file.read(file.root!))]).toEqual([3, 2, 1]);
    await file.close();
  });

  it("one element expanded to 10^12 costs nothing until it is asked for", async () => {
    const bytes = new Bytes()
      .tensor(1, "Float", [10 ** 6, 10 ** 6], [0, 0], 1, 1)
      .float(7)
      .done();
    const tensor = (await load(bytes)) as Tensor;
    expect([tensor.size, tensor.get(999_999, 5)]).toEqual([10 ** 12, 7]);
    for (const read of [() => tensor.data, () => tensor.toArray(), () => tensor.copy()]) {
      expect(read).toThrow(expect.objectContaining({ code: "too_large" }));
    }
    const file = await open(bytes);
    expect((await failure(file.read(file.root!))).code).toBe("too_large");
    await file.close();
  });
});

describe("a tensor that leaves its storage", () => {
  const bytes = new Bytes()
    .table(1, 2)
    .string("bad")
    .tensor(2, "Float", [5], [1], 1, 4)
    .float(1, 2, 3, 4)
    .string("good")
    .object(4, "torch.FloatTensor")
    .int(1)
    .long(4)
    .long(1)
    .long(1)
    .same(4, 3)
    .done();

  it("loads, and throws from all that needs its elements", async () => {
    const { bad, good } = (await load(bytes)) as Record<string, Tensor>;
    expect(bad.error).toMatchObject({ code: "view_out_of_range", path: "root.bad" });
    for (const use of [
      () => bad.data,
      () => bad.get(0),
      () => bad.toArray(),
      () => bad.copy(),
      () => bad.stats(),
      () => bad.histogram(),
    ]) {
      expect(use).toThrow(bad.error as T7Error);
    }
    expect(bad.shape).toEqual([5]);
    expect([...(bad.storage as Storage).data]).toEqual([1, 2, 3, 4]);
    expect([...good.data]).toEqual([1, 2, 3, 4]);
  });

  it("opens, and rejects all that needs its elements", async () => {
    const file = await open(bytes);
    expect(file.error).toBeNull();
    const bad = (await file.node("bad"))!;
    expect(bad.error?.code).toBe("view_out_of_range");
    for (const use of [
      file.read(bad),
      file.stats(bad),
      file.histogram(bad),
      file.value(bad),
      file.quantiles(bad, [0.5]),
    ]) {
      expect((await failure(use)).code).toBe("view_out_of_range");
    }
    expect((await file.stats((await file.node("good"))!)).mean).toBe(2.5);
    await file.close();
  });
});

/** Words of 4 bytes, written fast. */
class Words {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: number) {
    this.#view = new DataView(new ArrayBuffer(bytes));
  }

  ints(...values: number[]): this {
    for (const value of values) {
      this.#view.setInt32(this.#at, value, true);
      this.#at += 4;
    }
    return this;
  }

  number(value: number): this {
    this.ints(1);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
    return this;
  }

  done(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#at);
  }
}

describe("files made to harm", () => {
  const million = 1_000_000;

  it("a million nested tables are a million nested tables", async () => {
    const words = new Words(million * 24 + 4);
    for (let i = 1; i <= million; i++) words.ints(3, i, 1).number(1);
    const bytes = words.ints(0).done();
    let depth = 0;
    let value = await load(bytes);
    for (; Array.isArray(value) && value.length > 0; value = value[0]) depth++;
    // The innermost has an entry without a value, so it is empty.
    expect(depth).toBe(million - 1);
    const file = await open(bytes);
    expect(file.totals.objects).toBe(million);
    const deepest = await file.path(2 * (million - 1));
    expect(deepest.length).toBe(4 + 3 * (million - 1));
    await file.close();
    const cut = await failure(load(bytes.subarray(0, bytes.length - 4)));
    expect(cut.code).toBe("truncated");
  });

  it("a million references to one table are one table", async () => {
    const words = new Words(million * 20 + 100).ints(3, 1, million);
    for (let i = 1; i <= million; i++) words.number(i).ints(3, 1);
    const list = (await load(words.done())) as unknown[];
    expect(list.length).toBe(million);
    expect(list.every((entry) => entry === list)).toBe(true);
  });

  it("a graph of 2^60 paths is 61 tables", async () => {
    const depth = 60;
    const bytes = new Bytes();
    for (let i = 1; i <= depth; i++) bytes.table(i, 2).number(1);
    bytes.table(depth + 1, 0);
    for (let i = depth; i >= 1; i--) bytes.number(2).same(3, i + 1);
    let value = await load(bytes.done());
    for (let i = 0; i < depth; i++) {
      const list = value as unknown as (typeof value)[];
      expect(list[0]).toBe(list[1]);
      value = list[0];
    }
    expect(value).toEqual([]);
    const file = await open(bytes.done());
    expect(file.totals).toMatchObject({ objects: 61, nodes: 1 + 4 * depth });
    await file.close();
  });

  it("keys that are all different and all alike cost little more than others", async () => {
    const count = 200_000;
    const words = new Words(count * 16 + 100).ints(3, 1, count);
    for (let i = 0; i < count; i++) words.number(i % 2 === 0 ? 2 ** 40 * i : 7).ints(0);
    const start = performance.now();
    await load(words.done());
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("little memory", () => {
  afterEach(() => {
    memoryLimit.pages = 65536;
  });

  it("is out_of_memory, and the next file opens", async () => {
    memoryLimit.pages = 1024; // 64 MiB
    const pairs = 3_000_000;
    const words = new Words(pairs * 24 + 12).ints(3, 1, pairs);
    for (let i = 1; i <= pairs; i++) words.number(i).number(i);
    const bytes = words.done();
    const readObject = async () => (await T7Reader.from(bytes)).readObject();
    for (const read of [() => load(bytes), () => open(bytes), readObject]) {
      const error = await failure(read());
      expect(error.code).toBe("out_of_memory");
      expect(error.hint).not.toBeNull();
    }
    const file = await open(new Bytes().string("fine").done());
    expect(file.root?.value).toBe("fine");
    await file.close();
    expect(await load(new Bytes().number(5).done())).toBe(5);
  });

  it("holds hostile files of every kind: a T7Error or a value, then the next file", async () => {
    memoryLimit.pages = 1024;
    const depth = 1_000_000;
    const nested = new Words(depth * 24 + 4);
    for (let i = 1; i <= depth; i++) nested.ints(3, i, 1).number(1);
    const payload = new Bytes().tensor(1, "Byte", [90_000_000], [1]).raw(new Uint8Array(9e7));
    const longKey = new Bytes().table(1, 1).string("k".repeat(80_000_000)).number(1);
    for (const bytes of [nested.done(), payload.done(), longKey.done()]) {
      const outcome = await load(bytes).then(
        () => "value",
        (error) => (error as T7Error).code,
      );
      expect(outcome).toMatch(/^(out_of_memory|too_large|truncated)$/);
      expect(await load(new Bytes().number(5).done())).toBe(5);
    }
    // Without the payload there is room enough.
    const file = await open(payload.done());
    expect((await file.stats(file.root!)).zeros).toBe(90_000_000);
    await file.close();
  });
});
