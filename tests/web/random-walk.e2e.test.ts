/** Keys and clicks at random over fixtures of every kind: nothing may throw or be written to the console. */

import { readdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { randomNumbers } from "../js/t7-writer.js";
import { drop, eachTestOpens, fixture, inRoot } from "./browser.js";

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

const keys = [
  ...["ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "Enter", " "],
  ...["Home", "End", "PageDown", "PageUp", "*", "/", "Escape", "Tab", "Shift+Tab", "F6", "?", "m"],
];

/** Every fifth file, and a few of the whole networks. */
const names = [
  ...readdirSync(inRoot("testfiles_x86_64"))
    .filter((name) => name.endsWith(".t7"))
    .filter((_, at) => at % 5 === 0),
  ...["lenet", "resnet", "gModule_nested", "char_rnn_lstm"].map((name) => `networks/${name}.t7`),
];

it("leaves the page as it should be", async () => {
  const random = randomNumbers(7);
  await page.addInitScript(() => {
    // Saving to the disk asks the system, which nobody answers here.
    Object.assign(window, {
      showSaveFilePicker: () => Promise.reject(new DOMException("", "AbortError")),
    });
  });
  await page.reload();
  for (const name of names) {
    await drop(page, name, fixture(name));
    await page.locator('.inspector, [role="alert"]').first().waitFor();
    for (let event = 0; event < 24; event += 1) {
      if (random(4) > 0) await page.keyboard.press(keys[random(keys.length)] as string);
      else await page.mouse.click(20 + random(1160), 60 + random(640));
    }
    await page.keyboard.press("Escape");
    // Files stay open: a page of many would only be slow.
    const close = page.getByRole("button", { name: /^Close/ });
    if ((await close.count()) > 2) await close.first().click();
  }
  expect(await page.locator("header.bar").count()).toBe(1);
});
