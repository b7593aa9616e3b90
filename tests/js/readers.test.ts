/** Readers for classes that write their own layout. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type ClassReaders,
  LuaTable,
  type LuaValue,
  load,
  open,
  T7Error,
  type T7Reader,
  type Tensor,
  TorchObject,
  typename,
} from "../../wasm/js/index.node.js";
import { Bytes, dialectNames } from "./bytes.js";

const fixture = (name: string) => new URL(`../../testfiles_x86_64/${name}.t7`, import.meta.url);
const raw = JSON.parse(
  readFileSync(new URL("../oracle/class_custom_layout.json", import.meta.url), "utf8"),
).raw as { op: string; value: unknown }[];

async function failure(promise: Promise<unknown>): Promise<T7Error> {
  const error = await promise.then(
    () => new Error("nothing was thrown"),
    (thrown) => thrown,
  );
  if (!(error instanceof T7Error)) throw error;
  return error;
}

const withReaders = (bytes: Bytes, readers: ClassReaders, all = false) =>
  load(bytes.done(), { readers, ...(all && { all }) });

/** As the class's write method wrote it (the oracle's `raw`). */
const customLayout = (reader: T7Reader) => ({
  int: reader.readInt(),
  double: reader.readDouble(),
  short: [...reader.readShorts(Number(reader.readLong()))],
  bool: reader.readBoolean(),
  rawString: String.fromCharCode(...reader.readBytes(3)),
});

describe("a class with its own layout", () => {
  it("is read from a file by Torch, and told how where it is not", async () => {
    const readers = { "fixture.CustomLayout": customLayout };
    const value = await load(fixture("class_custom_layout"), { readers });
    const expected: Record<string, unknown> = Object.fromEntries(
      raw.map(({ op, value }) => [op, value]),
    );
    expect(value).toEqual({
      int: expected.int,
      double: expected.double,
      short: expected.short,
      bool: expected.bool,
      rawString: (expected.rawString as { text: string }).text,
    });
    const inTable = await load(fixture("class_custom_layout_in_table"), { readers });
    expect(JSON.stringify(inTable)).toContain('"rawString":"end"');
    const error = await failure(load(fixture("class_custom_layout")));
    expect(error.code).toBe("unknown_layout");
    expect(error.hint).toContain('readers: { "fixture.CustomLayout": (reader, version) =>');
  });

  it.each(dialectNames)("is read in %s, whose longs are found out by trial", async (dialect) => {
    const bytes = new Bytes(dialect).table(1, 3);
    bytes.string("a").object(2, "my.Class", 3).long(2).double(1, 2.5).byte(7).text("x\ny").byte(1);
    bytes.string("b").same(4, 2).string("c").number(9);
    const passes: number[] = [];
    const read = (reader: T7Reader, version: number | null) => {
      passes.push(reader.position);
      const count = Number(reader.readLong());
      return {
        version,
        list: [...reader.readDoubles(count)],
        byte: reader.readByte(),
        text: reader.readString(),
        last: reader.readByte(),
      };
    };
    const value = (await withReaders(bytes, { "my.Class": read })) as Record<string, unknown>;
    expect(value.a).toEqual({ version: 3, list: [1, 2.5], byte: 7, text: "x\ny", last: 1 });
    expect(value.b).toBe(value.a);
    expect(value.c).toBe(9);
    expect(passes.length).toBeGreaterThanOrEqual(1);
  });

  it("may be a key, a list's entry, a root; may become anything, nil too", async () => {
    const bytes = new Bytes();
    bytes.object(1, "my.N").int(5).object(2, "my.N").int(6);
    bytes.table(3, 2).same(4, 1).string("one").number(2).same(4, 2);
    bytes.object(4, "my.Nothing").object(5, "torch.my.Unversioned", null).int(8);
    const versions: unknown[] = [];
    const readers: ClassReaders = {
      "my.N": (reader) => reader.readInt(),
      "my.Nothing": () => undefined,
      "torch.my.Unversioned": (reader, version) => {
        versions.push(version);
        return reader.readInt();
      },
    };
    const roots = (await withReaders(bytes, readers, true)) as LuaValue[];
    expect(roots).toEqual([
      5,
      6,
      new LuaTable([
        [5, "one"],
        [2, 6],
      ]),
      null,
      8,
    ]);
    expect(versions).toEqual([null]);
  });

  it("can be one that the package knows", async () => {
    const bytes = new Bytes().table(1, 2).string("t").tensor(2, "Float", [2], [1]).float(1, 2);
    bytes.string("h").object(4, "tds.Vec").long(1).number(3);
    const value = await withReaders(bytes, {
      "torch.FloatTensor": (reader) => {
        const shape = reader.readLongs(reader.readInt());
        reader.readLongs(shape.length);
        return { shape, offset: reader.readLong(), storage: typename(reader.readObject()) };
      },
      "tds.Vec": (reader) => [reader.readLong(), reader.readObject()],
    });
    expect(value).toEqual({
      t: { shape: BigInt64Array.of(2n), offset: 1n, storage: "torch.FloatStorage" },
      h: [1n, 3],
    });
  });

  it("does not disturb files without it, nor names of Object's own", async () => {
    const plain = await load(fixture("nn_linear"), { readers: { "my.Class": () => 1 } });
    expect(plain).toBeInstanceOf(TorchObject);
    const tensor = (plain as unknown as { weight: Tensor }).weight;
    expect(tensor.stats()).toEqual(
      ((await load(fixture("nn_linear"))) as unknown as { weight: Tensor }).weight.stats(),
    );
    const bytes = new Bytes().object(1, "constructor").table(2, 0);
    expect(typename(await withReaders(bytes, { x: () => 1 }))).toBe("constructor");
  });
});

describe("objects inside", () => {
  /** root = { pre = P, obj = my.Node { self-references }, post } */
  const nested = () => {
    const bytes = new Bytes().table(1, 3).string("pre").table(2, 1).string("x").number(1);
    bytes.string("obj").object(3, "my.Node");
    // The table that the reader reads: [self, root, pre, list-to-be].
    bytes.table(4, 6).string("self").same(4, 3).string("root").same(3, 1).string("pre").same(3, 2);
    bytes.same(4, 3).string("me").table(5, 1).same(4, 3).string("as key").string("value");
    bytes.string("list").table(6, 2);
    bytes.number(1).same(4, 3).number(2).same(3, 1);
    return bytes.string("post").same(4, 3);
  };

  it("refer to what is not complete yet: undefined inside, filled in afterwards", async () => {
    let inside: Record<string, LuaValue> = {};
    const seen: unknown[] = [];
    class Node {
      constructor(readonly body: unknown) {}
    }
    const root = (await withReaders(nested(), {
      "my.Node": (reader) => {
        const body = reader.readObject() as LuaTable;
        inside = Object.fromEntries([...body].filter(([key]) => typeof key === "string"));
        seen.push(inside.self, inside.root, inside.pre, body.size);
        return new Node(body);
      },
    })) as Record<string, LuaValue>;
    // One entry has a key that cannot exist yet, so it comes with the object.
    expect(seen).toEqual([undefined, undefined, { x: 1 }, 5]);
    const node = root.obj as unknown as Node;
    expect(node).toBeInstanceOf(Node);
    expect(root.post).toBe(node);
    const body = node.body as LuaTable;
    expect([...body.keys()].map((key) => typeof key)).toEqual([
      ...["string", "string", "string", "object", "object", "string"],
    ]);
    expect(body.get("self")).toBe(node);
    expect(body.get("root")).toBe(root);
    expect(body.get("pre")).toBe(root.pre);
    expect(body.get(node as unknown as LuaTable)).toBe("me");
    const key = [...body.keys()].find((other) => other instanceof LuaTable);
    expect((key as LuaTable).get(node as unknown as LuaTable)).toBe("as key");
    const list = body.get("list") as LuaValue[];
    expect(list).toEqual([node, root]);
    expect(list[0]).toBe(node);
  });

  it("are the same objects as everywhere in the file, over several reads", async () => {
    const bytes = new Bytes().object(1, "my.Pair").table(2, 1).string("a").number(1);
    bytes.table(3, 1).string("b").same(3, 2).table(4, 1).string("c").same(3, 3);
    const [pair, after] = (await withReaders(
      bytes,
      { "my.Pair": (reader) => [reader.readObject(), reader.readObject()] },
      true,
    )) as [Record<string, LuaValue>[], Record<string, LuaValue>];
    expect(pair[1].b).toBe(pair[0]);
    expect(after.c).toBe(pair[1]);
  });

  it("may be of such classes themselves, with tensors that stay usable", async () => {
    const bytes = new Bytes();
    bytes.object(1, "my.Outer").int(2);
    bytes.table(2, 1).string("in").object(3, "my.Inner").tensor(4, "Double", [2, 2], [1, 2]);
    bytes.double(1, 2, 3, 4).table(6, 1).string("again").same(4, 4);
    // Enough behind it to make the memory of the core grow.
    bytes.table(7, 200_000);
    for (let i = 1; i <= 200_000; i++) bytes.number(i).boolean(true);
    let early: ArrayLike<number | bigint> = [];
    const [outer] = (await withReaders(
      bytes,
      {
        "my.Outer": (reader) => {
          const count = reader.readInt();
          return Array.from({ length: count }, () => reader.readObject());
        },
        "my.Inner": (reader) => {
          const tensor = reader.readObject() as Tensor;
          early = tensor.data;
          return { tensor, sum: [...(early as Float64Array)].reduce((a, b) => a + b) };
        },
      },
      true,
    )) as [[{ in: { tensor: Tensor; sum: number } }, { again: Tensor }]];
    expect(outer[0].in.sum).toBe(10);
    expect([...(early as Float64Array)]).toEqual([1, 3, 2, 4]);
    expect(outer[1].again).toBe(outer[0].in.tensor);
    expect(outer[1].again.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(outer[1].again.stats()).toMatchObject({ mean: 2.5, min: 1, max: 4 });
    expect([...outer[1].again.histogram({ bins: 4 }).counts]).toEqual([1, 1, 1, 1]);
  });

  it("can stand in a hundred thousand nested tables without a stack", async () => {
    const bytes = new Bytes();
    const depth = 100_000;
    for (let i = 1; i <= depth; i++) bytes.table(i, 1).string("t");
    bytes
      .object(depth + 1, "my.Leaf")
      .table(depth + 2, 1)
      .string("top")
      .same(3, 1);
    let value = await withReaders(bytes, { "my.Leaf": (reader) => reader.readObject() });
    const root = value;
    for (let i = 0; i < depth; i++) value = (value as { t: LuaValue }).t;
    expect((value as { top: LuaValue }).top).toBe(root);
  });
});

describe("a reader that fails", () => {
  const file = () => {
    const bytes = new Bytes().table(1, 2).string("good").table(2, 1).string("x").number(1);
    return bytes.string("bad").object(3, "my.Bad").int(1, 2, 3, 4);
  };

  it("gives reader_failed with class, path, offset, cause and what was read", async () => {
    const cause = new RangeError("no such layout");
    const bytes = file();
    const error = await failure(
      withReaders(bytes, {
        "my.Bad": (reader) => {
          reader.readInt();
          throw cause;
        },
      }),
    );
    expect(error).toMatchObject({
      code: "reader_failed",
      path: "root.bad",
      offset: bytes.length - 12,
      found: "no such layout",
    });
    expect(error.message).toContain("the reader for my.Bad failed, in root.bad: no such layout");
    expect(error.cause).toBe(cause);
    const partial = error.partial as Record<string, LuaValue>;
    expect(partial.good).toEqual({ x: 1 });
  });

  it("is so too when it waits, or throws what is no error", async () => {
    const waits = await failure(withReaders(file(), { "my.Bad": async () => 1 }));
    expect(waits).toMatchObject({ code: "reader_failed", found: expect.stringContaining("wait") });
    const text = await failure(
      withReaders(file(), {
        "my.Bad": () => {
          throw "text";
        },
      }),
    );
    expect([text.code, text.cause]).toEqual(["reader_failed", "text"]);
  });

  it("reads past the end: truncated, with the class", async () => {
    const bytes = file();
    const error = await failure(withReaders(bytes, { "my.Bad": (reader) => reader.readInts(5) }));
    expect(error).toMatchObject({ code: "truncated", path: "root.bad", offset: bytes.length - 16 });
    expect(error.message).toContain("my.Bad");
  });

  it("reads too little or too much: what follows fails and names the class", async () => {
    const little = file().raw("");
    const behind = (reader: T7Reader) => reader.readInt();
    const root = new Bytes().table(1, 2).string("bad").object(2, "my.Bad").int(1, 99, 7, 7);
    root.string("next").number(1);
    const error = await failure(withReaders(root, { "my.Bad": behind }));
    expect(error).toMatchObject({ code: "bad_type_code", found: "type code 99" });
    expect(error.hint).toContain("The reader for my.Bad, which ended at byte");
    expect(error.partial).toMatchObject({ bad: 1 });
    const warnings: T7Error[] = [];
    const options = { readers: { "my.Bad": behind }, onWarning: (w: T7Error) => warnings.push(w) };
    const single = new Bytes().object(1, "my.Bad").int(1, 99, 98).done();
    expect(await load(single, options)).toBe(1);
    expect(warnings[0].code).toBe("trailing_bytes");
    expect(warnings[0].hint).toContain("The reader for my.Bad");
    expect(little.length).toBeGreaterThan(0);
    const much = new Bytes().table(1, 2).string("bad").object(2, "my.Bad").int(1);
    much.string("next").number(1);
    const over = await failure(withReaders(much, { "my.Bad": (reader) => reader.readInts(2) }));
    expect(over.hint).toContain("The reader for my.Bad");
  });

  it("cannot hide damage that readObject met", async () => {
    const bytes = new Bytes().table(1, 1).string("o").object(2, "my.Class");
    bytes.table(3, 1).string("k").int(77);
    const error = await failure(
      withReaders(bytes, {
        "my.Class": (reader) => {
          try {
            return reader.readObject();
          } catch {
            return "fine";
          }
        },
      }),
    );
    expect(error).toMatchObject({ code: "bad_type_code", found: "type code 77" });
    expect(error.hint).toContain("my.Class");
  });

  it("fails inside another one: the inner class is named", async () => {
    const bytes = new Bytes().object(1, "my.Outer").table(2, 1).string("i").object(3, "my.Inner");
    const error = await failure(
      withReaders(bytes.int(1), {
        "my.Outer": (reader) => reader.readObject(),
        "my.Inner": () => {
          throw new Error("inner");
        },
      }),
    );
    expect(error.message).toContain("the reader for my.Inner failed");
    expect((error.cause as Error).message).toBe("inner");
  });

  it("are too deep inside each other: an error, no overflow", async () => {
    const chain = (depth: number) => {
      const bytes = new Bytes();
      for (let i = 1; i <= depth; i++) bytes.object(i, "my.Link");
      return bytes.nil();
    };
    const readers: ClassReaders = { "my.Link": (reader) => [reader.readObject()] };
    let value = await withReaders(chain(1000), readers);
    let depth = 0;
    for (; Array.isArray(value); value = value[0]) depth++;
    expect(depth).toBe(1000);
    const error = await failure(withReaders(chain(1001), readers));
    expect(error).toMatchObject({ code: "too_deep" });
    expect((await failure(withReaders(chain(100_000), readers))).code).toBe("too_deep");
  });
});

describe("a reader", () => {
  it("that is kept cannot be used afterwards", async () => {
    let kept: T7Reader | undefined;
    const bytes = new Bytes().object(1, "my.Class").int(1);
    await withReaders(bytes, {
      "my.Class": (reader) => {
        kept = reader;
        return reader.readInt();
      },
    });
    expect(() => kept?.readInt()).toThrow(expect.objectContaining({ code: "closed" }));
  });

  it("runs in T7Reader too", async () => {
    const { T7Reader } = await import("../../wasm/js/index.node.js");
    const bytes = new Bytes().int(1).table(1, 1).string("x").object(2, "my.Class").int(5).int(6);
    const reader = await T7Reader.from(bytes.done(), {
      readers: { "my.Class": (inner) => inner.readInt() * 2 },
    });
    expect([reader.readInt(), reader.readObject(), reader.readInt()]).toEqual([1, { x: 10 }, 6]);
  });

  it("is asked for in open: the file shows what was before", async () => {
    const file = await open(fixture("class_custom_layout_in_table"));
    expect(file.error?.code).toBe("unknown_layout");
    expect(file.root?.kind).toBe("table");
    await file.close();
  });
});
