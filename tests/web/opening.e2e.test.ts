/** Several files, archives, addresses and the browser's history, in Chromium on the built page. */

import { readdirSync } from "node:fs";
import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import type { Browser, Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { drop, eachTestOpens, fixture, inRoot, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens(
  "web/dist",
  (opened) => {
    page = opened;
  },
  { order: "file" },
);

const fileName = () => page.locator(".file-name").textContent();
const path = () => page.locator(".path").textContent();
const search = () => page.evaluate(() => new URL(location.href).searchParams.toString());

async function dropFixture(name: string): Promise<void> {
  await drop(page, name, fixture(name));
  await expect.poll(fileName).toBe(name);
  await row(page, "root").waitFor();
}

async function zipOf(files: Record<string, Uint8Array>): Promise<Uint8Array> {
  const writer = new ZipWriter(new BlobWriter());
  for (const [name, bytes] of Object.entries(files))
    await writer.add(name, new Uint8ArrayReader(bytes));
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

describe("several files", () => {
  beforeEach(async () => {
    await dropFixture("hello_world.t7");
    await dropFixture("nn_vgg_small_float.t7");
  });

  it("stay open, each as it was left", async () => {
    await row(page, "modules").click();
    const files = page.getByLabel("Open files", { exact: true }).and(page.locator("select"));
    await files.selectOption("hello_world.t7");
    await row(page, "world").click();
    expect(await page.title()).toBe("hello_world.t7 – torchfile");
    await screenshot(page, "several-files");
    await files.selectOption("nn_vgg_small_float.t7");
    expect(await row(page, "modules").getAttribute("aria-selected")).toBe("true");
    await page.getByRole("button", { name: "Close nn_vgg_small_float.t7" }).click();
    await expect.poll(fileName).toBe("hello_world.t7");
    expect(await row(page, "world").getAttribute("aria-selected")).toBe("true");
    expect(await files.count()).toBe(0);
  });

  it("are opened all at once by the file input", async () => {
    const inputs = page.locator('input[type="file"]');
    await inputs.setInputFiles([
      inRoot("testfiles_x86_64/list_table.t7"),
      inRoot("testfiles_x86_64/image_float_3x24x32.t7"),
    ]);
    await expect.poll(() => page.locator("select.switcher-select option").count()).toBe(4);
  });

  it("are shown in the order in which they were asked for", async () => {
    // What a service worker keeps is never slow.
    const browser = page.context().browser() as Browser;
    const context = await browser.newContext({ serviceWorkers: "block" });
    const address = page.url().replace(/[?#].*/, "");
    page = await context.newPage();
    await page.goto(address);
    let asked = false;
    await context.route(/rnn_lookup/, async (route) => {
      asked = true;
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue();
    });
    await page.getByRole("button", { name: /An LSTM after one/ }).click();
    await dropFixture("list_table.t7");
    const options = page.locator("select.switcher-select option");
    await expect.poll(() => options.count(), { timeout: 15_000 }).toBe(2);
    expect(await fileName()).toBe("list_table.t7");
    expect(asked).toBe(true);
    await context.close();
  });

  it("a wrong one beside a good one ends neither", async () => {
    await drop(page, "not.t7", new TextEncoder().encode("There is a house in New Orleans."));
    await page.getByRole("alert").getByText("not.t7").first().waitFor();
    expect(await fileName()).toBe("nn_vgg_small_float.t7");
  });
});

describe("an archive", () => {
  it("offers what is inside by name", async () => {
    const bytes = await zipOf({
      "models/b10.t7": fixture("hello_world.t7"),
      "models/b2.t7": fixture("list_table.t7"),
      "README.md": new TextEncoder().encode("# no model"),
    });
    await drop(page, "all.zip", bytes);
    const list = page.getByRole("region", { name: "Files in all.zip" });
    await list.waitFor();
    expect(await list.locator(".choose-name").allTextContents()).toEqual([
      "models/b2.t7",
      "models/b10.t7",
    ]);
    await screenshot(page, "archive");
    await list.getByRole("button", { name: "models/b10.t7" }).click();
    await expect.poll(fileName).toBe("b10.t7");
    await row(page, "world").waitFor();
  });

  it("says what is wrong with one that is no archive, or has nothing inside", async () => {
    await drop(
      page,
      "cut.zip",
      (await zipOf({ "a.t7": fixture("hello_world.t7") })).subarray(0, 99),
    );
    await page.getByRole("alert").getByText("cut.zip").waitFor();
    await drop(page, "other.zip", await zipOf({ "README.md": new Uint8Array(9) }));
    await page.getByRole("alert").getByText("No .t7 file is inside.").waitFor();
  });

  it("stops unpacking where there is more than the archive says", async () => {
    const bytes = await zipOf({ "bomb.t7": new Uint8Array(1_000_000) });
    // The size as the directory states it: 1,000,000 becomes 10.
    const at = Buffer.from(bytes).lastIndexOf(Buffer.from([0x40, 0x42, 0x0f, 0x00]));
    bytes.set([10, 0, 0, 0], at);
    await drop(page, "trap.zip", bytes);
    await page.getByRole("alert").getByText("trap.zip").waitFor();
    expect(await fileName()).toBe("");
  });
});

describe("the address", () => {
  const selectInVgg = async () => {
    await page.getByRole("button", { name: "A small VGG network" }).click();
    await row(page, "modules").click();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe("#root.modules");
  };

  it("names sample and path, and leads back there", async () => {
    await selectInVgg();
    expect(await search()).toBe("sample=nn_vgg_small_float.t7");
    await page.reload();
    await expect.poll(path).toBe("root.modules");
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("goes back and forward through the files", async () => {
    await selectInVgg();
    await dropFixture("hello_world.t7");
    await expect.poll(search).toContain("file=hello_world.t7");
    await page.goBack();
    await expect.poll(fileName).toBe("nn_vgg_small_float.t7");
    await expect.poll(path).toBe("root.modules");
    await page.goBack();
    await page.getByText("Drop a .t7 file anywhere").waitFor();
    await page.goForward();
    await page.goForward();
    await expect.poll(fileName).toBe("hello_world.t7");
  });

  it("says which local file was shown, after a reload", async () => {
    await dropFixture("hello_world.t7");
    await row(page, "world").click();
    await expect.poll(() => page.evaluate(() => location.hash)).toContain("world");
    await page.reload();
    await page.getByRole("button", { name: "Open hello_world.t7 again" }).waitFor();
    await screenshot(page, "again");
    await dropFixture("hello_world.t7");
    await expect.poll(path).toBe("root.world");
  });

  it("opens a file by its address", async () => {
    const url = await page.evaluate(() => {
      const found = performance.getEntriesByType("resource");
      return found.length > 0 ? document.baseURI : "";
    });
    await selectInVgg();
    const names = readdirSync(inRoot("web/dist/assets"));
    const sample = `${url}assets/${names.find((name) => /^nn_vgg.*\.t7$/.test(name))}`;
    await page.goto(`${url}?url=${encodeURIComponent(sample)}#root.modules[1]`);
    await expect.poll(path).toBe("root.modules[1]");
    await page.goto(`${url}?url=${encodeURIComponent(`${url}not-there.t7`)}`);
    await page.getByRole("alert").waitFor();
  });
});

it("lists the keys", async () => {
  await dropFixture("hello_world.t7");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await screenshot(page, "keys");
  await page.keyboard.press("Escape");
  expect(await page.getByRole("dialog").count()).toBe(0);
});

describe("the keyboard", () => {
  beforeEach(() => dropFixture("nn_vgg_small_float.t7"));

  it("goes to a row by its key", async () => {
    await page.keyboard.type("_t");
    await expect.poll(path).toBe("root._type");
  });

  it("copies path and value", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.keyboard.type("_t");
    await expect.poll(path).toBe("root._type");
    await page.keyboard.press("Control+c");
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe('root._type\t"torch.FloatTensor"');
  });

  it("expands all rows beside the selected one", async () => {
    await row(page, "modules").click();
    await page.keyboard.press("ArrowRight");
    await row(page, "[1]").click();
    await page.keyboard.press("*");
    await expect.poll(() => row(page, "weight").count()).toBeGreaterThan(1);
  });

  it("goes from the tree to the value and back", async () => {
    const where = () => page.evaluate(() => document.activeElement?.className ?? "");
    await page.keyboard.press("F6");
    expect(await where()).toBe("inspector");
    await page.keyboard.press("F6");
    expect(await where()).toContain("row");
  });

  it("moves as far as it was told however fast the keys come", async () => {
    await row(page, "modules").click();
    await page.keyboard.press("ArrowRight");
    await row(page, "[1]").click();
    const last = await page.locator('[role="treeitem"]').count();
    for (let i = 0; i < 12; i++) void page.keyboard.press("ArrowDown");
    await expect.poll(path).toBe("root.modules[13]");
    expect(last).toBeGreaterThan(12);
  });
});
