// Writes every tensor of the fixtures as .npy, named by its number in the file, and each file as .npz:
// node write-cases.mjs FIXTURES ORACLES OUT. `check.py ORACLES OUT` compares them with what Torch had.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportTo, open } from "../../dist/index.node.js";

const [fixtures, oracles, out] = process.argv.slice(2);

/** The numbers of all tensors that the oracle describes. */
function tensorsIn(oracle) {
  const found = new Set();
  const waiting = [oracle];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (next.kind === "tensor" && typeof next.id === "number") found.add(next.id);
    waiting.push(...Object.values(next));
  }
  return [...found];
}

async function write(path, { chunks }) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  writeFileSync(path, Buffer.concat(parts));
}

for (const name of readdirSync(fixtures).filter((each) => each.endsWith(".t7"))) {
  const content = name.replace(/(\.(ascii|b32|be|be32))?\.t7$/, "");
  const described = join(oracles, `${content}.json`);
  if (!existsSync(described)) continue;
  const ids = tensorsIn(JSON.parse(readFileSync(described, "utf8")));
  if (ids.length === 0) continue;
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const file = await open(join(fixtures, name));
  for (const id of ids) {
    const node = await file.node(`#${id}`);
    if (node === null) continue;
    await write(join(folder, `${id}.npy`), await exportTo(file, "npy", node));
  }
  if (file.root?.kind !== "tensor") {
    await exportTo(file, "npz")
      .then((result) => write(join(folder, "all.npz"), result))
      .catch((error) => {
        if (error.code !== "not_exportable") throw error;
      });
  }
  await file.close();
}
