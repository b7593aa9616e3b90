// `npm start`: installs what is missing, builds the viewer and serves it. Arguments go to the server
// (`npm start -- --port 8000 --host`).

import { spawn } from "node:child_process";
import { buildPage, buildWasm } from "./build.mjs";
import { inRoot, root } from "./exec.mjs";
import { install } from "./install.mjs";

async function main() {
  await install({ tests: false });
  console.log("Building…");
  await buildWasm();
  await buildPage();
  const args = ["preview", "web", ...process.argv.slice(2)];
  const server = spawn(inRoot("node_modules/.bin/vite"), args, { cwd: root, stdio: "inherit" });
  server.on("exit", (code) => process.exit(code ?? 1));
}

main().catch((error) => {
  console.error(`${error.output ?? ""}\n${error.message}`.trim());
  process.exitCode = 1;
});
