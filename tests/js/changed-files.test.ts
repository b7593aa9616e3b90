/** Files that were changed on their way, wrapped in something else, or joined: read where nothing is lost, else named. */

import { describe, expect, it } from "vitest";
import { load, open, type T7Error } from "../../wasm/js/index.node.js";
import { Bytes, type DialectName } from "./bytes.js";

interface Reading {
  value: unknown;
  codes: string[];
}

async function readAll(bytes: Uint8Array): Promise<Reading> {
  const codes: string[] = [];
  const value = await load(bytes, { all: true, onWarning: ({ code }) => codes.push(code) });
  return { value, codes };
}

async function errorOf(bytes: Uint8Array): Promise<T7Error> {
  return load(bytes, { all: true }).then(
    () => Promise.reject(new Error("it was read")),
    (error: T7Error) => error,
  );
}

const record = (dialect: DialectName, i: number) =>
  new Bytes(dialect)
    .table(1, 2)
    .string("epoch")
    .number(i)
    .string("loss")
    .number(1 / (i + 1))
    .done();
const whole = () => record("LE64", 3);
const ascii = () => Buffer.from(record("ASCII", 3));
const text = (value: string) => new TextEncoder().encode(value);
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe("sessions that begin their numbers anew", () => {
  it.each<[DialectName, number]>([
    ["LE64", 70],
    ["LE32", 7],
    ["BE64", 300],
    ["ASCII", 40],
  ])("%s: %i records", async (dialect, count) => {
    const { value, codes } = await readAll(
      joined(...Array.from({ length: count }, (_, i) => record(dialect, i))),
    );
    expect(value).toHaveLength(count);
    expect((value as Array<{ epoch: number }>).map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
    expect(codes.filter((code) => code === "appended_session")).toHaveLength(
      Math.min(count - 1, 100),
    );
  });

  it("of different kinds: a table, a tensor, a list", async () => {
    const tensor = new Bytes().tensor(1, "Float", [2], [1]).float(5, 6).done();
    const list = new Bytes().table(1, 1).number(1).string("x").done();
    const { value } = await readAll(joined(whole(), tensor, list, whole()));
    expect(value).toHaveLength(4);
    expect([...((value as unknown[])[1] as { data: Float32Array }).data]).toEqual([5, 6]);
    expect((value as unknown[])[2]).toEqual(["x"]);
  });

  it("two lists of numbers in ASCII, which could be read in another way", async () => {
    const list = (a: number, b: number) =>
      new Bytes("ASCII").table(1, 2).number(1).number(a).number(2).number(b).done();
    const { value, codes } = await readAll(joined(list(1, 2), list(7, 8)));
    expect(value).toEqual([
      [1, 2],
      [7, 8],
    ]);
    expect(codes).toContain("appended_session");
  });

  it("of which the last is cut: all others, and an error where it ends", async () => {
    const parts = Array.from({ length: 9 }, (_, i) => record("LE64", i));
    const bytes = joined(...parts);
    const error = await errorOf(bytes.subarray(0, bytes.length - 5));
    expect(error.code).toBe("truncated");
    expect(error.partial).toHaveLength(9);
    expect((error.partial as unknown[])[7]).toEqual({ epoch: 7, loss: 1 / 8 });
  });
});

describe("behind the first value", () => {
  it.each([8, 60, 64, 100, 3868, 100_000])("%i zeros are padding", async (zeros) => {
    const { value, codes } = await readAll(joined(whole(), new Uint8Array(zeros)));
    expect(value).toEqual([{ epoch: 3, loss: 0.25 }]);
    expect(codes).toEqual(["trailing_bytes"]);
  });

  it("damage in the next value is an error with what is whole of it", async () => {
    const second = new Bytes()
      .table(2, 2)
      .number(1)
      .string("ok")
      .number(2)
      .int(9)
      .raw("xxxx")
      .done();
    const error = await errorOf(joined(whole(), second));
    expect(error.code).toBe("bad_type_code");
    expect(error.path).toBe("roots[2][2]");
    expect(error.partial).toEqual([{ epoch: 3, loss: 0.25 }, ["ok"]]);
  });
});

describe("a mark or another encoding of an ASCII file is taken off", () => {
  it.each<[string, () => Uint8Array]>([
    ["UTF-8 with a mark", () => joined(Uint8Array.of(0xef, 0xbb, 0xbf), ascii())],
    [
      "UTF-16 LE",
      () => joined(Uint8Array.of(0xff, 0xfe), Buffer.from(ascii().toString(), "utf16le")),
    ],
    [
      "UTF-16 BE",
      () => joined(Uint8Array.of(0xfe, 0xff), Buffer.from(ascii().toString(), "utf16le").swap16()),
    ],
  ])("%s", async (_name, make) => {
    const { value, codes } = await readAll(make());
    expect(value).toEqual([{ epoch: 3, loss: 0.25 }]);
    expect(codes).toEqual(["byte_order_mark"]);
    const file = await open(make());
    expect(file.warnings.map(({ code }) => code)).toEqual(["byte_order_mark"]);
    await file.close();
  });
});

describe("what stands around a file is named", () => {
  const base64 = () => Buffer.from(whole()).toString("base64");
  const hex = () => Buffer.from(whole()).toString("hex");

  it.each<[string, () => Uint8Array, RegExp]>([
    ["base64", () => text(base64()), new RegExp(`base64.* ${whole().length} bytes`)],
    ["base64 in lines", () => text(base64().replace(/.{20}/g, "$&\n")), /base64/],
    ["a data URL", () => text(`data:application/octet-stream;base64,${base64()}`), /data: address/],
    ["a string of JSON", () => text(`"${base64()}"`), /string of JSON/],
    ["digits", () => text(hex()), /hex dump/],
    [
      "xxd",
      () => text(`00000000: ${hex().slice(0, 32).replace(/.{4}/g, "$& ")} ....\n`),
      /hex dump/,
    ],
    [
      "an HTTP header",
      () => joined(text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), whole()),
      /an HTTP header of 38 bytes/,
    ],
    ["chunks", () => joined(text("40\r\n"), whole()), /chunks/],
    [
      "a symbolic link",
      () => text("../../models/art/model.t7"),
      /symbolic link to \.\.\/\.\.\/models/,
    ],
    ["a PyTorch file of 2016", () => joined(text("sys_info"), new Uint8Array(600)), /PyTorch/],
    ["ONNX", () => joined(Uint8Array.of(8, 7, 0x12, 7), text("pytorch")), /protocol buffers.*ONNX/],
    [
      "a TensorFlow graph",
      () => joined(Uint8Array.of(10, 40, 10, 5), text("input\x12\x0b")),
      /TensorFlow/,
    ],
    ["ggml", () => text("lmgg\0\0\0\0"), /ggml/],
  ])("%s", async (_name, make, found) => {
    const error = await errorOf(make());
    expect(error.code).toBe("not_t7");
    expect(error.message).toMatch(found);
    expect(error.hint).not.toBeNull();
  });
});

describe("what happened to the bytes is said", () => {
  /** Has 0A bytes in lengths, as texts of ten characters. */
  const lines = () => {
    const bytes = new Bytes().table(1, 2).string("ten letters".slice(0, 10)).number(1);
    return bytes.string("more words").string("ten bytes!").done();
  };

  it("by a transfer in text mode", async () => {
    const changed = [...lines()].flatMap((byte) => (byte === 10 ? [13, 10] : [byte]));
    const error = await errorOf(Uint8Array.from(changed));
    expect(error.message).toMatch(/transfer in text mode/);
    expect(error.hint).toMatch(/binary mode/);
  });

  it("by decoding as text", async () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
    const bytes = new Bytes()
      .tensor(1, "Float", [64], [1])
      .float(...values)
      .done();
    const lossy = await errorOf(text(new TextDecoder().decode(bytes)));
    expect(lossy.message).toMatch(/read as text/);
    const kept = await errorOf(text(Buffer.from(bytes).toString("latin1")));
    expect(kept.message).toMatch(/re-encoded as UTF-8/);
  });

  it("by a download that was only prepared", async () => {
    const bytes = new Bytes().table(1, 100);
    for (let i = 0; i < 50; i++) bytes.string(`key ${i}`).number(i);
    const error = await errorOf(joined(bytes.done(), new Uint8Array(5000)));
    expect(error.message).toMatch(/only zeros from byte/);
  });

  it("where saving may have stopped, with both causes", async () => {
    const error = await errorOf(
      new Bytes().table(1, 2).string("a").number(1).string("loader").done(),
    );
    expect(error.hint).toMatch(/incomplete download/);
    expect(error.hint).toMatch(/value of loader could not be saved/);
  });
});

describe("objects as keys", () => {
  const keyed = () => {
    const bytes = new Bytes().table(1, 1).object(2, "nngraph.Node").table(3, 100);
    for (let i = 0; i < 100; i++) bytes.number(i + 1).string(`n${i}`);
    return bytes.string("value").done();
  };

  it("are labelled with their class, however large they are, and are nodes", async () => {
    const file = await open(keyed());
    const [child] = await file.children(0);
    expect(child?.key).toBe("<nngraph.Node #2>");
    const inside = await file.children(child?.keyNode ?? -1);
    expect(inside).toHaveLength(100);
    expect((await file.node("#2[7]"))?.value).toBe("n6");
    expect(await file.node("#9")).toBeNull();
    await file.close();
  });
});
