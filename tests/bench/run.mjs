// `npm run bench` measures everything and writes RESULTS.md; `npm run bench records vgg` measures
// these and only prints. Needs dist/: `npm run build` first.

import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

function measure(name) {
  const child = spawnSync(process.execPath, [here("case.mjs"), name], { encoding: "utf8" });
  if (child.status === 0) return JSON.parse(child.stdout);
  const message = child.stderr
    .trim()
    .split("\n")
    .find((line) => /Error/.test(line));
  return [{ what: name, measured: "failed", against: message ?? "", value: null, met: false }];
}

const digits = (value) =>
  value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();

function cells({ what, measured, against, value, atMost, atLeast, met, unit = " ×" }) {
  const limit = atMost === undefined ? atLeast : atMost;
  const sign = atMost === undefined ? "≥" : "≤";
  return [
    what,
    measured,
    against,
    value === null ? "" : digits(value) + unit,
    limit === undefined ? "" : `${sign} ${limit}${unit}`,
    met === null ? "" : met ? "yes" : "no",
  ];
}

const head = ["what", "measured", "against", "result", "goal", "met"];

function print(rows) {
  const table = [head, ...rows.map(cells)];
  const widths = head.map((_, i) => Math.max(...table.map((line) => line[i].length)));
  for (const line of table) console.log(line.map((cell, i) => cell.padEnd(widths[i])).join("  "));
}

function report(rows) {
  const line = (list) => `| ${list.join(" | ")} |`;
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `# Figures

Measured on ${new Date().toISOString().slice(0, 10)} at commit ${commit} with \`npm run bench\`: \
${cpus().length} cores, ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}, \
load average ${loadBefore} at the start (0 is a machine with nothing else to do). \
Times are medians of alternating runs in one process after a warm-up; only the ratios mean something \
elsewhere. What each line measures is in \`cases/\`.

${line(head)}
${line(head.map(() => "---"))}
${rows.map((row) => line(cells(row))).join("\n")}

${remarks()}`;
}

/** What people have written below the table. */
function remarks() {
  const text = readFileSync(here("RESULTS.md"), "utf8");
  return text.slice(text.indexOf("## "));
}

// Other work on the machine hits what runs on several threads hardest, so the report says it.
const loadBefore = loadavg()[0].toFixed(1);
const names = readdirSync(here("cases")).map((file) => file.replace(".mjs", ""));
const asked = process.argv.slice(2);
const rows = [];
for (const name of asked.length > 0 ? asked : names) {
  console.error(`measuring ${name}`);
  rows.push(...measure(name));
}
print(rows);
if (asked.length === 0) writeFileSync(here("RESULTS.md"), report(rows));
