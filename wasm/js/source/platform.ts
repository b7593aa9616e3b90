/** What differs between Node and browsers; the Node entry replaces both members. */

import type { SourceInput } from "../base/api.js";
import { toSource } from "./source.js";
import type { Source, SourceOptions } from "./source-types.js";

export interface Platform {
  /** The bytes of `t7.wasm`, a response that has them, or the module itself. */
  wasm(): Promise<BufferSource | Response | WebAssembly.Module>;
  toSource(input: SourceInput, options: SourceOptions): Promise<Source>;
}

export const platform: Platform = {
  wasm: () => fetch(new URL("../index/t7.wasm", import.meta.url)),
  toSource,
};
