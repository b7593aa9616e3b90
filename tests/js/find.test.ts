/** Search: the grammar, and every example of docs/search.md. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { globOf, parseQuery } from "../../wasm/js/ask/query.js";
import { open, T7Error, type T7File } from "../../wasm/js/index.node.js";
import { Bytes } from "./bytes.js";

async function pathsOf(file: T7File, query: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const node of file.find(query)) paths.push(await file.path(node));
  return paths;
}

describe("the examples of docs/search.md", () => {
  const text = readFileSync("docs/search.md", "utf8");
  const examples = [...text.matchAll(/^\| `([^|]*)` \| (`root.*`) \|$/gm)];

  it("are there", () => expect(examples.length).toBeGreaterThan(6));

  it.each(examples.map(([, query, hits]) => [query, hits]))("%s", async (query, hits) => {
    const file = await open("testfiles_x86_64/checkpoint_training.t7");
    const wanted = [...(hits as string).matchAll(/`([^`]*)`/g)].map((match) => match[1]);
    expect(await pathsOf(file, query as string)).toEqual(wanted);
    await file.close();
  });
});

describe("patterns", () => {
  it.each([
    ["a*c", "abc", true],
    ["a*c", "ac", true],
    ["a*c", "acd", false],
    ["*", "", true],
    ["a*a", "a", false],
    ["*ab*ab*", "xabab", true],
    ["*ab*ab*", "xab", false],
    ["ABC", "abc", true],
  ])("%s on %s", (glob, text, holds) => expect(globOf(glob).test(text)).toBe(holds));

  it("take linear time", () => {
    const glob = globOf("*a".repeat(2000));
    const text = "a".repeat(100_000);
    const began = performance.now();
    expect(glob.test(`${text}b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it.each(["", "   ", "colour:red", "size>", "size>x", "x".repeat(5000), "a ".repeat(65)])(
    "%s is refused",
    (query) => {
      expect(() => parseQuery(query)).toThrow(T7Error);
    },
  );
});

describe("the whole file", () => {
  it("is searched behind keys, in cycles and in deep chains, each value once", async () => {
    const cyclic = await open("testfiles_x86_64/class_recursive.t7");
    const names = await pathsOf(cyclic, "kind:object");
    expect(names.length).toBeGreaterThan(0);
    await cyclic.close();
    const deep = new Bytes();
    for (let at = 1; at <= 20_000; at++) deep.table(at, 1).string("next");
    const file = await open(deep.string("the end").done());
    const end = /^root(\.next){20000}$/;
    expect((await pathsOf(file, '"the end"'))[0]).toMatch(end);
    expect((await pathsOf(file, 'path:*.next "the end"'))[0]).toMatch(end);
    await file.close();
  });

  it("ends when nobody wants more, and when it is cancelled", async () => {
    const bytes = new Bytes().table(1, 50_000);
    for (let at = 0; at < 50_000; at++) bytes.number(at + 1).string(`value ${at}`);
    const file = await open(bytes.done());
    let seen = 0;
    for await (const node of file.find("value")) {
      expect(node.kind).toBe("string");
      if (++seen === 3) break;
    }
    expect(seen).toBe(3);
    const stop = new AbortController();
    const cancelled = (async () => {
      for await (const node of file.find("value", { signal: stop.signal })) {
        void node;
        stop.abort();
      }
    })();
    await expect(cancelled).rejects.toMatchObject({ code: "aborted" });
    await file.close();
  });
});
