// What the page keeps for the time without a network: the list in web/dist/offline.js.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { inRoot } from "./exec.mjs";

const place = '{ version: "", files: [] }';

export function writeOffline() {
  const folder = inRoot("web/dist");
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      `${entry.parentPath.slice(folder.length + 1)}/${entry.name}`.replace(/^\//, ""),
    );
  const isKept = (name) => !["index.html", "offline.js", "torchfile.html"].includes(name);
  const files = ["./", ...all.filter(isKept).sort()];
  const hash = createHash("sha256");
  for (const name of files) {
    hash.update(name).update(readFileSync(`${folder}/${name === "./" ? "index.html" : name}`));
  }
  const script = `${folder}/offline.js`;
  const text = readFileSync(script, "utf8");
  if (!text.includes(place)) throw new Error("offline.js has no place for the list");
  const version = hash.digest("hex").slice(0, 12);
  writeFileSync(
    script,
    text.replace(place, () => JSON.stringify({ version, files })),
  );
}
