/** Making instances of the module in engines that refuse it. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { T7Error } from "../../wasm/js/base/errors.js";
import "../../wasm/js/index.node.js";
import { Instance } from "../../wasm/js/index/instance.js";

function refuse(): never {
  throw new RangeError("could not allocate memory");
}

describe("an instance", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is made at once where the engine allows it", async () => {
    const later = vi.spyOn(WebAssembly, "instantiate");
    const instance = await Instance.create();
    expect(later).not.toHaveBeenCalled();
    expect(instance.allocate(100)).toBeGreaterThan(0);
  });

  it("is made in another thread where the engine wants that", async () => {
    vi.spyOn(WebAssembly, "Instance").mockImplementation(refuse);
    const instance = await Instance.create();
    expect(instance.allocate(100)).toBeGreaterThan(0);
  });

  it("that the engine has no memory for is an error, and the next one may work", async () => {
    vi.spyOn(WebAssembly, "Instance").mockImplementation(refuse);
    vi.spyOn(WebAssembly, "instantiate").mockImplementation(async () => refuse());
    const error = await Instance.create().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(T7Error);
    expect(error).toMatchObject({ code: "out_of_memory", cause: expect.any(RangeError) });
    vi.restoreAllMocks();
    expect((await Instance.create()).dead).toBe(false);
  });
});
