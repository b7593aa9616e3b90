/** The package in Node: files by path, and `t7.wasm` from disk. */

import { readFile } from "node:fs/promises";
import { platform } from "./platform.js";
import { toSource } from "./source.node.js";

platform.wasm = () => readFile(new URL("./t7.wasm", import.meta.url));
platform.toSource = toSource;

export * from "./index.js";
