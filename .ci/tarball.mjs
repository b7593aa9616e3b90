// What a user gets: packs the package, installs it in a folder elsewhere and uses it there.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inRoot, run } from "./exec.mjs";

const fixture = JSON.stringify(inRoot("testfiles_x86_64/hello_world.t7"));

/** Programs of a user, each of which must end well. */
const programs = {
  "import.mjs": `
    import assert from "node:assert/strict";
    import { load, open } from "torchfile";
    const value = await load(${fixture});
    assert.equal(value.hello, 123);
    assert.deepEqual(value.world.shape, [1, 2, 3]);
    const file = await open(${fixture});
    assert.equal((await file.node("hello")).value, 123);
    await file.close();
  `,
  "require.cjs": `
    const assert = require("node:assert/strict");
    const { load } = require("torchfile");
    load(${fixture}).then((value) => assert.equal(value.hello, 123));
  `,
  "entries.mjs": `
    import assert from "node:assert/strict";
    import { existsSync } from "node:fs";
    import * as client from "torchfile/client";
    assert.ok(Object.keys(client).length > 0);
    for (const name of ["torchfile/worker", "torchfile/t7.wasm"]) {
      assert.ok(existsSync(new URL(import.meta.resolve(name))), name);
    }
  `,
  "types.mts": `
    import { load, T7Error } from "torchfile";
    import { openInWorker } from "torchfile/client";
    import { openInWorker as inside } from "torchfile/inline";
    export const open: typeof openInWorker = inside;
    export const value: Promise<unknown> = load("model.t7");
    export const code = (error: T7Error): string => error.code;
  `,
  "browser.mjs": `
    import { load } from "torchfile";
    globalThis.load = load;
  `,
};

const bin = (name) => inRoot("node_modules/.bin", name);

const typeCheck = (module, resolution) => [
  ...["--noEmit", "--strict", "--module", module, "--moduleResolution", resolution],
  ...["--target", "es2022", "--lib", "es2022,dom,esnext.disposable", "--types", "", "types.mts"],
];

const checks = (folder, archive) => [
  ["node", ["import.mjs"]],
  ["node", ["--no-warnings", "require.cjs"]],
  ["node", ["entries.mjs"]],
  [bin("tsc"), typeCheck("nodenext", "nodenext")],
  [bin("tsc"), typeCheck("esnext", "bundler")],
  [bin("attw"), ["--profile", "esm-only", archive]],
  [bin("publint"), ["run", archive, "--strict"]],
  // A browser's bundle must not ask for a module of Node.
  [
    bin("esbuild"),
    [
      "browser.mjs",
      "--bundle",
      "--format=esm",
      "--log-level=warning",
      `--outfile=${join(folder, "out.js")}`,
    ],
  ],
];

const log = "tarball";

/** Packs the package; gives the path of the archive. */
export async function pack() {
  const packed = inRoot("build/pack");
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed, { recursive: true });
  await run("npm", ["pack", "--loglevel=error", "--pack-destination", packed], { log });
  return join(packed, readdirSync(packed)[0]);
}

/** Packs, installs, runs every program; resolves with `{ passed, failures }`. */
export async function tarball() {
  const archive = await pack();
  const folder = mkdtempSync(join(tmpdir(), "torchfile-user-"));
  const result = { passed: 0, failures: [] };
  try {
    writeFileSync(join(folder, "package.json"), "{}\n");
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), text);
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...quiet, archive], { cwd: folder, log });
    for (const [command, args] of checks(folder, archive)) {
      await run(command, args, { cwd: folder, log, timeout: 60 }).then(
        () => result.passed++,
        (error) => result.failures.push(`${error.message}\n${error.output}`),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return result;
}
