/** What the tree shows of real files by itself: modules under their container, weights, the rest behind a row. */

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { T7Writer } from "../js/t7-writer.js";
import { drop, eachTestOpens, fixture, focusedKey, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

async function open(name: string): Promise<void> {
  await drop(page, name, fixture(name));
  await row(page, "root").waitFor();
}

/** The rows in the document as `depth key`, as soon as there are so many. */
async function rowsOf(count: number): Promise<string[]> {
  const rows = page.locator('[role="treeitem"]');
  await expect.poll(() => rows.count()).toBe(count);
  return rows.evaluateAll((items) =>
    items.map((item) => {
      const level = Number(item.getAttribute("aria-level"));
      return `${"  ".repeat(level - 1)}${item.querySelector(".key")?.textContent}`;
    }),
  );
}

/** A network of so many equal blocks. */
function repeatingNetwork(blocks: number): Uint8Array {
  const writer = new T7Writer().object("nn.Sequential").table(1).string("modules").table(blocks);
  for (let block = 1; block <= blocks; block += 1) {
    writer.number(block).object("nn.Sequential").table(1).string("modules").table(1);
    writer.number(1).object("nn.ReLU").table(0);
  }
  return writer.bytes();
}

const path = () => page.locator(".path").textContent();

describe("a network", () => {
  it("has its modules under it, weights first, and the other fields behind one row", async () => {
    await open("networks/lenet.t7");
    const rows = await rowsOf(25);
    expect(rows.slice(0, 8)).toEqual([
      "root",
      "  net",
      "    [1]",
      "      weight",
      "      bias",
      "      16 fields",
      "    [2]",
      "    [3]",
    ]);
    await screenshot(page, "unfolded");
    await row(page, "16 fields").first().locator(".disclosure").click();
    await row(page, "kW").click();
    await expect.poll(path).toBe("root.net.modules[1].kW");
  });

  it("is walked with the keyboard, and paths stay true", async () => {
    await open("networks/lenet.t7");
    await rowsOf(25);
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
    await expect.poll(() => focusedKey(page)).toBe("weight");
    await expect.poll(path).toBe("root.net.modules[1].weight");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(() => focusedKey(page)).toBe("[1]");
    expect(await row(page, "weight").count()).toBe(2);
  });

  it("shows where anything is that was searched for", async () => {
    await open("networks/lenet.t7");
    await rowsOf(25);
    for (const [text, where] of [
      ["path:root.net.modules[8].weight", "root.net.modules[8].weight"],
      ["path:root.net.modules", "root.net.modules"],
      ["path:root.net.modules[3].kH", "root.net.modules[3].kH"],
    ] as const) {
      await page.keyboard.press("/");
      await page.getByRole("searchbox").fill(text);
      await page.keyboard.press("Enter");
      await expect.poll(path).toBe(where);
      await page.keyboard.press("Escape");
      await page.locator('[role="treeitem"][aria-selected="true"]').waitFor();
    }
  });

  it("is shown as it is in the file when that is wanted, and still is after a reload", async () => {
    await open("networks/lenet.t7");
    await rowsOf(25);
    await row(page, "weight").first().click();
    await page.getByRole("button", { name: "own order" }).click();
    await expect.poll(path).toBe("root.net.modules[1].weight");
    await row(page, "modules").waitFor();
    await page.reload();
    await open("networks/lenet.t7");
    await rowsOf(6);
  });
});

describe("a checkpoint", () => {
  it("unfolds its networks and small records, and leaves lists of numbers folded", async () => {
    await open("checkpoint_training.t7");
    await row(page, "learningRate").waitFor();
    await row(page, "[3]").first().waitFor();
    const open_ = await page
      .locator('[role="treeitem"][aria-expanded="true"] .key')
      .allTextContents();
    expect(open_).toContain("model");
    expect(open_).not.toContain("losses");
  });
});

describe("what repeats", () => {
  it("is one row that unfolds", async () => {
    await drop(page, "repeats.t7", repeatingNetwork(6));
    await row(page, "[1…6]").getByText("6 × nn.Sequential").waitFor();
    await row(page, "[1…6]").locator(".disclosure").click();
    await row(page, "[4]").click();
    await expect.poll(path).toBe("root.modules[4]");
  });
});
