// Installs what is missing: npm packages, and system packages where we may. Node built-ins only.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inRoot, run, works } from "./exec.mjs";

const MIN_EMCC = [3, 1, 6];

/** What a build needs; `package` is Debian's name. */
const buildTools = [
  { name: "emcc", package: "emscripten", present: () => works("em++", ["--version"]) },
  { name: "cmake", package: "cmake", present: () => works("cmake", ["--version"]) },
  { name: "ninja", package: "ninja-build", present: () => works("ninja", ["--version"]) },
];

/** What the tests need besides. */
const testTools = [
  { name: "clang++", package: "clang", present: () => links([]) },
  {
    name: "clang's sanitizers and libFuzzer",
    package: "libclang-rt-dev",
    present: () => sanitizes(),
  },
  { name: "GoogleTest", package: "libgtest-dev", present: () => links(["-lgtest", "-lpthread"]) },
  {
    name: "clang-format",
    package: "clang-format",
    present: () => works("clang-format", ["--version"]),
  },
  { name: "chromium", package: "chromium", present: async () => (await findChromium()) !== null },
];

/** Makes sure that everything is there; throws with the command to type if it is not ours to install. */
export async function install({ tests }) {
  requireNode();
  await installSystemPackages(tests ? [...buildTools, ...testTools] : buildTools);
  await requireEmcc();
  if (!nodeModulesAreFresh()) {
    console.log("Installing npm packages…");
    await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
      log: "install",
    });
  }
}

/** The path of Chromium or Chrome, or `null`. */
export async function findChromium() {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    const path = await run("which", [name], { timeout: 10 }).catch(() => "");
    if (path) return path.trim();
  }
  return null;
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Building needs Node 20.19 or newer; this is ${process.versions.node}.`);
  }
}

async function requireEmcc() {
  const text = await run("emcc", ["--version"]);
  const found = /\b(\d+)\.(\d+)\.(\d+)\b/.exec(text);
  const version = found ? found.slice(1).map(Number) : [0, 0, 0];
  const different = version.findIndex((part, i) => part !== MIN_EMCC[i]);
  if (different >= 0 && version[different] < MIN_EMCC[different]) {
    throw new Error(
      `Emscripten ${MIN_EMCC.join(".")} or newer is needed; emcc says: ${text.split("\n")[0]}`,
    );
  }
}

async function installSystemPackages(tools) {
  const missing = await findMissing(tools);
  if (missing.length === 0) return;
  const names = missing.map((tool) => tool.name).join(", ");
  const command = `apt-get install -y --no-install-recommends ${missing.map((tool) => tool.package).join(" ")}`;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !(await works("apt-get", ["--version"]))) {
    const sudo = isRoot ? "" : "sudo ";
    throw new Error(
      `Missing: ${names}.\nOn Debian or Ubuntu: ${sudo}apt-get update && ${sudo}${command}\n` +
        "Elsewhere install them with your package manager; an emsdk on the PATH is used as it is.",
    );
  }
  console.log(`Installing ${names} with apt-get…`);
  const quiet = { env: { DEBIAN_FRONTEND: "noninteractive" }, log: "install", timeout: 900 };
  await run("apt-get", ["update", "-qq"], quiet);
  await run("apt-get", ["-qq", ...command.split(" ").slice(1)], quiet);
  const still = await findMissing(missing);
  if (still.length > 0) {
    const left = still.map((tool) => tool.name).join(", ");
    throw new Error(`Installed, but does not work: ${left}. See build/logs/install.log`);
  }
}

async function findMissing(tools) {
  const present = await Promise.all(tools.map((tool) => tool.present()));
  return tools.filter((_, i) => !present[i]);
}

/** Compiling a program says more than looking for files: every distribution keeps them elsewhere. */
async function compiles(source, args) {
  const folder = mkdtempSync(join(tmpdir(), "torchfile-"));
  try {
    const file = join(folder, "probe.cpp");
    writeFileSync(file, source);
    return await works("clang++", ["-std=c++20", file, ...args, "-o", join(folder, "probe")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const links = (args) => compiles("#include <vector>\nint main() {}\n", args);

const sanitizes = () =>
  compiles(
    'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }\n',
    ["-fsanitize=fuzzer,address,undefined"],
  );

/** True if every package of the lock file that is not optional is installed in that version. */
function nodeModulesAreFresh() {
  const installed = inRoot("node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const packages = (path) => JSON.parse(readFileSync(path, "utf8")).packages;
  const have = packages(installed);
  return Object.entries(packages(inRoot("package-lock.json"))).every(
    ([path, { version, optional, devOptional }]) =>
      path === "" || have[path]?.version === version || ((optional || devOptional) && !have[path]),
  );
}
