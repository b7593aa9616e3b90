/**
 * Dependencies point one way: core ← bindings ← package ← page, and from folder to folder as the tables say.
 * Every file lives in a folder of its table; a new folder comes with its row here and its line in docs/design.md.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf } from "./imports.js";

/** Folder → the folders that its files may import from, besides their own. */
type Folders = Record<string, readonly string[]>;

/** `.` are the files at the top: what is public. */
const packageFolders: Folders = {
  base: [],
  source: ["base"],
  foreign: ["base", "source"],
  index: ["base", "source", "foreign"],
  compute: ["base", "index"],
  values: ["base", "index", "compute"],
  load: ["base", "source", "foreign", "index", "compute", "values"],
  ask: ["base", "index"],
  open: ["base", "source", "foreign", "index", "compute", "values", "load", "ask"],
  worker: ["base", "source", "ask", "open", "export", "nn", "shapes", "pytorch"],
  export: ["base", "compute", "open"],
  nn: ["base", "open"],
  shapes: ["base", "nn"],
  pytorch: ["base", "export", "nn", "shapes"],
  ".": [
    "base",
    "source",
    "foreign",
    "index",
    "compute",
    "values",
    "load",
    "open",
    "export",
    "nn",
    "shapes",
    "pytorch",
  ],
  "cli/output": ["base", "open"],
  "cli/session": ["base", "open", "cli/output"],
  "cli/commands": [
    "base",
    "open",
    "export",
    "nn",
    "shapes",
    "pytorch",
    "cli/output",
    "cli/session",
  ],
  cli: ["base", "source", "open", ".", "cli/output", "cli/session", "cli/commands"],
};

const pageFolders: Folders = {
  words: [],
  rows: ["words"],
  state: ["words", "rows"],
  plot: ["words", "rows", "state"],
  tree: ["words", "rows", "state", "plot"],
  opening: ["words", "state"],
  "inspector/panels": ["words", "rows", "state", "plot"],
  inspector: ["words", "state", "inspector/panels"],
  search: ["words", "state"],
  shell: ["words", "rows", "state", "tree", "opening", "search", "inspector"],
  styles: [],
  ".": ["state", "opening", "shell", "styles"],
};

const coreFolders: Folders = {
  base: [],
  bytes: ["base"],
  elements: ["base"],
  kernels: ["base", "elements"],
  graph: ["base", "bytes", "elements"],
  read: ["base", "bytes", "graph"],
};

/** What is public of the package, and where the page begins: no other file lies outside a folder. */
const topFiles = ["wasm/js/index.ts", "wasm/js/index.node.ts", "web/src/main.tsx"];

/** What the page may import of the package. */
const publicModules = ["base/api", "base/dtype", "base/errors", "worker/client"];

/** The page's own thread never loads the core: the client must not reach it. */
const clientEntry = "wasm/js/worker/client.ts";
const coreGlue = "wasm/js/index/instance.ts";

interface Source {
  /** Path from the root of the repository. */
  path: string;
  text: string;
}

const sources = (folder: string, pattern: RegExp): Source[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name))
    .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), "utf8") }));

/** The folder of a file below `root`: `.` at the top. */
const folderOf = (root: string, path: string) => dirname(path.slice(root.length + 1));

/** Why `from` may not name a file in folder `to`, or nothing. */
function arrowProblems(folders: Folders, root: string, from: string, target: string): string[] {
  const own = folderOf(root, from);
  const other = folderOf(root, target);
  const allowed = folders[own];
  if (allowed === undefined) return [`${from}: its folder is not in the table`];
  return own === other || allowed.includes(other)
    ? []
    : [`${from} imports ${target}: ${own} does not stand on ${other}`];
}

function includeProblems({ path, text }: Source): string[] {
  const root = "wasm/core";
  const included = [...text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].map((match) =>
    join(root, match[1] as string),
  );
  const problems = included.flatMap((target) => arrowProblems(coreFolders, root, path, target));
  if (coreFolders[folderOf(root, path)] === undefined) problems.push(`${path}: in no known folder`);
  if (/#\s*include\s*<emscripten/.test(text)) problems.push(`${path} includes Emscripten`);
  return problems;
}

/** What is wrong with the imports of one file of the package or the page. */
function importProblems({ path, text }: Source): string[] {
  const inPage = path.startsWith("web/src/");
  const [root, folders] = inPage ? ["web/src", pageFolders] : ["wasm/js", packageFolders];
  const folder = folderOf(root, path);
  const isPlaced = folder === "." ? topFiles.includes(path) : folders[folder] !== undefined;
  const placed = isPlaced ? [] : [`${path}: in no known folder`];
  return placed.concat(
    importsOf(text).flatMap((name) => {
      if (name.startsWith("node:")) {
        return /\.node\.ts$|\/cli\//.test(path)
          ? []
          : [`${path} imports ${name}: only *.node.ts and the command may`];
      }
      if (!name.startsWith(".")) return [];
      const target = normalize(join(dirname(path), name));
      if (target.startsWith(`${root}/`)) return arrowProblems(folders, root, path, target);
      const isPublic = publicModules.some((module) => target === `wasm/js/${module}.js`);
      return inPage && isPublic ? [] : [`${path} imports ${target}`];
    }),
  );
}

const toSource = (path: string) => path.replace(/\.js$/, ".ts");

/** Path of a file → the files of ours that it imports. */
function importGraph(files: Source[]): Map<string, string[]> {
  const known = new Set(files.map(({ path }) => path));
  const resolve = (from: string, name: string) =>
    [toSource(name), `${toSource(name)}x`]
      .map((path) => normalize(join(dirname(from), path)))
      .filter((path) => known.has(path));
  return new Map(
    files.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter((name) => name.startsWith("."))
        .flatMap((name) => resolve(path, name)),
    ]),
  );
}

/** Every file that `start` leads to. */
function reachable(graph: Map<string, string[]>, start: string): Set<string> {
  const seen = new Set<string>();
  const todo = [...(graph.get(start) ?? [])];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (!seen.has(path)) todo.push(...(graph.get(path) ?? []));
    seen.add(path);
  }
  return seen;
}

/** The files that lead back to themselves. */
const circles = (graph: Map<string, string[]>): string[] =>
  [...graph.keys()].filter((path) => reachable(graph, path).has(path));

const packageFiles = () => sources("wasm/js", /(?<!\.d)\.ts$/);
const pageFiles = () => sources("web/src", /\.tsx?$/);

describe("folders", () => {
  it("of the core include only what is below them", () => {
    const core = sources("wasm/core", /\.(h|cpp)$/);
    expect(core.length).toBeGreaterThan(10);
    expect(core.flatMap(includeProblems)).toEqual([]);
  });

  it("of the package import only what is below them, and nothing of the page", () => {
    expect(packageFiles().flatMap(importProblems)).toEqual([]);
  });

  it("of the page import only what is below them, and of the package what is public", () => {
    const page = pageFiles();
    expect(page.length).toBeGreaterThan(0);
    expect(page.flatMap(importProblems)).toEqual([]);
  });

  it("are named in docs/design.md", () => {
    const design = readFileSync("docs/design.md", "utf8");
    const names = [packageFolders, pageFolders, coreFolders].flatMap(Object.keys);
    const missing = names.filter((name) => name !== "." && !design.includes(`\`${name}/\``));
    expect(missing).toEqual([]);
  });
});

describe("files", () => {
  it("import each other in no circle, types included", () => {
    expect(circles(importGraph(packageFiles()))).toEqual([]);
    expect(circles(importGraph(pageFiles()))).toEqual([]);
  });

  it("the client never loads the core", () => {
    const reached = reachable(importGraph(packageFiles()), clientEntry);
    expect(reached.size).toBeGreaterThan(3);
    expect(reached.has(coreGlue)).toBe(false);
  });
});

describe("the test itself", () => {
  const include = (path: string, text: string) => includeProblems({ path, text }).length;
  const imports = (path: string, text: string) => importProblems({ path, text }).length;

  it("finds an include of a folder above", () => {
    expect(include("wasm/core/bytes/scan.h", '#include "graph/graph.h"\n')).toBe(1);
    expect(include("wasm/core/bytes/scan.h", "#include <emscripten/bind.h>\n")).toBe(1);
    expect(include("wasm/core/unheard_of.h", "")).toBe(1);
    expect(include("wasm/core/read/parser.cpp", '#include "graph/graph.h"\n')).toBe(0);
  });

  it("finds an import of a folder above", () => {
    expect(imports("wasm/js/load/load.ts", 'import { a } from "../../../web/src/a.js";\n')).toBe(1);
    expect(imports("wasm/js/load/load.ts", 'import { a } from "node:fs/promises";\n')).toBe(1);
    expect(imports("wasm/js/base/api.ts", 'import { a } from "../open/file.js";\n')).toBe(1);
    expect(imports("wasm/js/load/load.ts", 'import { a } from "../open/file.js";\n')).toBe(1);
    expect(imports("web/src/words/a.ts", 'import {\n  a,\n} from "../shell/app.js";\n')).toBe(1);
    expect(
      imports("web/src/words/a.ts", 'import type { A } from "../../../wasm/js/base/api.js";\n'),
    ).toBe(0);
    expect(
      imports("web/src/words/a.ts", 'const b = await import("../../../wasm/js/load/load.js");\n'),
    ).toBe(1);
  });

  it("finds a file in no folder and a folder that the table does not have", () => {
    expect(imports("web/src/rooms/a.ts", "")).toBe(1);
    expect(imports("wasm/js/rooms/a.ts", "")).toBe(1);
    expect(imports("wasm/js/stray.ts", "")).toBe(1);
  });

  it("finds a circle inside a folder", () => {
    const files = [
      { path: "wasm/js/base/a.ts", text: 'import { b } from "./b.js";\n' },
      { path: "wasm/js/base/b.ts", text: 'import type { a } from "./a.js";\n' },
      { path: "wasm/js/base/c.ts", text: 'import { a } from "./a.js";\n' },
    ];
    expect(circles(importGraph(files))).toEqual(["wasm/js/base/a.ts", "wasm/js/base/b.ts"]);
  });
});
