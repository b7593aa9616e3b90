/** Every fixture in every dialect against the oracle that Torch wrote from its live objects. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { load, open, T7Error } from "../../wasm/js/index.node.js";
import { Comparison } from "./oracle.js";

const fixtures = new URL("../../testfiles_x86_64/", import.meta.url);
const oracles = new URL("../oracle/", import.meta.url);

/** Files that no generic reader can know, with what must happen instead. The table may only shrink. */
const exceptions: Record<string, string> = {
  class_custom_layout: "unknown_layout",
  class_custom_layout_in_table: "unknown_layout",
  stream_multi: "raw_values",
};

const files = readdirSync(fixtures).filter((name) => name.endsWith(".t7"));
const contentOf = (file: string) => file.replace(/(\.(ascii|b32|be|be32))?\.t7$/, "");

function oracleOf(file: string) {
  return JSON.parse(readFileSync(new URL(`${contentOf(file)}.json`, oracles), "utf8"));
}

test("all fixtures are there", () => {
  expect(files.length).toBe(342);
});

describe("load gives what Torch had in memory", () => {
  for (const file of files) {
    const content = contentOf(file);
    test(file, async () => {
      const path = new URL(file, fixtures);
      if (content in exceptions) {
        const error = await load(path).catch((e) => e);
        expect(error).toBeInstanceOf(T7Error);
        expect(error.code).toBe(exceptions[content]);
        return;
      }
      const oracle = oracleOf(file);
      const comparison = new Comparison();
      if (oracle.kind === "stream") {
        const roots = await load(path, { tables: "map", all: true });
        for (const [i, item] of oracle.items.entries()) {
          comparison.value(roots[i], item.value, `roots[${i}]`);
        }
      } else {
        comparison.value(await load(path, { tables: "map" }), oracle, "root");
      }
      expect(comparison.differences).toEqual([]);
    });
  }
});

describe("what is loaded of an open file is the same", () => {
  for (const file of files.filter((name) => !(contentOf(name) in exceptions))) {
    test(file, async () => {
      const oracle = oracleOf(file);
      const opened = await open(new URL(file, fixtures));
      const comparison = new Comparison();
      const items =
        oracle.kind === "stream"
          ? oracle.items.map(({ value }: { value: unknown }) => value)
          : [oracle];
      const roots = await Promise.all(
        opened.roots.map((root) => opened.load(root, { tables: "map" })),
      );
      // The values outlive the file.
      await opened.close();
      // Of several values each call makes its own objects.
      if (items.length === 1) comparison.value(roots[0], oracle, "root");
      else expect(roots).toHaveLength(items.length);
      expect(comparison.differences).toEqual([]);
    });
  }
});
