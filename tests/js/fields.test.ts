/** Fields: every byte of every file belongs to exactly one, and they say what the writer wrote. */

import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { T7Field } from "../../wasm/js/base/api.js";
import { open, type T7File } from "../../wasm/js/index.node.js";
import { Bytes, type DialectName } from "./bytes.js";
import { examplesOf, text } from "./doc-examples.js";

const folders = ["testfiles_x86_64", "testfiles_x86_64/networks"];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".t7"))
    .map((name) => `${folder}/${name}`),
);

async function allFields(file: T7File): Promise<T7Field[]> {
  const { byteLength } = file.totals;
  const fields: T7Field[] = [];
  for (let at = 0; at < byteLength; ) {
    const some = await file.fields(at, byteLength);
    fields.push(...some);
    const last = some.at(-1);
    if (last === undefined) break;
    at = last.offset + last.byteLength;
  }
  return fields;
}

/** The first byte that is in no field or in two, or `null`. */
function firstGap(fields: T7Field[], byteLength: number): number | null {
  let at = 0;
  for (const field of fields) {
    if (field.offset !== at || field.byteLength <= 0) return at;
    at += field.byteLength;
  }
  return at === byteLength ? null : at;
}

describe("every byte of a file by Torch belongs to exactly one field", () => {
  it.each(files)("%s", async (path) => {
    const file = await open(path);
    const fields = await allFields(file);
    expect(firstGap(fields, file.totals.byteLength)).toBeNull();
    const unread = fields.filter(({ name }) => name === "unread");
    if (file.error === null && file.warnings.length === 0) expect(unread).toEqual([]);
    // What the fields say is what the index says.
    const nodes = new Set(fields.map(({ node }) => node).filter((node) => node !== null));
    expect(nodes.size).toBe(file.totals.nodes);
    await file.close();
  });
});

describe("the examples of docs/format.md", () => {
  const examples = examplesOf(text).filter(({ words }) => !words.includes("error"));

  it.each(examples.map((example) => [example.line, example] as const))(
    "line %i: each line of the listing begins a field",
    async (_line, { words, bytes, starts }) => {
      const schema = words.find((word) => word.startsWith("schema="))?.slice("schema=".length);
      const file = await open(bytes, schema === undefined ? {} : { schema });
      const fields = await allFields(file);
      expect(firstGap(fields, bytes.length)).toBeNull();
      const begins = new Set(fields.map(({ offset }) => offset));
      // A line of a long payload is in the middle of one.
      const long = fields.filter(({ name }) =>
        ["elements", "class", "text", "dump", "state"].includes(name),
      );
      const isInside = (at: number) =>
        long.some(({ offset, byteLength }) => offset < at && at < offset + byteLength);
      expect(starts.filter((at) => !begins.has(at) && !isInside(at))).toEqual([]);
      await file.close();
    },
  );
});

/** One of each kind of value. */
function everything(dialect: DialectName): Bytes {
  const bytes = new Bytes(dialect);
  bytes.table(1, 6);
  bytes.number(1).string("text\nof two lines");
  bytes.number(2).boolean(true);
  bytes.number(3).tensor(2, "Float", [2, 3], [3, 1]).float(1, 2, 3, 4, 5, 6);
  bytes.number(4).same(4, 2);
  bytes.number(5).nil();
  bytes.number(6).number(-0.5);
  return bytes;
}

const everythingSaid = [
  "typeCode 3, index 1, entries 6",
  "typeCode 1, number 1, typeCode 2, length 17, text text\nof two lines",
  "typeCode 1, number 2, typeCode 5, boolean true",
  "typeCode 1, number 3, typeCode 4, index 2",
  "versionLength 3, version V 1, classLength 17, class torch.FloatTensor",
  "dimensions 2, size 0, size 1, stride 0, stride 1, storageOffset 1",
  "typeCode 4, index 3, versionLength 3, version V 1, classLength 18, class torch.FloatStorage",
  "elementCount 6, elements",
  "typeCode 1, number 4, typeCode 4, index 2",
  "typeCode 1, number 5, typeCode 0",
  "typeCode 1, number 6, typeCode 1, number -0.5",
].join(", ");

describe.each(["LE64", "LE32", "BE64", "BE32", "ASCII"] as DialectName[])("%s", (dialect) => {
  it("says what each byte is", async () => {
    const bytes = everything(dialect).done();
    const file = await open(bytes);
    const fields = (await allFields(file)).filter(({ name }) => name !== "blank");
    const said = fields.map(({ name, value, dimension }) =>
      `${name} ${dimension ?? value ?? ""}`.trim(),
    );
    expect(said.join(", ")).toBe(everythingSaid);
    await file.close();
  });

  it("gives the same in any window", async () => {
    const bytes = everything(dialect).done();
    const file = await open(bytes);
    const fields = await allFields(file);
    for (let from = 0; from < bytes.length; from += 5) {
      const to = from + 1 + (from % 23);
      const wanted = fields.filter(
        ({ offset, byteLength }) => offset + byteLength > from && offset < to,
      );
      expect(await file.fields(from, to)).toEqual(wanted);
    }
    await file.close();
  });
});

describe("damage", () => {
  it("what cannot be read is in no value, and everything before is", async () => {
    const whole = everything("LE64").done();
    for (let length = 30; length < whole.length; length++) {
      const file = await open(whole.slice(0, length));
      const fields = await allFields(file);
      expect(firstGap(fields, length)).toBeNull();
      const unread = fields.find(({ name }) => name === "unread");
      if (unread !== undefined) expect(unread.offset + unread.byteLength).toBe(length);
      await file.close();
    }
  });

  it("bytes behind the value belong to none", async () => {
    const file = await open(new Bytes().number(7).raw(new Uint8Array(20)).done());
    expect(await allFields(file)).toMatchObject([
      { name: "typeCode", value: 1 },
      { name: "number", value: 7, dtype: "float64" },
      { name: "unread", offset: 12, byteLength: 20, node: null },
    ]);
    await file.close();
  });
});

it("reads little of a file that is large", async () => {
  const header = new Bytes();
  header.tensor(1, "Byte", [2 ** 40], [1]);
  const start = header.done();
  const file = await open({
    byteLength: start.length + 2 ** 40,
    slice: (from: number, to: number) => {
      const bytes = new Uint8Array(to - from);
      bytes.set(start.subarray(Math.min(from, start.length), Math.min(to, start.length)));
      return bytes;
    },
  });
  const before = file.totals.bytesRead;
  const [field, ...others] = await file.fields(2 ** 39, 2 ** 39 + 4096);
  expect(others).toEqual([]);
  expect(field).toMatchObject({ name: "elements", offset: start.length, byteLength: 2 ** 40 });
  expect(field.dtype).toBe("uint8");
  expect((await file.bytes(2 ** 40, 2 ** 40 + 10)).length).toBe(10);
  expect(file.totals.bytesRead - before).toBeLessThan(2 ** 20);
  await expect(file.fields(-1, 5)).rejects.toMatchObject({ code: "bad_option" });
  await file.close();
});
