/** `torchfile.html` opened from a disk: one file, no request, a strict policy, and it works. */

import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { inRoot, launch, openPage, row, screenshot, type Watched } from "./browser.js";

const built = inRoot("web/dist/torchfile.html");
/** Nothing else lies there. */
const folder = mkdtempSync(join(tmpdir(), "torchfile-"));
const address = pathToFileURL(join(folder, "torchfile.html")).href;

let browser: Browser;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  copyFileSync(built, join(folder, "torchfile.html"));
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  watched = await openPage(browser, address);
  ({ page } = watched);
});

afterEach(async () => {
  await page.context().close();
  expect(watched.complaints).toEqual([]);
});

const choose = (name: string) =>
  page
    .locator("input[type=file]")
    .first()
    .setInputFiles(inRoot(`testfiles_x86_64/${name}`));

it("is at most 600 KB, and says of no other file that it wants it", () => {
  expect(statSync(built).size).toBeLessThanOrEqual(600_000);
});

it("opens a file, shows the tree and a histogram, and finds", async () => {
  expect(await page.locator(".address").count()).toBe(0);
  await choose("nn_vgg_small_float.t7");
  await row(page, "root").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("key:bias");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator(".path").textContent()).toContain(".bias");
  await page.locator(".plot canvas").waitFor();
  await screenshot(page, "one-file");
});

it("says of a broken file what is wrong", async () => {
  await choose("README.md");
  await page.getByRole("alert").waitFor();
});
