/** The page in Chromium on the made-up file: everything that needs no core. */

import type { Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  drop,
  focusedKey,
  inRoot,
  launch,
  openPage,
  row,
  screenshot,
  serve,
  type Watched,
} from "./browser.js";
import { sizes } from "./fake-file.js";

let server: Server;
let url: string;
let browser: Browser;

beforeAll(async () => {
  await build({ root: inRoot("web"), mode: "fake", logLevel: "silent" });
  ({ server, url } = await serve(inRoot("build/web-fake")));
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

let watched: Watched;
let page: Page;

async function start(options: Parameters<typeof openPage>[2] = {}): Promise<void> {
  watched = await openPage(browser, url, { order: "file", ...options });
  page = watched.page;
}

const dropFile = (size: number, name = "model.t7") => drop(page, name, new Uint8Array(size));

async function open(): Promise<void> {
  await dropFile(sizes.whole);
  await row(page, "root").waitFor();
}

async function expand(...keys: string[]): Promise<void> {
  for (const key of keys) await row(page, key).locator(".disclosure").click();
}

afterEach(async () => {
  const { complaints } = watched;
  await page.context().close();
  expect(complaints).toEqual([]);
});

describe("the tree", () => {
  beforeEach(async () => {
    await start();
    await open();
  });

  it("says to assistive technology what it shows", async () => {
    const modules = row(page, "modules");
    await modules.waitFor();
    const attributes = ["level", "setsize", "posinset", "expanded", "selected"];
    const values = await Promise.all(attributes.map((a) => modules.getAttribute(`aria-${a}`)));
    expect(values).toEqual(["2", "5", "1", "false", "false"]);
    expect(await row(page, "train").getAttribute("aria-expanded")).toBe(null);
  });

  it("is walked with the keyboard", async () => {
    await row(page, "root").click();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
      return focusedKey(page);
    };
    expect(await press("ArrowDown")).toBe("modules");
    expect(await press("ArrowRight")).toBe("modules");
    await row(page, "[1]").waitFor();
    expect(await press("ArrowRight")).toBe("[1]");
    expect(await press("Enter")).toBe("[1]");
    await row(page, "weight").waitFor();
    expect(await press("End")).toBe("roots[2]");
    expect(await press("PageUp")).toBe("root");
    expect(await press("Home", "ArrowDown", "ArrowDown", "ArrowDown")).toBe("nInputPlane");
    expect(await press("ArrowLeft")).toBe("[1]");
    expect(await press("ArrowLeft", "ArrowLeft")).toBe("modules");
    expect(await press("ArrowLeft")).toBe("modules");
    expect(await row(page, "[1]").count()).toBe(0);
    expect(await press(" ")).toBe("modules");
    await row(page, "[1]").waitFor();
  });

  it("has the focus as soon as a file is open", async () => {
    await expect.poll(() => focusedKey(page)).toBe("root");
  });

  it("keeps the focus when the row that has it is collapsed away", async () => {
    await expand("modules");
    await row(page, "[2]").click();
    await expand("modules");
    await expect.poll(() => focusedKey(page)).toBe("modules");
  });

  it("shows a million rows with few elements", async () => {
    await expand("numbers");
    await row(page, "[1]").click();
    await page.keyboard.press("End");
    await row(page, "roots[2]").waitFor();
    await row(page, "[999999]").waitFor();
    expect(await page.locator('[role="treeitem"]').count()).toBeLessThan(100);
    await page.locator(".tree").evaluate((tree) => {
      tree.scrollTop = tree.scrollHeight / 2;
    });
    const middle = page.locator(".key", { hasText: /^\[50\d{4}\]$|^\[49\d{4}\]$/ }).first();
    await middle.waitFor();
    await page.mouse.move(200, 300);
    const before = await middle.textContent();
    await page.mouse.wheel(0, 2400);
    const wanted = `[${Number(before?.slice(1, -1)) + 100}]`;
    await row(page, wanted).waitFor();
  });

  it("draws sparklines, and says in words what has none", async () => {
    await expand("modules", "[1]");
    await row(page, "weight").locator("svg.spark").waitFor();
    await row(page, "gradWeight").getByText("all 0").waitFor();
    await row(page, "gradBias").getByText("constant 1").waitFor();
  });

  it("leads from a back-reference to the first place", async () => {
    await row(page, "roots[2]").locator(".follow").click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.modules[1]");
    expect(await row(page, "[1]").getAttribute("aria-selected")).toBe("true");
  });

  it("opens a back-reference in place, beside the first one", async () => {
    await expand("modules", "[1]", "roots[2]");
    await expect.poll(() => row(page, "weight").count()).toBe(2);
    await row(page, "weight").last().click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.modules[1].weight");
  });

  it("marks what is unusable and what is incomplete", async () => {
    await expand("oddities");
    await row(page, "leaves").getByText("unusable").waitFor();
    await row(page, "cut").getByText("incomplete").waitFor();
    await row(page, "leaves").click();
    for (const panel of ["Statistics", "Histogram"]) {
      await page.getByRole("tab", { name: panel }).click();
      await page.locator(".panel").getByText("The tensor leaves its storage.").waitFor();
    }
  });
});

describe("the inspector", () => {
  beforeEach(async () => {
    await start({ permissions: ["clipboard-read", "clipboard-write"] });
    await open();
    await expand("modules", "[1]");
    await row(page, "weight").click();
  });

  it("keeps its panel open while moving through the tree", async () => {
    await page.locator(".plot canvas").waitFor();
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.modules[1].bias");
    await page.locator(".plot canvas").waitFor();
    await page.getByRole("tab", { name: "Statistics" }).click();
    await row(page, "gradWeight").click();
    await page.getByText("Every element is 0.").waitFor();
    expect(await page.getByRole("tab", { selected: true }).textContent()).toBe("Statistics");
  });

  it("says what the pointer or the arrow keys are on", async () => {
    const plot = page.getByRole("slider", { name: "Histogram of 1,728 values" });
    await plot.hover();
    await expect.poll(() => page.locator(".readout").textContent()).toMatch(/^\[.*\d values \(/);
    await plot.focus();
    await page.keyboard.press("ArrowLeft");
    const first = await plot.getAttribute("aria-valuenow");
    await page.keyboard.press("ArrowLeft");
    expect(Number(await plot.getAttribute("aria-valuenow"))).toBe(Number(first) - 1);
  });

  it("has bins and a logarithmic count to choose", async () => {
    await page.getByLabel("bins").selectOption("32");
    await expect.poll(() => page.getByRole("slider").getAttribute("aria-valuemax")).toBe("32");
    await page.getByLabel("log").check();
    await page.locator(".plot canvas").waitFor();
    await row(page, "bias").click();
    expect(await page.getByLabel("bins").inputValue()).toBe("32");
    expect(await page.getByLabel("log").isChecked()).toBe(true);
  });

  it("counts what no bar shows", async () => {
    await expand("oddities");
    await row(page, "with NaN").click();
    await expect.poll(() => page.locator(".readout").textContent()).toBe("NaN 15+Inf 1−Inf 1");
    await row(page, "all NaN").click();
    await page.getByText("No element is finite").waitFor();
    await row(page, "constant").click();
    await page.getByText("Constant: every element is 0.25.").waitFor();
    await row(page, "output").first().click();
    await page.getByText("An empty tensor").waitFor();
  });

  it("copies the path", async () => {
    await page.getByRole("button", { name: "Copy path" }).click();
    await page.getByRole("button", { name: "copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe("root.modules[1].weight");
  });

  it("lists what is inside a branch and leads there", async () => {
    await row(page, "oddities").click();
    await page.getByRole("button", { name: "transposed", exact: true }).click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.oddities.transposed");
    await row(page, "transposed").waitFor();
    await row(page, "numbers").click();
    await page.getByText("and 999,900 more in the tree").waitFor();
  });

  it("shows strings, bytes and functions", async () => {
    await expand("oddities");
    await row(page, "a long text").click();
    await page.getByText("and 59,000 more characters").waitFor();
    await row(page, "bytes").click();
    await page.getByText("000000  00 01 02").waitFor();
    await row(page, "callback").click();
    await page.getByText("with 1 upvalue").waitFor();
  });
});

describe("opening", () => {
  beforeEach(() => start());

  it("shows a partial file with a banner, and what is wrong on demand", async () => {
    await dropFile(sizes.truncated);
    const banner = page.getByRole("alert");
    await banner.getByText("Truncated: 3,412 bytes missing.").waitFor();
    await banner.getByText("model.t7 · byte 9,188 · root.oddities.cut").waitFor();
    await banner.getByText("Copy or download the file again.").waitFor();
    await banner.getByText("Technical detail").click();
    await banner.getByText("end of file").waitFor();
    await row(page, "root").waitFor();
    await screenshot(page, "fake-banner");
    await page.getByRole("button", { name: "Dismiss" }).click();
    expect(await banner.count()).toBe(0);
  });

  it("keeps the open file when the next one cannot be read, and opens the one after", async () => {
    await open();
    await dropFile(sizes.empty, "empty.t7");
    await page.getByRole("alert").getByText("The file is empty.").waitFor();
    expect(await page.locator(".file-name").textContent()).toBe("model.t7");
    await dropFile(sizes.whole, "next.t7");
    await expect.poll(() => page.locator(".file-name").textContent()).toBe("next.t7");
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("shows progress; cancelled, it shows what was read so far", async () => {
    await dropFile(sizes.slow, "slow.t7");
    await page.getByText("2.44 KB of 4.88 KB").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => page.getByRole("progressbar").count()).toBe(0);
    await page.locator(".banner.calm").getByText("Reading was stopped.").waitFor();
    await row(page, "modules").waitFor();
    await page.locator(".status").getByText("incomplete").waitFor();
  });

  it("goes back to where it was when nothing was read before cancelling", async () => {
    await dropFile(sizes.stuck, "stuck.t7");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => page.getByRole("progressbar").count()).toBe(0);
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.getByText("Drop a .t7 file anywhere").waitFor();
  });

  it("lists the warnings, with their meaning, and goes to their places", async () => {
    await open();
    await page.getByRole("button", { name: "1 warning" }).click();
    const list = page.locator(".warnings");
    await list.getByText("duplicate_key").waitFor();
    await list.getByText("The key appears twice").waitFor();
    await list.getByText("The last value counts.").waitFor();
    await list.getByRole("button", { name: "root.oddities.constant" }).click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.oddities.constant");
    await page.keyboard.press("Escape");
    expect(await list.count()).toBe(0);
  });

  it("counts the top-level values and names them as paths do", async () => {
    await open();
    await page.locator(".status").getByText("2 values").waitFor();
    await row(page, "roots[2]").click();
    expect(await row(page, "roots[2]").getAttribute("aria-posinset")).toBe("2");
  });

  it("asks what a file holds that was written by hand, and reads it so", async () => {
    await dropFile(sizes.byHand, "hand.t7");
    const banner = page.getByRole("alert");
    const field = banner.getByLabel("What does the file hold?");
    await field.fill("bool, objekt");
    await field.press("Enter");
    await banner.getByText('The schema has a part that cannot be read: " objekt".').waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await field.fill("bool, object");
    await banner.getByRole("button", { name: "Read it this way" }).click();
    await expect.poll(() => banner.count()).toBe(0);
    await page.getByRole("button", { name: "binary · little endian" }).click();
    const again = page.locator(".fold").getByLabel("What does the file hold?");
    expect(await again.inputValue()).toBe("bool, object");
  });

  it("does not move the tree when a banner goes away", async () => {
    await dropFile(sizes.truncated);
    await expand("numbers");
    await page.locator(".tree").evaluate((tree) => {
      tree.scrollTop = 5000;
    });
    await row(page, "[220]").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    expect(await page.locator(".tree").evaluate((tree) => tree.scrollTop)).toBe(5000);
    expect(await row(page, "root").getAttribute("aria-selected")).toBe("true");
  });

  it("highlights the window while a file is held over it", async () => {
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([], "x.t7"));
      const init = { dataTransfer, bubbles: true, cancelable: true };
      document.body.dispatchEvent(new DragEvent("dragover", init));
    });
    await page.getByText("Drop the file to open it").waitFor();
  });
});

describe("the look", () => {
  it("follows the system's theme until told otherwise, and remembers", async () => {
    await start({ colorScheme: "dark" });
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await back();
    await page.getByRole("button", { name: "Change to the light theme" }).click();
    expect(await back()).toBe("rgb(255, 255, 255)");
    await page.reload();
    expect(await back()).toBe("rgb(255, 255, 255)");
    await page.getByRole("button", { name: "Change to the dark theme" }).click();
    expect(await back()).toBe(dark);
  });

  it("has two screens at 360 pixels, with a way back", async () => {
    await start({ viewport: { width: 360, height: 640 } });
    await open();
    await row(page, "modules").click();
    await row(page, "[1]").click();
    await row(page, "weight").click();
    await page.locator(".plot canvas").waitFor();
    expect(await page.locator(".tree").isVisible()).toBe(false);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBe(360);
    await page.getByRole("button", { name: "‹ Tree" }).click();
    expect(await page.locator(".tree").isVisible()).toBe(true);
    await expect.poll(() => focusedKey(page)).toBe("weight");
    await row(page, "[1]").locator(".disclosure").click();
    await row(page, "modules").click();
    await row(page, "modules").getByText("Details ›").click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.modules");
  });
});
