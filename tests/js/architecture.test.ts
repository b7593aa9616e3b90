/** Dependencies point one way: core ← bindings ← js ← web, and inside core from layer to layer. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf } from "./imports.js";

/**
 * The core from the bottom up. A file includes only lower layers, and the header of its own unit:
 * `parser.cpp`, `parser_values.cpp` and `parser.h` are the unit `parser`.
 */
const layers = [
  ["error", "bytes", "dtype", "lanes", "chunks", "half", "view", "bounds"],
  ["window", "convert", "decimal", "gather", "boxes"],
  ["stats", "numbers"],
  ["histogram", "quantiles", "difference", "grid", "scan"],
  ["graph", "classes"],
  ["tables", "placement"],
  ["parser"],
  ["detect", "dump"],
  ["bindings"],
];

/** What the page may import of the package. */
const publicModules = ["api", "client", "dtype", "errors"];

interface Source {
  /** Path from the root of the repository. */
  path: string;
  text: string;
}

const sources = (folder: string, pattern: RegExp): Source[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name))
    .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), "utf8") }));

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] as string);

/** `parser_values.cpp` → `parser`, unless the table has a `parser_values`. */
function unitOf(path: string): string {
  const stem = basename(path).replace(/\.[^.]*$/, "");
  const prefix = stem.replace(/_.*/, "");
  return layerOf(stem) < 0 && layerOf(prefix) >= 0 ? prefix : stem;
}

const layerOf = (unit: string) => layers.findIndex((names) => names.includes(unit));

/** What is wrong with the `#include` lines of one C++ file. */
function includeProblems({ path, text }: Source): string[] {
  const unit = unitOf(path);
  const layer = layerOf(unit);
  if (layer < 0) return [`${path}: add it to the table of layers in architecture.test.ts`];
  const problems: string[] = [];
  for (const included of matches(text, /^\s*#\s*include\s+"([^"]+)"/gm)) {
    const other = unitOf(included);
    if (other !== unit && !(layerOf(other) >= 0 && layerOf(other) < layer)) {
      problems.push(`${path} (layer ${layer}) includes ${included} (layer ${layerOf(other)})`);
    }
  }
  if (unit !== "bindings" && /#\s*include\s*<emscripten/.test(text)) {
    problems.push(`${path} includes a header of Emscripten`);
  }
  return problems;
}

/** What is wrong with the imports of one file of the package or the page. */
function importProblems({ path, text }: Source): string[] {
  return importsOf(text).flatMap((name) => {
    if (name.startsWith("node:") && !/\.node\.ts$|cli\.ts$/.test(path)) {
      return [`${path} imports ${name}: only *.node.ts and cli.ts may`];
    }
    if (!name.startsWith(".")) return [];
    const target = normalize(join(dirname(path), name));
    const inPage = path.startsWith("web/");
    const own = target.startsWith(inPage ? "web/" : "wasm/js/");
    const unit = basename(target).replace(/\.[^.]*$/, "");
    const open = inPage && target === `wasm/js/${unit}.js` && publicModules.includes(unit);
    return own || open ? [] : [`${path} imports ${target}`];
  });
}

describe("layers", () => {
  it("core and bindings include only what is below them", () => {
    const core = sources("wasm/core", /\.(h|cpp)$/);
    const bindings = { path: "wasm/bindings.cpp", text: readFileSync("wasm/bindings.cpp", "utf8") };
    expect(core.length).toBeGreaterThan(10);
    expect([...core, bindings].flatMap(includeProblems)).toEqual([]);
  });

  it("the package imports nothing of the page", () => {
    expect(sources("wasm/js", /\.ts$/).flatMap(importProblems)).toEqual([]);
  });

  it("the page imports only what is public", () => {
    const page = sources("web/src", /\.tsx?$/);
    expect(page.length).toBeGreaterThan(0);
    expect(page.flatMap(importProblems)).toEqual([]);
  });

  it("finds an arrow that points up", () => {
    const check = (path: string, text: string) => includeProblems({ path, text }).length;
    expect(check("wasm/core/scan.h", '#include "graph.h"\n')).toBe(1);
    expect(check("wasm/core/graph.h", '#include "classes.h"\n')).toBe(1);
    expect(check("wasm/core/scan.h", "#include <emscripten/bind.h>\n")).toBe(1);
    expect(check("wasm/core/unheard_of.h", "")).toBe(1);
    expect(check("wasm/core/parser_values.cpp", '#include "parser.h"\n#include "graph.h"\n')).toBe(
      0,
    );
  });

  it("finds an import that points up", () => {
    const check = (path: string, text: string) => importProblems({ path, text }).length;
    expect(check("wasm/js/load.ts", 'import { a } from "../../web/src/a.js";\n')).toBe(1);
    expect(check("wasm/js/load.ts", 'import { readFile } from "node:fs/promises";\n')).toBe(1);
    expect(check("web/src/a.ts", 'import {\n  load,\n} from "../../wasm/js/load.js";\n')).toBe(1);
    expect(check("web/src/a.ts", 'const b = await import("../../wasm/js/load.js");\n')).toBe(1);
    expect(check("web/src/a.ts", 'import type { T7Node } from "../../wasm/js/api.js";\n')).toBe(0);
  });
});
