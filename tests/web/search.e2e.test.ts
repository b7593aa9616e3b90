/** Search in Chromium on a real file: hits as they come, the way to one unfolded, back to the tree. */

import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { drop, eachTestOpens, fixture, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

const field = () => page.getByLabel("Search the file");
const hits = () => page.locator(".hit-path").allTextContents();
const path = () => page.locator(".path").textContent();

describe("search", () => {
  beforeEach(async () => {
    await drop(page, "checkpoint_training.t7", fixture("checkpoint_training.t7"));
    await row(page, "root").waitFor();
  });

  it("finds what is folded away, and goes from hit to hit", async () => {
    await page.keyboard.press("/");
    await field().fill("class:Linear");
    await expect.poll(hits).toEqual(["root.model.modules[1]", "root.model.modules[3]"]);
    await page.getByText("2 hits").waitFor();
    await field().press("Enter");
    await expect.poll(path).toBe("root.model.modules[1]");
    await field().press("Enter");
    await expect.poll(path).toBe("root.model.modules[3]");
    await field().press("Shift+Enter");
    await expect.poll(path).toBe("root.model.modules[1]");
    await screenshot(page, "search");
    await field().press("Escape");
    await row(page, "[1]").waitFor();
    expect(await field().inputValue()).toBe("");
  });

  it("is walked with the arrow keys", async () => {
    await field().fill("key:weight -key:grad*");
    await expect.poll(async () => (await hits()).length).toBe(3);
    await field().press("ArrowDown");
    await expect.poll(path).toBe("root.criterion.total_weight_tensor");
    await page.keyboard.press("ArrowDown");
    await expect.poll(path).toBe("root.model.modules[1].weight");
    await page.locator(".plot canvas").waitFor();
  });

  it("says what is wrong, and that there is nothing", async () => {
    await field().fill("colour:red");
    await page.getByText(/the query has the field colour/).waitFor();
    await field().fill("there is no such thing");
    await page.getByText("Nothing", { exact: true }).waitFor();
  });
});
