#!/usr/bin/env node
/** The process: its streams, signals and exit code. */

import { readFile } from "node:fs/promises";
import "../index.node.js";
import { platform } from "../source/platform.js";
import { main } from "./main.js";
import { exitCode } from "./session/exit.js";

// As a bundle this file lies elsewhere than the module that says where the core is.
platform.wasm = () => readFile(new URL("../index/t7.wasm", import.meta.url));

declare const TORCHFILE_VERSION: string;

const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
process.on("SIGTERM", () => stop.abort());

// Who reads our output may stop at any time: `torchfile tree x.t7 | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCode.fine);
});

const { stdin, stdout, stderr } = process;
process.exitCode = await main(
  process.argv.slice(2),
  { stdin, stdout, stderr },
  stop.signal,
  TORCHFILE_VERSION,
);
