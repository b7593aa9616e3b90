/**
 * Damaged fixtures through the WebAssembly build: a value or a `T7Error`, nothing else, in bounded
 * time. The native tests (tests/core/damage_test.cpp) try all places; here it is a seeded sample.
 */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { recycleInstance, takeInstance } from "../../wasm/js/index/instance.js";
import { parse } from "../../wasm/js/index/parse.js";
import { load, open, T7Error } from "../../wasm/js/index.node.js";
import { toSource } from "../../wasm/js/source/source.node.js";

const folder = new URL("../../testfiles_x86_64/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".t7"));

/** Up to here every place counts, beyond it so many of them: as in the native test. */
const smallBytes = 2048;
const places = 2000;
/** One damaged file in so many is indexed, one in so many of those opened and loaded as well. */
const indexEvery = 10;
const loadEvery = 20;
/** Milliseconds for one file of at most 200 KB, on a machine that others use too. */
const mostTime = 3000;

let state = 20_17;
/** Below `end`; the same numbers at each run. */
function random(end: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * end);
}

const changes: ((byte: number) => number)[] = [
  () => 0x00,
  () => 0xff,
  (byte) => byte ^ 0x01,
  (byte) => byte ^ 0x80,
  (byte) => byte + 1,
];

/** Runs `work`; gives what is wrong with how it ended, or `null`. */
async function problemOf(work: () => Promise<unknown>): Promise<string | null> {
  const start = performance.now();
  try {
    await work();
  } catch (error) {
    if (!(error instanceof T7Error)) return `threw ${error}`;
    if (error.code === "out_of_memory" || error.code === "internal") return `threw ${error.code}`;
    if (error.message === "" || error.hint === null) return `said too little: ${error.message}`;
  }
  const time = performance.now() - start;
  return time > mostTime ? `took ${Math.round(time)} ms` : null;
}

/** Only the core and its errors: fast enough for many files. */
async function index(bytes: Uint8Array): Promise<void> {
  const instance = await takeInstance();
  const { file, error } = await parse(instance, await toSource(bytes));
  file.delete();
  recycleInstance(instance);
  if (error !== null) throw error;
}

async function look(bytes: Uint8Array): Promise<void> {
  const file = await open(bytes);
  try {
    for (const root of file.roots) await file.children(root, 0, 10);
  } finally {
    await file.close();
  }
}

test("a wrong byte gives a value or a T7Error, in time", { timeout: 300_000 }, async () => {
  const problems: string[] = [];
  let indexed = 0;
  let loaded = 0;
  for (const name of files) {
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
    const count = Math.min(bytes.length > smallBytes ? places : bytes.length, places);
    const samples = Math.ceil((count * changes.length) / indexEvery);
    for (let i = 0; i < samples; i++) {
      const at = random(bytes.length);
      const damaged = bytes.slice();
      damaged[at] = changes[random(changes.length)](bytes[at]);
      const report = (what: string, problem: string | null) => {
        if (problem !== null) problems.push(`${name}, byte ${at}: ${what} ${problem}`);
      };
      report("the index", await problemOf(() => index(damaged)));
      indexed++;
      if (random(loadEvery) !== 0) continue;
      loaded++;
      report("open", await problemOf(() => look(damaged)));
      report("load", await problemOf(() => load(damaged, { all: true })));
    }
  }
  expect(problems).toEqual([]);
  expect(indexed).toBeGreaterThan(70_000);
  expect(loaded).toBeGreaterThan(3000);
});
