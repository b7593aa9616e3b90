/**
 * Instances of the WebAssembly module: compiled once, one instance for each file.
 *
 * The module is built without exceptions, so an allocation that fails aborts its instance. That
 * instance is never used again, and the caller gets `T7Error out_of_memory`.
 */

import { T7Error } from "../base/errors.js";
import { platform } from "../source/platform.js";
import createModule, { type CoreModule } from "./t7.mjs";

let compiled: Promise<WebAssembly.Module> | undefined;

const unavailableHint =
  "t7.wasm must lie beside the package's scripts; configure({ wasm }) says where else, and torchfile/inline has it inside.";

const unavailable = (what: string, cause?: unknown) =>
  new T7Error("wasm_unavailable", `t7.wasm ${what}`, { hint: unavailableHint, cause });

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

async function bytesOrModule(): Promise<BufferSource | WebAssembly.Module> {
  const source = await platform.wasm().catch((cause) => {
    throw unavailable(`could not be fetched: ${reason(cause)}`, cause);
  });
  // Not `instanceof Response`: the mere name makes Node load its whole HTTP client.
  if (!("ok" in source)) return source;
  if (!source.ok) throw unavailable(`could not be fetched: HTTP ${source.status}`);
  return source.arrayBuffer().catch((cause) => {
    throw unavailable(`could not be fetched: ${reason(cause)}`, cause);
  });
}

async function compile(): Promise<WebAssembly.Module> {
  const source = await bytesOrModule();
  const module =
    source instanceof WebAssembly.Module
      ? source
      : await WebAssembly.compile(source).catch((cause) => {
          throw unavailable(`is no WebAssembly module: ${reason(cause)}`, cause);
        });
  const hasMemory = WebAssembly.Module.exports(module).some(({ kind }) => kind === "memory");
  if (!hasMemory) throw unavailable("is another module than that of this package");
  return module;
}

/** The compiled module; compiled at the first call, and again after a failure. */
export function compiledModule(): Promise<WebAssembly.Module> {
  compiled ??= compile().catch((error) => {
    compiled = undefined;
    throw error;
  });
  return compiled;
}

/**
 * Says where `t7.wasm` is, for pages and bundlers that place it themselves: its address, its bytes or the compiled
 * module. Before the first file; files that are open go on with what they have. In a worker:
 * `connect(worker, { wasm })` of `torchfile/client`.
 */
export function configure({
  wasm,
}: {
  wasm: string | URL | BufferSource | WebAssembly.Module;
}): void {
  platform.wasm = async () =>
    typeof wasm === "string" || wasm instanceof URL ? fetch(wasm) : wasm;
  compiled = undefined;
}

/** Limits the pages of instances made from now on, for tests of small memories; 65,536 = 4 GiB. */
export const memoryLimit = { pages: 65536 };

/**
 * An instance at once: the detour over another thread costs more than a small file. `null` where the
 * engine refuses it, as older browsers do in the thread of the page, or has no memory.
 */
function instantiateNow(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Instance | null {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch {
    return null;
  }
}

/** One instance with its memory. */
export class Instance {
  readonly core: CoreModule;
  readonly memory: WebAssembly.Memory;
  /** Called after the memory has grown, when views over it are no longer valid. */
  onGrow: (() => void) | undefined;
  #dead = false;
  #sealed = false;

  private constructor(core: CoreModule, memory: WebAssembly.Memory) {
    this.core = core;
    this.memory = memory;
    const grow = memory.grow.bind(memory);
    // The glue calls this method; a throw tells malloc that there is no memory.
    memory.grow = (pages) => {
      const present = memory.buffer.byteLength / 65536;
      if (this.#sealed || present + pages > memoryLimit.pages) {
        throw new RangeError("the memory of this file does not grow");
      }
      const before = grow(pages);
      this.onGrow?.();
      return before;
    };
  }

  static async create(): Promise<Instance> {
    const module = await compiledModule();
    let memory: WebAssembly.Memory | undefined;
    const core = await new Promise<CoreModule>((resolve, reject) => {
      createModule({
        instantiateWasm(imports, receive) {
          const take = (instance: WebAssembly.Instance) => {
            memory = Object.values(instance.exports).find(
              (value) => value instanceof WebAssembly.Memory,
            ) as WebAssembly.Memory;
            receive(instance);
          };
          const instance = instantiateNow(module, imports);
          if (instance !== null) take(instance);
          else WebAssembly.instantiate(module, imports).then(take).catch(reject);
          return {};
        },
        locateFile: (name) => name,
        onAbort: () => {},
        print: () => {},
        printErr: () => {},
      }).then(resolve, reject);
    }).catch((cause) => {
      if (cause instanceof WebAssembly.LinkError) {
        throw unavailable(`is another module than that of this package: ${cause.message}`, cause);
      }
      throw new T7Error("out_of_memory", "there is not enough memory to read another file", {
        hint: "Close files that are no longer needed, or drop what was loaded from them.",
        cause,
      });
    });
    return new Instance(core, memory as WebAssembly.Memory);
  }

  /** Bytes of memory the instance holds. */
  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  /** An instance that was aborted must not be called again. */
  get dead(): boolean {
    return this.#dead;
  }

  /** From now on the memory never grows, so views over it never detach. */
  seal(): void {
    this.#sealed = true;
  }

  /** Runs calls into the module; an abort becomes `out_of_memory`. */
  run<T>(call: (core: CoreModule) => T): T {
    if (this.#dead) throw this.#outOfMemory();
    try {
      return call(this.core);
    } catch (error) {
      if (error instanceof T7Error) throw error;
      this.#dead = true;
      if (/^Aborted/.test(error instanceof Error ? error.message : "")) {
        throw this.#outOfMemory(error);
      }
      throw new T7Error("internal", "the reader itself failed", {
        hint: "This is a bug of torchfile: please report it with the file.",
        cause: error,
      });
    }
  }

  /** `bytes` of the heap, or `out_of_memory`. */
  allocate(bytes: number): number {
    const address = this.run((core) => core.allocate(bytes));
    if (address === 0) throw this.#outOfMemory();
    return address;
  }

  #outOfMemory(cause?: unknown): T7Error {
    const megabytes = Math.round(this.byteLength / 2 ** 20);
    return new T7Error("out_of_memory", "there is not enough memory to read this file", {
      found: `${megabytes} MB in use`,
      expected: "room for more",
      hint: "Open the file with open(), which leaves the payload where it is, or close other files.",
      cause,
    });
  }
}

const pool: Instance[] = [];
const maxPooled = 4;
/** Memory never shrinks: an instance that grew beyond this would make a small file a large one. */
const maxPooledBytes = 4 * 2 ** 20;

/** A fresh or recycled instance. */
export async function takeInstance(): Promise<Instance> {
  return pool.pop() ?? (await Instance.create());
}

/** Gives back an instance from whose memory nothing was handed out. */
export function recycleInstance(instance: Instance): void {
  if (instance.dead || instance.byteLength > maxPooledBytes || pool.length >= maxPooled) return;
  instance.onGrow = undefined;
  pool.push(instance);
}
