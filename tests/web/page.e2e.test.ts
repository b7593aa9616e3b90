/** The built page in Chromium on real files: dropped, seen, a weight's histogram, damage, the next file. */

import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { drop, eachTestOpens, fixture, focusedKey, oracle, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens(
  "web/dist",
  (opened) => {
    page = opened;
  },
  { order: "file" },
);

const dropFixture = (name: string) => drop(page, name, fixture(name));
const fileName = () => page.locator(".file-name").textContent();
const path = () => page.locator(".path").textContent();

async function expand(...keys: string[]): Promise<void> {
  for (const key of keys) await row(page, key).locator(".disclosure").click();
}

describe("a network", () => {
  beforeEach(async () => {
    await dropFixture("nn_vgg_small_float.t7");
    await row(page, "root").waitFor();
  });

  it("shows its tree, and a weight's histogram after a click", async () => {
    await row(page, "root").getByText("nn.Sequential").waitFor();
    await page.getByText("binary · little endian · 8-byte longs").waitFor();
    await expand("modules", "[1]");
    await row(page, "weight").getByText("float32").waitFor();
    await row(page, "weight").click();
    await page.locator(".plot canvas").waitFor();
    expect(await path()).toBe("root.modules[1].weight");
    await row(page, "weight").locator("svg.spark").waitFor();
    await screenshot(page, "histogram-light");
    await page.getByRole("button", { name: "Change to the dark theme" }).click();
    await screenshot(page, "histogram-dark");
  });

  it("gives the oracle's statistics", async () => {
    await expand("modules", "[1]");
    await row(page, "bias").click();
    await page.getByRole("tab", { name: "Statistics" }).click();
    const max = page.locator(".stats div", { has: page.getByText("max", { exact: true }) });
    await max.waitFor();
    const shown = Number(await max.locator("dd").getAttribute("title"));
    expect(shown).toBeCloseTo(oracleOfFirstBias().max, 6);
  });

  it("is walked with the keyboard from weight to weight", async () => {
    await row(page, "root").click();
    for (const key of ["ArrowDown", "End", "Home"]) await page.keyboard.press(key);
    expect(await focusedKey(page)).toBe("root");
    await expand("modules", "[1]");
    await row(page, "weight").click();
    await page.locator(".plot canvas").waitFor();
    const first = await path();
    await page.keyboard.press("ArrowDown");
    await expect.poll(path).not.toBe(first);
  });
});

interface OracleValue {
  text?: string;
  max?: number;
  entries?: [OracleValue, OracleValue][];
}

function oracleOfFirstBias(): { max: number } {
  const root = oracle("nn_vgg_small_float") as OracleValue;
  const field = (value: OracleValue | undefined, name: string) =>
    value?.entries?.find(([key]) => key.text === name)?.[1];
  const bias = field(field(root, "modules")?.entries?.[0]?.[1], "bias");
  return { max: bias?.max ?? Number.NaN };
}

describe("other files", () => {
  it.each([
    "hello_world.t7",
    "list_table.t7",
    "gmodule_with_linear_identity.t7",
    "checkpoint_training.t7",
    "rnn_lookup_fastlstm_forwarded.t7",
    "image_float_3x24x32.t7",
  ])("opens %s and every row of it", async (name) => {
    await dropFixture(name);
    await row(page, "root").waitFor();
    expect(await fileName()).toBe(name);
    await row(page, "root").click();
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowDown");
    }
    expect(await page.getByRole("alert").count()).toBe(0);
    await expect.poll(path).toContain("root");
  });

  it("has samples to look at", async () => {
    const titles = await page.locator(".sample-title").allTextContents();
    expect(titles).toHaveLength(3);
    for (const title of titles) {
      await page.goto(new URL("/", page.url()).href);
      await page.getByRole("button", { name: title }).click();
      await row(page, "root").waitFor();
    }
  });
});

describe("bad files", () => {
  it("get a banner with what, where and what to do; the page opens the next file", async () => {
    const whole = fixture("nn_vgg_small_float.t7");
    await drop(page, "cut.t7", whole.subarray(0, whole.length - 5000));
    const banner = page.getByRole("alert");
    await banner.locator(".banner-where").getByText("cut.t7 · byte").waitFor();
    await row(page, "root").waitFor();
    await screenshot(page, "truncated");
    await drop(
      page,
      "not.t7",
      new TextEncoder().encode("Once upon a time, there was a text file."),
    );
    await banner.locator(".banner-where").getByText("not.t7").waitFor();
    await drop(page, "empty.t7", new Uint8Array());
    await banner.locator(".banner-where").getByText("empty.t7").waitFor();
    await dropFixture("hello_world.t7");
    await row(page, "world").waitFor();
    expect(await banner.count()).toBe(0);
  });
});
