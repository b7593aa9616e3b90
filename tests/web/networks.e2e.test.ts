/** What the page says of a network, against what Torch printed and counted. */

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { load } from "../../wasm/js/index.node.js";
import { drop, eachTestOpens, fixture, inRoot, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

async function openNetwork(name: string): Promise<void> {
  await drop(page, `${name}.t7`, fixture(`networks/${name}.t7`));
  await row(page, "net").click();
}

describe("Printed", () => {
  it("has Torch's text, with parameters and outputs beside it, and folds", async () => {
    const { printed } = (await load(inRoot("testfiles_x86_64/networks/resnet.t7"))) as {
      printed: string;
    };
    await openNetwork("resnet");
    await page.getByRole("tab", { name: "Printed" }).click();
    const lines = page.locator(".printed-line code");
    await expect.poll(async () => (await lines.allTextContents()).join("\n")).toBe(printed);
    await page.getByText("3×8×8 (inferred) → 10 · ").waitFor();
    const facts = page.locator(".printed-line", { hasText: "(8): nn.Linear(8 -> 10)" });
    await expect.poll(() => facts.locator(".printed-facts").textContent()).toBe("9010›");
    await page.getByRole("button", { name: "Lines of (4): nn.Sequential {" }).click();
    expect((await lines.allTextContents()).length).toBeLessThan(printed.split("\n").length - 10);
    await screenshot(page, "printed");
    await facts.getByRole("button", { name: "Go to root.net.modules[8]" }).click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.net.modules[8]");
  });
});

describe("Overview", () => {
  it("says what goes in and comes out, and of each layer what comes out", async () => {
    await openNetwork("vgg");
    await page.getByText("3×16×16 (inferred) → 5 · 85.1 k multiply-adds").waitFor();
    const first = page.locator(".overview tbody tr").first();
    await expect.poll(() => first.locator("td").nth(3).textContent()).toBe("4×16×16");
  });
});
