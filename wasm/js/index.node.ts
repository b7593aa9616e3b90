/** The package in Node: files by path, and `t7.wasm` from disk. */

import { readFile } from "node:fs/promises";
import { platform } from "./source/platform.js";
import { toSource } from "./source/source.node.js";

platform.wasm = () => readFile(new URL("./index/t7.wasm", import.meta.url));
platform.toSource = toSource;

export * from "./index.js";
