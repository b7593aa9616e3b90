// `npm run check:numpy`: every tensor of the fixtures as .npy and .npz, read by numpy, against what Torch
// had in memory. Needs Debian's python3-numpy, which it installs where it may.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { buildPackage, buildWasm } from "../../.ci/build.mjs";
import { inRoot } from "../../.ci/exec.mjs";

const python = "/usr/bin/python3";
const run = (command, args) => spawnSync(command, args, { stdio: "inherit" }).status;

if (spawnSync(python, ["-c", "import numpy"]).status !== 0) {
  console.log("Installing python3-numpy…");
  if (run("apt-get", ["install", "-y", "-q", "python3-numpy"]) !== 0) {
    console.error("Install it by hand: apt-get install python3-numpy");
    process.exit(2);
  }
}
const out = inRoot("build/numpy");
const oracles = inRoot("tests/oracle");
rmSync(out, { recursive: true, force: true });
await buildWasm();
await buildPackage();
const cases = [inRoot("tests/numpy/write-cases.mjs"), inRoot("testfiles_x86_64"), oracles, out];
if (run("node", cases) !== 0) process.exit(1);
process.exit(run(python, [inRoot("tests/numpy/check.py"), oracles, out]) ?? 1);
