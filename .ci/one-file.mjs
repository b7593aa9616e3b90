// web/dist/torchfile.html: the page, the worker and the core in one file that works from a disk.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { inRoot, run } from "./exec.mjs";

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What the page unpacks when it needs it. */
const packed = (id, content) => {
  const data = deflateRawSync(content, { level: 9 }).toString("base64");
  return `<script type="text/plain" id="${id}">${data}</script>`;
};

// Unpacks the page's own script and runs it as what the policy has the hash of.
const start = [
  `const text = document.getElementById("page").textContent;`,
  `const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));`,
  `const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));`,
  `const script = document.createElement("script");`,
  `script.type = "module";`,
  `script.textContent = await new Response(stream).text();`,
  `document.head.append(script);`,
].join("\n");

/** Needs dist/ for the worker's script. */
export async function buildOneFile() {
  const vite = inRoot("node_modules/.bin/vite");
  const args = ["build", "web", "--logLevel", "warn", "--mode", "one-file"];
  await run(vite, args, { log: "build-page" });
  const folder = inRoot("build/web-one-file");
  const assets = readdirSync(`${folder}/assets`);
  const only = (pattern) => {
    const found = assets.filter((name) => pattern.test(name));
    if (found.length !== 1) throw new Error(`${pattern} of the one-file page: ${found.join(", ")}`);
    return readFileSync(`${folder}/assets/${found[0]}`, "utf8");
  };
  const script = only(/^index-.*\.js$/).trim();
  const style = only(/\.css$/).trim();
  const icon = encodeURIComponent(readFileSync(inRoot("web/public/icon.svg"), "utf8"));
  const policy = [
    "default-src 'none'",
    `script-src ${hash(start)} ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "worker-src blob:",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const page = readFileSync(`${folder}/index.html`, "utf8")
    .replace(/(http-equiv="Content-Security-Policy"\s+content=")[^"]*/, `$1${policy.join("; ")}`)
    .replace(
      /<link rel="icon"[^>]*>/,
      () => `<link rel="icon" href="data:image/svg+xml,${icon}" />`,
    )
    .replace(/\s*<link rel="stylesheet"[^>]*>/, () => `\n    <style>${style}</style>`)
    .replace(/\s*<link rel="manifest"[^>]*>/, "")
    .replace(/\s*<script type="module"[^>]*><\/script>/, "")
    .replace("</body>", () =>
      [
        `  ${packed("page", script)}`,
        `    ${packed("worker", readFileSync(inRoot("dist/worker/worker.js")))}`,
        `    ${packed("wasm", readFileSync(inRoot("dist/index/t7.wasm")))}`,
        `    <script type="module">${start}</script>`,
        "  </body>",
      ].join("\n"),
    );
  writeFileSync(inRoot("web/dist/torchfile.html"), page);
}
