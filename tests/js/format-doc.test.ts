/** `docs/format.md` against the program: its examples, its list of codes, and references to it. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { takeInstance } from "../../wasm/js/index/instance.js";
import { fileCodes } from "../../wasm/js/index/issues.js";
import { parse } from "../../wasm/js/index/parse.js";
import { load, T7Error } from "../../wasm/js/index.node.js";
import { toSource } from "../../wasm/js/source/source.node.js";
import { describeValue } from "./describe-value.js";
import { bytesOfListing, examplesOf, text } from "./doc-examples.js";

const dialects = ["LE64", "LE32", "BE64", "BE32", "ASCII"];

/** The dialect that the program finds, such as `LE64`; `LE` where no long occurs. */
async function dialectOf(bytes: Uint8Array): Promise<string> {
  const { format } = await parse(await takeInstance(), await toSource(bytes, {}));
  if (format.encoding === "ascii") return "ASCII";
  const bits = format.longSize === null ? "" : String(format.longSize * 8);
  return (format.byteOrder === "big" ? "BE" : "LE") + bits;
}

describe("examples", () => {
  const examples = examplesOf(text);

  test("every listing has an expected value", () => {
    expect(examples.length).toBe(text.match(/^```t7/gm)?.length);
    expect(examples.length).toBeGreaterThan(25);
  });

  for (const { words, line, bytes, expected } of examples) {
    test(`line ${line}: ${words.join(" ")}`, async () => {
      const schema = words.find((word) => word.startsWith("schema="))?.slice("schema=".length);
      const all = words.includes("all") || schema !== undefined;
      const loading = load(bytes, {
        tables: "map",
        ...(schema && { schema }),
        ...(all && { all }),
      });
      if (words.includes("error")) {
        const error = await loading.catch((e) => e);
        expect(error).toBeInstanceOf(T7Error);
        const { code, offset, partial } = error;
        expect({ code, offset, partial: describeValue(partial) }).toEqual(expected);
        return;
      }
      const value = await loading;
      const described =
        Array.isArray(value) && all ? describeValue(value, true) : describeValue(value);
      expect(described).toEqual(expected);
      const dialect = words.find((word) => dialects.includes(word));
      if (dialect !== undefined) expect(await dialectOf(bytes)).toBe(dialect);
    });
  }

  test("a wrong listing is noticed", () => {
    expect(() => bytesOfListing("0000  01 00\n0003  02")).toThrow("wrong offset");
    expect(() => bytesOfListing("0000  0g")).toThrow("not a line");
  });
});

describe("codes", () => {
  const table = text.slice(text.indexOf("\n## Errors"));
  const documented = Array.from(table.matchAll(/^\| `([a-z0-9_]+)` \|/gm), (match) => match[1]);
  const sources = readdirSync("wasm/js", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join("wasm/js", name), "utf8"));
  const core = readFileSync("wasm/core/base/error.cpp", "utf8");
  const names = /kNames = \{([\s\S]*?)\};/.exec(core)?.[1] ?? "";
  const coreCodes = Array.from(names.matchAll(/"(\w+)"/g), (match) => match[1]).slice(1);

  /** Words that the package gives to `T7Error` and to the functions that make one. */
  const packageCodes = new Set(
    sources.flatMap((source) => [
      ...Array.from(source.matchAll(/new T7Error\(\s*"(\w+)"/g), (match) => match[1]),
      ...Array.from(
        source.matchAll(/"((?:bad|not|no|source|too|out|gzip|wasm)_\w+)"/g),
        (m) => m[1],
      ),
    ]),
  );

  test("the core's codes are the package's", () => {
    expect([...fileCodes].sort()).toEqual([...coreCodes].sort());
  });

  test("every code is in the table, once", () => {
    const all = new Set([...coreCodes, ...packageCodes]);
    expect([...all].filter((code) => !documented.includes(code))).toEqual([]);
    expect(documented.length).toBe(new Set(documented).size);
  });

  test("every code in the table is one", () => {
    const known = (code: string) => coreCodes.includes(code) || packageCodes.has(code);
    expect(documented.filter((code) => !known(code))).toEqual([]);
  });
});

describe("classes", () => {
  test("every class with a layout of its own is in the document", () => {
    const table = readFileSync("wasm/core/graph/body_layouts.cpp", "utf8");
    const classes = Array.from(table.matchAll(/^ {4}\{"([\w.]+)", Form::/gm), (match) => match[1]);
    expect(classes.length).toBeGreaterThan(100);
    const words = new Set(text.match(/[\w.]*\w/g));
    const known = (name: string) => words.has(name) || words.has(name.replace(/^nn\./, ""));
    expect(classes.filter((name) => !known(name))).toEqual([]);
  });
});

describe("memory", () => {
  const design = readFileSync("docs/design.md", "utf8");
  const header = readFileSync("wasm/core/graph/graph.h", "utf8");
  const script = readFileSync("wasm/js/index/graph.ts", "utf8");
  const rows = Array.from(
    design.matchAll(/^\| `(\w+)` \| ([\w ]+) \| (\d+) \| (\d+) \|$/gm),
    ([, list, element, bytes, chunk]) => ({
      list,
      element,
      bytes: Number(bytes),
      chunk: Number(chunk),
    }),
  );

  test("the table of chunk lists is complete", () => {
    const lists = Array.from(header.matchAll(/ChunkList<\w+, \d+> (\w+);/g), (match) => match[1]);
    expect(rows.map(({ list }) => list)).toEqual(lists);
  });

  for (const { list, element, bytes, chunk } of rows) {
    test(`${list} has the sizes of graph.h and graph.ts`, () => {
      const bits = Number(new RegExp(`ChunkList<\\w+, (\\d+)> ${list};`).exec(header)?.[1]);
      expect(2 ** bits).toBe(chunk);
      const name = list === "children" ? "child" : list.replace(/s$/, "");
      expect(script).toContain(`const ${name}Bits = ${bits};`);
      const size = new RegExp(`sizeof\\(${element}\\) == (\\d+)`).exec(header)?.[1];
      if (size !== undefined) expect(Number(size)).toBe(bytes);
    });
  }
});

describe("references", () => {
  /** `docs/format.md § Unknown classes` in the code → the headings of the document. */
  const references = (folder: string, name: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(ts|tsx|h|cpp)$/.test(path))
      .flatMap((path) => {
        const source = readFileSync(join(folder, path), "utf8");
        const pattern = new RegExp(`docs/${name}\\.md\`? § ([A-Z]\\w*(?: [a-z]\\w*)*)`, "g");
        return Array.from(source.matchAll(pattern), (match) => match[1]);
      });

  for (const name of ["format", "design"]) {
    test(`every section of docs/${name}.md that code names exists`, () => {
      const markdown = readFileSync(`docs/${name}.md`, "utf8");
      const headings = Array.from(markdown.matchAll(/^##+ (.*)$/gm), (match) => match[1]);
      const named = ["wasm", "web/src", "tests"].flatMap((folder) => references(folder, name));
      expect(named.length).toBeGreaterThan(0);
      const missing = named.filter(
        (section) => !headings.some((h) => section === h || section.startsWith(`${h} `)),
      );
      expect(missing).toEqual([]);
    });
  }
});
