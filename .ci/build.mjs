// Builds the WebAssembly module, the npm package (dist/) and the page (web/dist/).
// `node .ci/build.mjs wasm package page` builds these; without names, all three.

import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";
import { inRoot, RunError, run } from "./exec.mjs";
import { install } from "./install.mjs";
import { writeOffline } from "./offline.mjs";
import { buildOneFile } from "./one-file.mjs";

const bin = (name) => inRoot("node_modules/.bin", name);

/** Configures and builds one preset; CMake and Ninja do only what is needed. */
export async function buildPreset(preset) {
  const log = `build-${preset}`;
  await run("cmake", ["--preset", preset], { log });
  await run("cmake", ["--build", "--preset", preset, "--parallel", "2"], { log, timeout: 900 });
}

/** wasm/js/index/t7.mjs and wasm/js/index/t7.wasm */
export const buildWasm = () => buildPreset("wasm");

/** dist/: one module per source file, but the worker one classic script, the command one module, and comlink inside the client. */
export async function buildPackage() {
  const log = "build-package";
  rmSync(inRoot("dist"), { recursive: true, force: true });
  await run(bin("tsc"), ["-p", "tsconfig.build.json"], { log });
  for (const name of ["t7.mjs", "t7.d.mts", "t7.wasm"]) {
    copyFileSync(inRoot("wasm/js/index", name), inRoot("dist/index", name));
  }
  const bundle = ["--bundle", "--target=es2022", "--log-level=warning", "--allow-overwrite"];
  await run(
    bin("esbuild"),
    [
      "wasm/js/worker/worker.ts",
      ...bundle,
      "--format=iife",
      "--minify",
      // A classic script has no import.meta; the worker is told where the module is, or looks beside itself.
      "--define:import.meta.url=self.location.href",
      "--outfile=dist/worker/worker.js",
    ],
    { log },
  );
  copyFileSync(inRoot("wasm/js/export/schema.json"), inRoot("dist/export/schema.json"));
  // Those that use another package get it inside. Relative imports stay imports: there must be one
  // T7Error class, whoever throws it.
  for (const [folder, name] of [
    ["worker", "client.js"],
    ["export", "npz.js"],
  ]) {
    const imports = ["--format=esm", "--external:./*", "--external:../*"];
    await run(bin("esbuild"), [name, ...bundle, ...imports, `--outfile=${name}`], {
      log,
      cwd: inRoot("dist", folder),
    });
  }
  writeInline();
  const { version } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  await run(
    bin("esbuild"),
    [
      "wasm/js/cli/torchfile.node.ts",
      ...bundle,
      "--platform=node",
      "--format=esm",
      "--minify",
      `--define:TORCHFILE_VERSION=${JSON.stringify(version)}`,
      // commander is CommonJS and asks for Node's modules by require().
      "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      "--outfile=dist/cli/torchfile.js",
    ],
    { log },
  );
  // They live inside worker.js.
  for (const name of ["worker-api.js", "worker-api.d.ts"]) rmSync(inRoot("dist/worker", name));
  const types = [
    [
      "worker/worker.d.ts",
      "/** A script for `new Worker(…)`; it exports nothing. */\nexport {};\n",
    ],
    [
      "index/t7.wasm.d.ts",
      "/** Where the core is, as bundlers give the address of a file. */\ndeclare const address: string;\nexport default address;\n",
    ],
  ];
  for (const [path, text] of types) writeFileSync(inRoot("dist", path), text);
}

/** `torchfile/inline`: the same with core and worker inside a module, for bundlers that know no files beside. */
function writeInline() {
  const packed = (path) =>
    JSON.stringify(deflateRawSync(readFileSync(inRoot(path)), { level: 9 }).toString("base64"));
  const parts = { wasm: "dist/index/t7.wasm", worker: "dist/worker/worker.js" };
  const texts = Object.entries(parts).map(([name, path]) => [name, packed(path)]);
  const module = texts.map(([name, text]) => `export const ${name} = ${text};\n`).join("");
  const types = texts.map(([name]) => `export declare const ${name}: string;\n`).join("");
  writeFileSync(inRoot("dist/index/t7-inline.js"), module);
  writeFileSync(inRoot("dist/index/t7-inline.d.ts"), types);
  for (const name of ["index", "index.node"]) {
    const inline = name.replace("index", "inline");
    const lines = [
      'import { wasm, worker } from "./index/t7-inline.js";',
      'import { platform } from "./source/platform.js";',
      'import { openerOf, unpack } from "./worker/packed.js";',
      `export * from "./${name}.js";`,
      'export { connect } from "./worker/client.js";',
      "platform.wasm = async () => new Uint8Array(await unpack(wasm));",
      "export const openInWorker = openerOf(worker, wasm);",
    ];
    writeFileSync(inRoot("dist", `${inline}.js`), `${lines.join("\n")}\n`);
    const declared = [
      `export * from "./${name}.js";`,
      "export {",
      "  connect, openInWorker, type T7Worker, type WorkerInput, type WorkerOptions,",
      '} from "./worker/client.js";',
    ];
    writeFileSync(inRoot("dist", `${inline}.d.ts`), `${declared.join("\n")}\n`);
  }
}

/** web/dist/ with torchfile.html in it, and the same in the package. Needs dist/. */
export async function buildPage() {
  await run(bin("vite"), ["build", "web", "--logLevel", "warn"], { log: "build-page" });
  if (!existsSync(inRoot("web/dist/index.html"))) throw new Error("web/dist has no index.html");
  await buildOneFile();
  writeOffline();
  // For `torchfile view`.
  rmSync(inRoot("dist/page"), { recursive: true, force: true });
  cpSync(inRoot("web/dist"), inRoot("dist/page"), { recursive: true });
}

const parts = { wasm: buildWasm, package: buildPackage, page: buildPage };

async function main(names) {
  await install({ tests: false });
  for (const name of names.length > 0 ? names : Object.keys(parts)) {
    if (!(name in parts))
      throw new Error(`No part ${name}; there are ${Object.keys(parts).join(", ")}`);
    await parts[name]();
    console.log(`built ${name}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main(process.argv.slice(2)).catch((error) => {
    if (error instanceof RunError) console.error(error.output);
    console.error(error.message);
    process.exitCode = 1;
  });
}
