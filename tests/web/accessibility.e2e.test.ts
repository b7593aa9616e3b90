/** Every view, in both themes, against axe's rules for WCAG 2.2 AA. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { drop, eachTestOpens, fixture, row } from "./browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

/** What axe finds wrong, as `rule: selector`. */
async function violations(): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the script has put it there
    const { violations: found } = await (window as any).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return found.flatMap(({ id, nodes }: { id: string; nodes: { target: string[] }[] }) =>
      nodes.map(({ target }) => `${id}: ${target.join(" ")}`),
    );
  });
}

async function inBothThemes(): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect([colorScheme, ...(await violations())]).toEqual([colorScheme]);
  }
}

async function open(name: string, ...keys: string[]): Promise<void> {
  await drop(page, name, fixture(name));
  for (const key of keys) await row(page, key).first().click();
  await row(page, keys.at(-1) ?? "root")
    .first()
    .waitFor();
  await page.waitForTimeout(400);
}

describe("axe finds nothing", () => {
  it("in the empty state", inBothThemes);

  it.each([
    ["a checkpoint", "checkpoint_training.t7", []],
    ["a network", "networks/lenet.t7", ["net"]],
    ["a weight", "networks/lenet.t7", ["net", "weight"]],
    ["a list of records", "dataset_list_of_pairs.t7", []],
    ["a picture", "image_float_3x24x32.t7", []],
    ["a string", "string_utf8.t7", []],
    ["a function", "function_upvalue_table.t7", []],
    ["back-references", "gmodule_with_linear_identity.t7", []],
  ] as const)("in %s", async (_what, name, keys) => {
    await open(name, ...keys);
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      await page.waitForTimeout(300);
      await inBothThemes();
    }
    await inBothThemes();
  });

  it("in what was found, in a damaged file, in the list of keys", async () => {
    const bytes = fixture("nn_vgg_small_float.t7");
    await drop(page, "cut.t7", bytes.subarray(0, bytes.length / 2));
    await row(page, "root").waitFor();
    await inBothThemes();
    await page.keyboard.press("/");
    await page.getByLabel("Search the file").fill("weight");
    await page.locator(".hit-path").first().waitFor();
    await inBothThemes();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await inBothThemes();
  });
});
