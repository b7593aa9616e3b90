/** The examples of the README run, and each `expression; // → value` in them holds. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as torchfile from "../../wasm/js/index.node.js";
import * as client from "../../wasm/js/worker/client.js";

const text = readFileSync("README.md", "utf8");

const modules: Record<string, () => object | Promise<object>> = {
  torchfile: () => torchfile,
  "torchfile/client": () => client,
  "node:fs/promises": () => import("node:fs/promises"),
};

interface Example {
  line: number;
  browser: boolean;
  code: string;
}

const examples: Example[] = Array.from(
  text.matchAll(/^```js( browser)?\n([\s\S]*?)\n```$/gm),
  (match) => ({
    line: text.slice(0, match.index).split("\n").length,
    browser: match[1] !== undefined,
    code: match[2],
  }),
);

const imports = /^import \{ (.*) \} from "(.*)";$/gm;

/** The names that an example imports; each must exist. */
async function importedBy(code: string): Promise<Map<string, unknown>> {
  const names = new Map<string, unknown>();
  for (const [, list, from] of code.matchAll(imports)) {
    const module = (await modules[from]?.()) as Record<string, unknown> | undefined;
    for (const name of list.split(", ")) {
      expect(module?.[name], `${name} of ${from}`).toBeDefined();
      names.set(name, module?.[name]);
    }
  }
  return names;
}

/** `x.y; // → 3` becomes a comparison. */
const checked = (code: string) =>
  code.replace(imports, "").replace(/^(.*); \/\/ → (.*)$/gm, "check(await ($1), ($2));");

type AsyncFunction = (...values: unknown[]) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as new (...words: string[]) => AsyncFunction;

describe("examples", () => {
  test("are found", () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(text.match(/\/\/ →/g)?.length).toBeGreaterThan(30);
  });

  for (const { line, browser, code } of examples) {
    test(`line ${line}`, async () => {
      const names = await importedBy(code);
      let checks = 0;
      const check = (actual: unknown, expected: unknown) => {
        checks++;
        expect(actual).toEqual(expected);
      };
      const run = new AsyncFunction("check", ...names.keys(), checked(code));
      if (browser) return;
      await run(check, ...names.values());
      expect(checks).toBeGreaterThan(0);
    });
  }
});

describe("links", () => {
  for (const file of ["README.md", "docs/format.md", "docs/design.md"]) {
    test(`of ${file} lead somewhere`, () => {
      const markdown = readFileSync(file, "utf8");
      const anchorsOf = (path: string) =>
        Array.from(readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm), (match) =>
          match[1]
            .toLowerCase()
            .replace(/[^\w -]/g, "")
            .replaceAll(" ", "-"),
        );
      for (const [, target] of markdown.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path, anchor] = target.split("#");
        const full = path === "" ? file : join(dirname(file), path);
        // The picture is taken from the built page.
        if (!full.endsWith(".png")) expect(existsSync(full), target).toBe(true);
        if (anchor !== undefined) expect(anchorsOf(full), target).toContain(anchor);
      }
    });
  }
});
