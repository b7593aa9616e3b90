/** What the browser tests share: a server for a built page, Chromium, and dropping files on a page. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

export const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Serves the files of a folder, and nothing else. */
export async function serve(folder: string): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    const file = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
    try {
      const body = readFileSync(file);
      const type = types[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

export function launch(): Promise<Browser> {
  const executablePath =
    process.env.CHROMIUM || execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  return chromium.launch({ executablePath, args: [...args, ...quiet] });
}

/** A page and everything it complained about: errors on its console, requests to other hosts. */
export interface Watched {
  page: Page;
  complaints: string[];
}

/** Whether modules are shown as they are in the file, and nothing below the root is unfolded. */
type PageOptions = BrowserContextOptions & { order?: "file" | "telling" };

export async function openPage(
  browser: Browser,
  url: string,
  { order = "telling", ...options }: PageOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 760 }, ...options });
  const page = await context.newPage();
  if (order === "file") {
    await page.addInitScript(() => localStorage.setItem("torchfile.order", "file"));
  }
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const to = request.url();
    if (!to.startsWith(url) && !to.startsWith("blob:") && !to.startsWith("data:")) {
      complaints.push(`a request to ${to}`);
    }
  });
  await page.goto(url);
  return { page, complaints };
}

/** Every test of the file gets a fresh page of a built folder, which must not complain of anything. */
export function eachTestOpens(
  folder: string,
  use: (page: Page) => void,
  options: PageOptions = {},
): void {
  let server: Server;
  let url: string;
  let browser: Browser;
  let watched: Watched;

  beforeAll(async () => {
    ({ server, url } = await serve(inRoot(folder)));
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  beforeEach(async () => {
    watched = await openPage(browser, url, options);
    use(watched.page);
  });

  afterEach(async () => {
    const { complaints, page } = watched;
    await page.context().close();
    expect(complaints).toEqual([]);
  });
}

/** Drops a file on the window, as from the desktop. */
export async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.evaluate(
    ([fileName, base64]) => {
      const content = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([content], fileName));
      for (const type of ["dragover", "drop"]) {
        const init = { dataTransfer, bubbles: true, cancelable: true };
        document.body.dispatchEvent(new DragEvent(type, init));
      }
    },
    [name, Buffer.from(bytes).toString("base64")] as const,
  );
}

export const oracle = (name: string): unknown =>
  JSON.parse(readFileSync(inRoot(`tests/oracle/${name}.json`), "utf8"));

export const fixture = (name: string) => readFileSync(inRoot(`testfiles_x86_64/${name}`));

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(inRoot("tests/web/screenshots"), { recursive: true });
  await page.screenshot({ path: inRoot(`tests/web/screenshots/${name}.png`) });
}

/** The row with a key, among those in the document. */
export const row = (page: Page, key: string) =>
  page.locator('[role="treeitem"]', { has: page.locator(`.key:text-is(${JSON.stringify(key)})`) });

/** Key of the row that has the keyboard focus; `null` if it is elsewhere. */
export const focusedKey = (page: Page) =>
  page.evaluate(() => {
    const focused = document.activeElement;
    if (focused?.getAttribute("role") !== "treeitem") return null;
    return focused.querySelector(".key")?.textContent ?? null;
  });
