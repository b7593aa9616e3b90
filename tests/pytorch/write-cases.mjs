// Writes for every network of a folder the generated model, Torch's input and Torch's output:
// node write-cases.mjs NETWORKS OUT. `check.py OUT` runs them.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportTo, open, toPyTorch } from "../../dist/index.node.js";

const [networks, out] = process.argv.slice(2);

async function bytesOf({ chunks }) {
  const parts = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A tensor as the name of its file, a table as a list. */
async function specOf(file, path, folder, name) {
  const node = await file.node(path);
  if (node.kind === "number") return node.value;
  if (node.kind === "tensor") {
    writeFileSync(join(folder, `${name}.npy`), await bytesOf(await exportTo(file, "npy", path)));
    return `${name}.npy`;
  }
  const values = [];
  for (let at = 1; at <= node.count; at++) {
    values.push(await specOf(file, `${path}[${at}]`, folder, `${name}_${at}`));
  }
  return values;
}

for (const name of readdirSync(networks).filter((each) => each.endsWith(".t7"))) {
  const folder = join(out, name.slice(0, -3));
  mkdirSync(folder, { recursive: true });
  const file = await open(join(networks, name));
  const result = { error: null, unsupported: [] };
  try {
    const { model, weights, readme, unsupported } = await toPyTorch(file, "root.net", { name });
    writeFileSync(join(folder, "model.py"), model);
    writeFileSync(join(folder, "README.md"), readme);
    writeFileSync(join(folder, "weights.safetensors"), await bytesOf(weights));
    result.unsupported = unsupported;
  } catch (error) {
    result.error = `${error.code}: ${error.message}`;
    if (!error.code) console.error(error);
  }
  result.input = await specOf(file, "root.input", folder, "input");
  result.output = await specOf(file, "root.output", folder, "output");
  writeFileSync(join(folder, "case.json"), JSON.stringify(result));
  await file.close();
}
