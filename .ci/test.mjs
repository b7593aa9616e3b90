// `npm test`: installs what is missing, builds and runs everything, ends with "N passed, N failed".

import { buildPackage, buildPage, buildPreset, buildWasm } from "./build.mjs";
import { clearLogs } from "./exec.mjs";
import { install } from "./install.mjs";
import { lint } from "./lint.mjs";
import { fuzz, nativeTests, vitest } from "./runners.mjs";
import { tarball } from "./tarball.mjs";

/** Needs what npm installs: not to be imported before that is done. */
const bundlers = async () => (await import("../tests/bundlers/run.mjs")).bundlers({ short: true });

/** Two lanes run side by side, each step after the one before it unless a step that it `needs` failed. */
const lanes = [
  [
    { name: "native build", run: () => buildPreset("native") },
    { name: "native tests", run: nativeTests, needs: ["native build"] },
    { name: "fuzz build", run: () => buildPreset("fuzz") },
    { name: "fuzzers", run: fuzz, needs: ["fuzz build"] },
  ],
  [
    { name: "wasm build", run: buildWasm },
    { name: "lint", run: lint },
    { name: "package build", run: buildPackage, needs: ["wasm build"] },
    { name: "page build", run: buildPage, needs: ["package build"] },
    { name: "package tests", run: () => vitest("js"), needs: ["wasm build"] },
    { name: "page tests", run: () => vitest("web"), needs: ["page build"] },
    { name: "packed package", run: tarball, needs: ["package build"] },
    { name: "bundlers", run: bundlers, needs: ["package build"] },
  ],
];

const total = { passed: 0, failed: 0 };
const broken = new Set();

const indent = (text) => text.trimEnd().split("\n").slice(-60).join("\n").replace(/^/gm, "    ");

/** A build gives nothing and counts only when it fails; a runner gives `{ passed, failures }`. */
async function runStep({ name, run, needs = [] }) {
  const start = Date.now();
  const missing = needs.filter((need) => broken.has(need));
  const { passed, failures } =
    missing.length > 0
      ? { passed: 0, failures: [`not run, because this failed: ${missing.join(", ")}`] }
      : await attempt(run);
  total.passed += passed;
  total.failed += failures.length;
  if (failures.length > 0) broken.add(name);
  const counts = [
    passed > 0 && `${passed} passed`,
    failures.length > 0 && `${failures.length} failed`,
  ];
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const verdict = failures.length > 0 ? "FAIL" : "ok  ";
  console.log(
    `${verdict}  ${name.padEnd(15)} ${`${seconds} s`.padStart(8)}  ${counts.filter(Boolean).join(", ")}`,
  );
  for (const failure of failures) console.log(indent(failure));
}

async function attempt(run) {
  try {
    return (await run()) ?? { passed: 0, failures: [] };
  } catch (error) {
    return { passed: 0, failures: [`${error.message}\n${error.output ?? ""}`] };
  }
}

async function main() {
  clearLogs();
  await install({ tests: true });
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane) await runStep(step);
    }),
  );
}

main()
  .catch((error) => {
    total.failed++;
    console.log(`FAIL  ${error.message}\n${indent(error.output ?? "")}`);
  })
  .finally(() => {
    if (total.failed > 0) console.log("Full output: build/logs");
    console.log(`${total.passed} passed, ${total.failed} failed`);
    process.exitCode = total.failed > 0 ? 1 : 0;
  });
