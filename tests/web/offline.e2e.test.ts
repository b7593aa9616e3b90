/** After the first visit the page works without a network; a first visit costs little. */

import { readdirSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fixture, inRoot, launch, row, serve } from "./browser.js";

let server: Server;
let url: string;
let browser: Browser;

beforeAll(async () => {
  ({ server, url } = await serve(inRoot("web/dist")));
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

it("opens files and samples when the server is gone", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect
    .poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null))
    .toBe(true);
  server.close();
  server.closeAllConnections();
  await page.reload();
  await page.getByRole("button", { name: /An LSTM after one/ }).click();
  await row(page, "root").waitFor();
  await page.reload();
  await row(page, "root").waitFor();
  const buffer = fixture("nn_vgg_small_float.t7");
  const file = { name: "mine.t7", mimeType: "", buffer };
  await page.locator("input[type=file]").first().setInputFiles(file);
  await expect.poll(() => page.title()).toContain("mine.t7");
  await context.close();
});

it("is at most 200 KB over the wire before the first file is seen, the core included", () => {
  const html = readFileSync(inRoot("web/dist/index.html"), "utf8");
  const assets = readdirSync(inRoot("web/dist/assets"));
  const first = assets.filter(
    (name) => html.includes(name) || /^(worker|t7)-.*\.(js|wasm)$/.test(name),
  );
  expect(first.length).toBeGreaterThanOrEqual(4);
  const sizes = first.map(
    (name) => gzipSync(readFileSync(inRoot(`web/dist/assets/${name}`)), { level: 9 }).length,
  );
  const total = sizes.reduce((sum, size) => sum + size, gzipSync(html).length);
  expect(total).toBeLessThanOrEqual(200_000);
});
