// Formats and checks the sources: Biome, clang-format, the TypeScript compiler. `--write` formats.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inRoot, run } from "./exec.mjs";

const bin = (name) => inRoot("node_modules/.bin", name);

/** Every C++ file of ours. */
function cppFiles() {
  return ["wasm", "tests"].flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(h|cpp)$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
}

const checks = {
  biome: (write) => [
    bin("biome"),
    ["check", "--error-on-warnings", ...(write ? ["--write"] : []), "."],
  ],
  "clang-format": (write) => [
    "clang-format",
    [...(write ? ["-i"] : ["--dry-run", "-Werror"]), ...cppFiles()],
  ],
  tsc: () => [bin("tsc"), ["-p", "."]],
};

/** Runs every check; resolves with the failures, as messages. */
export async function lint({ write = false } = {}) {
  const failures = [];
  for (const [name, command] of Object.entries(checks)) {
    if (write && name === "tsc") continue;
    await run(...command(write), { log: "lint" }).catch((error) =>
      failures.push(`${name}: ${error.output || error.message}`),
    );
  }
  return { passed: Object.keys(checks).length - failures.length, failures };
}

async function main(write) {
  if (!existsSync(inRoot("node_modules"))) throw new Error("Run npm ci first.");
  const { failures } = await lint({ write });
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.includes("--write"));
