// Times in one run, the candidates in turn, medians: what a loaded machine can say.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const mebibyte = 2 ** 20;

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

/** Milliseconds of each function: medians of alternating runs, after one round to warm up. */
export async function alternate(functions, rounds) {
  const times = Object.fromEntries(Object.keys(functions).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(functions)) {
      const start = performance.now();
      await run();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

/** Runs a module of this folder's `children/` in a fresh Node; gives what it prints as JSON. */
export function fresh(name, ...args) {
  const path = fileURLToPath(new URL(`children/${name}`, import.meta.url));
  const child = spawnSync(process.execPath, [path, ...args], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

/** A row of the table: `value` is compared with `limit`, which may say `atMost` or `atLeast`. */
export function row(what, measured, against, value, limit = {}) {
  const met =
    limit.atMost !== undefined
      ? value <= limit.atMost
      : limit.atLeast !== undefined
        ? value >= limit.atLeast
        : null;
  return { what, measured, against, value, ...limit, met };
}

export const ms = (time) => `${time < 10 ? time.toFixed(2) : time.toFixed(0)} ms`;
export const mib = (bytes) => `${(bytes / mebibyte).toFixed(1)} MiB`;
export const rate = (bytes, time) => `${(bytes / time / 1e6).toFixed(1)} GB/s`;
