// `npm run check:pytorch`: every network of the fixtures as PyTorch code, run on Torch's input, against
// Torch's output. Needs Debian's python3-torch, which it installs where it may.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { buildPackage, buildWasm } from "../../.ci/build.mjs";
import { inRoot } from "../../.ci/exec.mjs";

const python = "/usr/bin/python3";
const run = (command, args) => spawnSync(command, args, { stdio: "inherit" }).status;

if (spawnSync(python, ["-c", "import torch, numpy"]).status !== 0) {
  console.log("Installing python3-torch…");
  const install = ["install", "-y", "-q", "python3-torch", "python3-numpy"];
  if (run("apt-get", install) !== 0) {
    console.error("Install them by hand: apt-get install python3-torch python3-numpy");
    process.exit(2);
  }
}
const out = inRoot("build/pytorch");
rmSync(out, { recursive: true, force: true });
await buildWasm();
await buildPackage();
run("node", [inRoot("tests/pytorch/write-cases.mjs"), inRoot("testfiles_x86_64/networks"), out]);
process.exit(run(python, [inRoot("tests/pytorch/check.py"), out]) ?? 1);
