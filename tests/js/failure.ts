import { T7Error } from "../../wasm/js/base/errors.js";

/** The `T7Error` that a promise rejects with; anything else fails the test. */
export async function failure(promise: unknown): Promise<T7Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof T7Error) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
