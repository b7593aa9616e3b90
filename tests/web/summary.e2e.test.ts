/** The first view of tables that hold a mixture: what it says of each entry, against what Torch had. */

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { drop, eachTestOpens, fixture, oracle, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

const card = (key: string) =>
  page.locator(".card", { has: page.getByRole("button", { name: key, exact: true }) });

const textOf = (key: string) => card(key).textContent();

interface OracleTable {
  entries: Array<
    [
      { text: string },
      { items?: { value: number }[]; entries?: OracleTable["entries"]; value?: number },
    ]
  >;
}

/** Numbers of a list in the oracle. */
function numbersOf(name: string, key: string): number[] {
  const { entries } = oracle(name) as OracleTable;
  const list = entries.find(([{ text }]) => text === key)?.[1].entries ?? [];
  return list.map(([, { value = Number.NaN }]) => value);
}

describe("a checkpoint", () => {
  it("says how far it is, and draws its losses", async () => {
    await drop(page, "checkpoint_training.t7", fixture("checkpoint_training.t7"));
    await page.getByText("checkpoint · epoch 10 · iteration 10 · bestLoss 1.01908").waitFor();
    const losses = numbersOf("checkpoint_training", "losses");
    expect(losses.length).toBe(10);
    const words = [Math.min(...losses), Math.max(...losses), losses.at(-1) as number];
    const [low, high, last] = words.map((value) => Number(value.toPrecision(4)));
    expect(await textOf("losses")).toBe(
      `losses10 numbersFrom ${losses[0]?.toPrecision(4)} to ${last}${low} … ${high}, last ${last}`,
    );
    // Linear 6 → 8 and 8 → 3, each with a bias.
    await expect.poll(() => textOf("model")).toContain("83 parameters, float32, 332 bytes");
    expect(await textOf("opt")).toContain("learningRate0.01");
    expect(await textOf("classes")).toBe('classeslist of 3"cat", "dog", "owl"');
    await screenshot(page, "summary");
    await page.getByRole("button", { name: "losses", exact: true }).click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.losses");
  });
});

describe("pictures", () => {
  it("are drawn small, with their own pixels", async () => {
    await drop(page, "networks/vgg.t7", fixture("networks/vgg.t7"));
    const canvas = card("input").locator("canvas").first();
    await expect.poll(() => canvas.evaluate((it) => (it as HTMLCanvasElement).width)).toBe(16);
    expect(await card("input").locator("canvas").count()).toBe(2);
    expect(await textOf("parameters")).toContain("3,141");
    expect(await textOf("printed")).toContain("nn.Sequential {");
  });
});

describe("what it cannot know", () => {
  it("is named with its kind, and nothing is lost", async () => {
    await drop(page, "functions_in_table.t7", fixture("functions_in_table.t7"));
    await row(page, "root").waitFor();
    const keys = await page.locator('[role="treeitem"][aria-level="2"] .key').allTextContents();
    await expect
      .poll(() => page.locator(".cards .link").count())
      .toBeGreaterThanOrEqual(keys.length);
    for (const key of keys) expect(await card(key).count()).toBe(1);
  });
});
