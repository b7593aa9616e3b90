// `npm run check:bundlers`: fresh projects from the packed package, built by each usual bundler and run in
// Chromium: `load` and `openInWorker` must both work. Takes the bundlers' newest versions from npm into a
// temporary folder. `short` runs those that need nothing besides this project's own tools.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { inRoot, run } from "../../.ci/exec.mjs";
import { findChromium } from "../../.ci/install.mjs";
import { pack } from "../../.ci/tarball.mjs";
import { serveFolder } from "./serve.mjs";

const log = "bundlers";

/** What a page does with the package; the title says how it went. */
const program = (entries) => `
import { load } from "${entries.main}";
import { openInWorker } from "${entries.client}";

async function go() {
  const blob = await (await fetch(new URL("hello.t7", document.baseURI))).blob();
  const value = await load(blob);
  const file = await openInWorker(blob);
  const node = await file.node("hello");
  const numbers = await file.node("world");
  const { count } = await file.stats(numbers);
  await file.close();
  return [value.hello, value.world.shape.join("x"), node.value, count].join(" ");
}
go().then(
  (text) => { document.title = "done " + text; },
  (error) => { document.title = "failed " + (error && (error.stack || error.message)); },
);
`;

const expected = "done 123 1x2x3 123 6";
const page = (script) =>
  `<!doctype html><title>waiting</title><link rel="icon" href="data:,">${script}`;

const plain = { main: "torchfile", client: "torchfile/client" };
const inline = { main: "torchfile/inline", client: "torchfile/inline" };

/** Each: what it installs, its files, the command that builds, and the folder that is served. */
const projects = [
  {
    name: "vite build",
    isShort: true,
    files: { "index.html": page('<script type="module" src="/main.js"></script>') },
    build: ["vite", "build", "--logLevel=warn"],
    out: "dist",
  },
  {
    name: "esbuild with torchfile/inline",
    isShort: true,
    entries: inline,
    files: { "out/index.html": page('<script type="module" src="out.js"></script>') },
    build: [
      "esbuild",
      "main.js",
      "--bundle",
      "--format=esm",
      "--log-level=warning",
      "--outfile=out/out.js",
    ],
    out: "out",
  },
  {
    name: "plain files and an import map",
    isShort: true,
    files: {
      "index.html": page(
        '<script type="importmap">{"imports":{"torchfile":"./node_modules/torchfile/dist/index.js","torchfile/client":"./node_modules/torchfile/dist/worker/client.js"}}</script><script type="module" src="main.js"></script>',
      ),
    },
    out: ".",
  },
  {
    name: "plain files of another origin",
    isShort: true,
    files: {
      "out/index.html": page(
        '<script type="importmap">{"imports":{"torchfile":"OTHER/node_modules/torchfile/dist/index.js","torchfile/client":"OTHER/node_modules/torchfile/dist/worker/client.js"}}</script><script type="module" src="main.js"></script>',
      ),
    },
    isElsewhere: true,
    out: "out",
  },
  {
    name: "webpack",
    installs: ["webpack", "webpack-cli"],
    files: {
      "dist/index.html": page('<script src="main.js"></script>'),
      "webpack.config.cjs": 'module.exports = { mode: "production", entry: "./main.js" };',
    },
    build: ["webpack", "--config", "webpack.config.cjs"],
    out: "dist",
  },
  {
    name: "rspack",
    installs: ["@rspack/core", "@rspack/cli"],
    files: {
      "dist/index.html": page('<script src="main.js"></script>'),
      "rspack.config.cjs": 'module.exports = { mode: "production", entry: "./main.js" };',
    },
    build: ["rspack", "build", "--config", "rspack.config.cjs"],
    out: "dist",
  },
  {
    name: "rollup with torchfile/inline",
    installs: ["rollup", "@rollup/plugin-node-resolve"],
    entries: inline,
    files: {
      "out/index.html": page('<script type="module" src="main.js"></script>'),
      "rollup.config.mjs":
        'import resolve from "@rollup/plugin-node-resolve";\nexport default { input: "main.js", output: { dir: "out", format: "es" }, plugins: [resolve({ browser: true })] };',
    },
    build: ["rollup", "-c", "rollup.config.mjs", "--silent"],
    out: "out",
  },
  {
    name: "parcel",
    installs: ["parcel"],
    files: {
      "index.html": page('<script type="module" src="main.js"></script>'),
    },
    // Parcel looks at `exports` only when told to.
    settings: { "@parcel/resolver-default": { packageExports: true } },
    build: ["parcel", "build", "index.html", "--no-cache", "--public-url", "./"],
    out: "dist",
  },
];

/** The page's title once it has one; complaints of the console go with a failure. */
async function titleOf(browser, url) {
  const tab = await browser.newPage();
  const complaints = [];
  tab.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  tab.on("pageerror", (error) => complaints.push(error.message));
  await tab.goto(url);
  await tab
    .waitForFunction(() => document.title !== "waiting", null, { timeout: 20_000 })
    .catch(() => undefined);
  const title = await tab.title();
  await tab.close();
  return [title, ...complaints].join("\n");
}

async function runProject(project, tarball, browser) {
  const { installs = [], files, build, entries = plain, settings = {} } = project;
  const folder = mkdtempSync(join(tmpdir(), "torchfile-bundler-"));
  const bin = (name) =>
    installs.length > 0
      ? join(folder, "node_modules/.bin", name)
      : inRoot("node_modules/.bin", name);
  try {
    const all = {
      ...files,
      "main.js": program(entries),
      "package.json": JSON.stringify({ private: true, ...settings }),
    };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...quiet, tarball, ...installs], {
      cwd: folder,
      log,
      timeout: 300,
    });
    if (build) await run(bin(build[0]), build.slice(1), { cwd: folder, log, timeout: 120 });
    const out = join(folder, project.out);
    const elsewhere = project.isElsewhere ? await serveFolder(folder) : null;
    if (elsewhere !== null) {
      const path = join(out, "index.html");
      const address = elsewhere.url.replace(/\/$/, "");
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("OTHER", address));
      copyFileSync(join(folder, "main.js"), join(out, "main.js"));
    }
    copyFileSync(inRoot("testfiles_x86_64/hello_world.t7"), join(out, "hello.t7"));
    const { url, close } = await serveFolder(out);
    try {
      const title = await titleOf(browser, url);
      return title === expected ? null : title;
    } finally {
      close();
      elsewhere?.close();
    }
  } catch (error) {
    return `${error.message}\n${error.output ?? ""}`.slice(-1500);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the projects; resolves with `{ passed, failures }`. */
export async function bundlers({ short }) {
  const tarball = await pack();
  const executablePath = process.env.CHROMIUM || (await findChromium());
  const browser = await chromium.launch({
    executablePath,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const result = { passed: 0, failures: [] };
  try {
    for (const project of projects.filter(({ isShort }) => isShort || !short)) {
      const problem = await runProject(project, tarball, browser);
      if (problem === null) result.passed += 1;
      else result.failures.push(`${project.name}: ${problem}`);
      if (!short) console.log(`${problem === null ? "ok  " : "FAIL"}  ${project.name}`);
    }
  } finally {
    await browser.close();
  }
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { passed, failures } = await bundlers({ short: process.argv.includes("short") });
  for (const failure of failures) console.error(failure);
  console.log(`${passed} of ${passed + failures.length} work`);
  process.exit(failures.length === 0 ? 0 : 1);
}
