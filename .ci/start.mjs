// `npm start`: installs what is missing, builds the viewer and serves it. Arguments go to the server
// (`npm start -- --port 8000 --host`).

import { spawn } from "node:child_process";
import { buildPackage, buildPage, buildWasm } from "./build.mjs";
import { inRoot, root } from "./exec.mjs";
import { install } from "./install.mjs";

async function main() {
  await install({ tests: false });
  console.log("Building…");
  await buildWasm();
  await buildPackage();
  await buildPage();
  const given = process.argv.slice(2);
  // By number: on a minimal machine the name localhost may mean nothing.
  const host = given.some((word) => word.startsWith("--host")) ? [] : ["--host", "127.0.0.1"];
  const args = ["preview", "web", ...host, ...given];
  const server = spawn(inRoot("node_modules/.bin/vite"), args, { cwd: root, stdio: "inherit" });
  server.on("exit", (code) => process.exit(code ?? 1));
}

main().catch((error) => {
  console.error(`${error.output ?? ""}\n${error.message}`.trim());
  process.exitCode = 1;
});
