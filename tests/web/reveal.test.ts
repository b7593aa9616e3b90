/**
 * Back-references of real files: every one leads to the row where its object stands first, or whose
 * key it is in. */

import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";
import type { T7Node } from "../../wasm/js/base/api.js";
import { open } from "../../wasm/js/index.node.js";
import { OpenFile } from "../../web/src/state/open-file.js";
import { isExpandable } from "../../web/src/words/describe.js";
import { inRoot } from "./browser.js";

async function backReferences(name: string) {
  const file = await open(readFileSync(inRoot(`testfiles_x86_64/${name}`)));
  const found: T7Node[] = [];
  const waiting = [...file.roots];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.sameAs !== undefined) found.push(node);
    else if (isExpandable(node)) waiting.push(...(await file.children(node)));
  }
  return { file, found };
}

it.each([
  "gmodule_with_linear_identity.t7",
  "rnn_lookup_fastlstm_forwarded.t7",
  "nngraph_residual.t7",
])("%s", async (name) => {
  const { file, found } = await backReferences(name);
  expect(found.length).toBeGreaterThan(0);
  const lost: string[] = [];
  for (const node of found) {
    const session = new OpenFile(file, { name, input: new Blob(), schema: "" }, (error) => {
      throw error;
    });
    await session.reveal(node.sameAs ?? -1);
    await vi.waitFor(() => expect(session.selection.value).not.toBe(null));
    const arrived = session.selection.value?.node;
    const isThere = arrived?.id === node.sameAs;
    if (!isThere && !arrived?.key?.startsWith("<")) lost.push(await file.path(node));
  }
  expect(lost).toEqual([]);
  await file.close();
});
