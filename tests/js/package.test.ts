/** What is published: nothing but the built package, small, and without dependencies. */

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { importsOf } from "./imports.js";

const KB = 1024;
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const dist = (pattern: RegExp) =>
  readdirSync("dist", { recursive: true, encoding: "utf8" }).filter((name) => pattern.test(name));

/** Paths in the tarball that `npm pack` makes, without the leading `package/`. */
function packedFiles(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "torchfile-pack-"));
  try {
    execFileSync("npm", ["pack", "--pack-destination", folder], { stdio: "ignore" });
    const tarball = join(folder, readdirSync(folder)[0] as string);
    const list = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" });
    return list
      .trim()
      .split("\n")
      .map((path) => path.replace("package/", ""));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The strings in a tree of conditions. */
const targets = (entry: unknown): string[] =>
  typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(targets);

it("needs no other package at run time", () => {
  for (const name of [
    "dependencies",
    "peerDependencies",
    "optionalDependencies",
    "bundleDependencies",
  ]) {
    expect(manifest[name], name).toBeUndefined();
  }
});

it("pins the tools, and the lock file names no registry", () => {
  for (const version of Object.values(manifest.devDependencies)) expect(version).toMatch(/^\d/);
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"/);
});

it("exports only files that exist after a build", () => {
  const files = targets(manifest.exports);
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) expect(existsSync(file), file).toBe(true);
});

it("packs the built package and the texts about it, nothing else", () => {
  const texts = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
  const files = packedFiles();
  expect(files.filter((path) => !path.startsWith("dist/")).sort()).toEqual(texts);
  expect(
    files
      .filter((path) => !/\.(js|mjs|d\.m?ts|wasm)$|^package\/dist\/page\/|^dist\/page\//.test(path))
      .sort(),
  ).toEqual([...texts.slice(0, 2), "README.md", "dist/export/schema.json", "package.json"]);
});

it("asks for nothing but its own files and Node's modules", () => {
  for (const name of dist(/\.(js|d\.m?ts)$/)) {
    const text = readFileSync(join("dist", name), "utf8");
    const foreign = importsOf(text).filter((path) => !/^(\.\.?\/|node:)/.test(path));
    expect(foreign, name).toEqual([]);
  }
});

it("can be bundled into one file that needs no other", async () => {
  const folder = mkdtempSync(join(tmpdir(), "torchfile-bundle-"));
  try {
    const program = join(folder, "program.mjs");
    const text = `import { load } from "${process.cwd()}/dist/inline.node.js"; const o = await load(process.argv[2]); console.log(o.hello);`;
    writeFileSync(join(folder, "in.mjs"), text);
    const args = ["--bundle", "--platform=node", "--format=esm", `--outfile=${program}`];
    execFileSync("node_modules/.bin/esbuild", [join(folder, "in.mjs"), ...args], {
      stdio: "ignore",
    });
    const out = execFileSync("node", [program, "testfiles_x86_64/hello_world.t7"], {
      encoding: "utf8",
    });
    expect(out).toBe("123\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("has a worker that is one classic script", () => {
  const worker = readFileSync("dist/worker/worker.js", "utf8");
  // Compiled as a script: an `import` or `export` in it would be a syntax error.
  expect(() => new Function(worker)).not.toThrow();
  expect(worker).not.toContain("import.meta");
});

it("stays small", () => {
  expect(statSync("dist/index/t7.wasm").size).toBeLessThanOrEqual(250 * KB);
  expect(statSync("dist/index/t7.mjs").size).toBeLessThanOrEqual(60 * KB);
});
