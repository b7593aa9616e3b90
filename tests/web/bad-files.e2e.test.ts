/** The built page on every kind of bad file: named in words, with what to do; nothing else is lost. */

import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { badFiles, tensorOutsideItsStorage } from "./bad-files.js";
import { drop, eachTestOpens, fixture, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens("web/dist", (opened) => {
  page = opened;
});

const banner = () => page.getByRole("alert");
const textOf = async (selector: string) => (await page.locator(selector).textContent()) ?? "";

async function opensTheNextFile(): Promise<void> {
  await drop(page, "hello_world.t7", fixture("hello_world.t7"));
  await row(page, "world").waitFor();
  expect(await banner().count()).toBe(0);
  expect(await textOf(".file-name")).toBe("hello_world.t7");
}

describe("a file that is no whole .t7 file", () => {
  it.each(badFiles)("$name", async ({ name, bytes, what, todo, tree = false, asks = false }) => {
    await drop(page, name, bytes);
    await banner().waitFor();
    expect(await textOf(".banner-what")).toMatch(what);
    expect(await textOf(".banner-where")).toContain(name);
    expect(await textOf(".banner-todo")).toMatch(todo);
    expect(await banner().getByLabel("What does the file hold?").count()).toBe(asks ? 1 : 0);
    expect((await row(page, "root").count()) > 0).toBe(tree);
    if (tree) await page.locator(".status").getByText("incomplete").waitFor();
    await screenshot(page, `bad-${name}`);
    await opensTheNextFile();
  });
});

describe("a file that only looks bad", () => {
  it("opens from gzip", async () => {
    await drop(page, "nn_linear.t7.gz", gzipSync(fixture("nn_linear.t7")));
    await row(page, "weight").waitFor();
    expect(await banner().count()).toBe(0);
    await page.getByText("unpacked from gzip").waitFor();
  });

  it("opens with a tensor outside its storage, which says why it has no numbers", async () => {
    await drop(page, "outside.t7", tensorOutsideItsStorage());
    await row(page, "weight").getByText("unusable").waitFor();
    expect(await banner().count()).toBe(0);
    await row(page, "weight").click();
    await page.getByRole("tab", { name: "Statistics" }).click();
    await page.locator(".panel").getByText("A tensor reaches outside its storage").waitFor();
    await screenshot(page, "bad-outside");
  });
});

describe("a file written by hand", () => {
  const schema = "bool,object,int,long,double,float,short,byte,char,object";

  it("opens with a schema", async () => {
    await drop(page, "stream_multi.t7", fixture("stream_multi.t7"));
    const field = banner().getByLabel("What does the file hold?");
    await field.fill("bool,objekt");
    await field.press("Enter");
    await banner().getByText('The schema has a part that cannot be read: "objekt".').waitFor();
    await field.fill(`${schema},int`);
    await field.press("Enter");
    await banner().locator(".banner-todo").getByText("the schema does not fit").waitFor();
    await row(page, "roots[10]").waitFor();
    await field.fill(schema);
    await field.press("Enter");
    await expect.poll(() => banner().count()).toBe(0);
    await page.locator(".status").getByText("10 values").waitFor();
    for (const key of ["root", "roots[2]", "roots[10]"]) await row(page, key).waitFor();
    await row(page, "roots[2]").locator(".disclosure").click();
    await row(page, "hello").click();
    await expect.poll(() => textOf(".path")).toBe("roots[2].hello");
    await screenshot(page, "schema");
    await page.keyboard.press("End");
    await expect.poll(() => textOf(".path")).toBe("roots[10]");
  });

  it("can be read again in another way, from the status bar", async () => {
    await drop(page, "stream_two_objects.t7", fixture("stream_two_objects.t7"));
    await row(page, "roots[2]").waitFor();
    await page.getByRole("button", { name: "binary · little endian" }).click();
    const field = page.locator(".fold").getByLabel("What does the file hold?");
    await field.fill("object");
    await field.press("Enter");
    await expect.poll(() => row(page, "roots[2]").count()).toBe(0);
    await page.getByRole("button", { name: "1 warning" }).click();
    await page.locator(".warnings").getByText("trailing_bytes").waitFor();
  });
});

describe("a guess", () => {
  it("is marked, and its warning leads to the object", async () => {
    await drop(page, "guess.t7", fixture("class_writes_two_objects.t7"));
    await row(page, "first").getByText("guessed").waitFor();
    await page.getByRole("button", { name: "1 warning" }).click();
    await page.locator(".warnings").getByText("guessed_layout").waitFor();
    await page.locator(".warnings").getByRole("button", { name: "root.first" }).click();
    await expect.poll(() => textOf(".path")).toBe("root.first");
    await screenshot(page, "guessed");
  });
});

/** Six million numbers take long enough to be cancelled; they are made in the page. */
async function dropLongList(): Promise<void> {
  await page.evaluate(() => {
    const count = 6_000_000;
    const view = new DataView(new ArrayBuffer(12 + 24 * count));
    for (const [i, word] of [3, 1, count].entries()) view.setInt32(4 * i, word, true);
    for (let i = 0, at = 12; i < count; i += 1, at += 24) {
      view.setInt32(at, 1, true);
      view.setFloat64(at + 4, i + 1, true);
      view.setInt32(at + 12, 1, true);
    }
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([view.buffer], "long.t7"));
    const init = { dataTransfer, bubbles: true, cancelable: true };
    document.body.dispatchEvent(new DragEvent("drop", init));
  });
}

/** From within the page: what comes from outside may come when all has been read. */
async function cancelOnceSomethingWasRead(): Promise<void> {
  await page.waitForFunction(
    () => {
      const status = document.querySelector(".status");
      if (!/[1-9][\d,]* values/.test(status?.textContent ?? "")) return false;
      status?.querySelector("button")?.click();
      return true;
    },
    null,
    { polling: 5 },
  );
}

describe("cancelling", () => {
  it("shows what was read so far", async () => {
    await dropLongList();
    await cancelOnceSomethingWasRead();
    await page.locator(".banner.calm").getByText("Reading was stopped").waitFor();
    await row(page, "root").getByText("incomplete").waitFor();
    await row(page, "[1]").waitFor();
    await screenshot(page, "cancelled");
    await opensTheNextFile();
  });
});
