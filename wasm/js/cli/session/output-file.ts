/** A file that is there when it is whole, or not at all. */

import { randomBytes } from "node:crypto";
import { access, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError } from "./exit.js";

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Throws where something would be overwritten, unless told to. */
export async function checkFree(path: string, force: boolean): Promise<void> {
  if (!force && (await exists(path))) {
    throw new UsageError(`${path} exists`, "--force overwrites it.");
  }
}

/**
 * Writes chunks under a name of its own beside `path` and gives it that name at the end; whatever
 * goes wrong before, nothing is left behind.
 */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  force: boolean,
): Promise<number> {
  await checkFree(path, force);
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(draft, "wx").catch((error) => {
    throw new UsageError(`cannot write ${path}: ${error.message}`, "Is the folder there?");
  });
  let written = 0;
  try {
    for await (const chunk of chunks) {
      await handle.writeFile(chunk);
      written += chunk.length;
    }
    await handle.close();
    await checkFree(path, force);
    await rename(draft, path);
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(draft).catch(() => {});
    throw error;
  }
  return written;
}
