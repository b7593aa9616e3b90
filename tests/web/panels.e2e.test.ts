/** The panels in Chromium on real files: numbers, pixels and text against what Torch had. */

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { load } from "../../wasm/js/index.node.js";
import { Bytes } from "../js/bytes.js";
import { drop, eachTestOpens, fixture, oracle, row, screenshot } from "./browser.js";

let page: Page;
eachTestOpens(
  "web/dist",
  (opened) => {
    page = opened;
  },
  { order: "file" },
);

const tab = (name: string) => page.getByRole("tab", { name, exact: true });
const tabs = () => page.getByRole("tab").allTextContents();

/** What Torch had in a tensor of `captions_table`. */
function elementsOf(name: string): number[] {
  const { entries } = oracle("captions_table") as {
    entries: Array<[{ text: string }, { values: number[] }]>;
  };
  return entries.find(([key]) => key.text === name)?.[1].values ?? [];
}

async function open(name: string, ...keys: string[]): Promise<void> {
  await drop(page, name, fixture(name));
  await row(page, "root").waitFor();
  for (const key of keys.slice(0, -1)) await row(page, key).locator(".disclosure").click();
  await row(page, keys.at(-1) ?? "root").click();
}

describe("Values", () => {
  it("has every element, and goes anywhere", async () => {
    await open("captions_table.t7", "txt");
    await tab("Values").click();
    const values = elementsOf("txt");
    const cell = page.getByRole("gridcell");
    await expect.poll(() => cell.first().textContent()).not.toBe("");
    expect(Number((await cell.first().textContent())?.replace("−", "-"))).toBeCloseTo(values[0], 5);
    await page.getByLabel("Go to row and column").fill("3, 16");
    await page.getByLabel("Go to row and column").press("Enter");
    const readout = page.locator(".readout");
    await expect.poll(() => readout.textContent()).toContain("[3, 16] = ");
    await expect
      .poll(async () =>
        Number(/= (\S+?)(?=$|[^\d.e+-])/.exec((await readout.textContent()) ?? "")?.[1]),
      )
      .toBe(values[47]);
    await screenshot(page, "values");
  });

  it("keeps int64 exact", async () => {
    await open("storage_long.t7");
    await tab("Values").click();
    await page.getByRole("gridcell", { name: "−2,147,483,648" }).waitFor();
  });

  it("is walked with the keyboard", async () => {
    await open("doubletensor.t7");
    await tab("Values").click();
    await page.getByRole("grid").focus();
    for (const key of ["ArrowDown", "End"]) await page.keyboard.press(key);
    await expect.poll(() => page.locator(".readout").textContent()).toContain("[2, 3] = 6.9");
  });
});

describe("Image", () => {
  it("opens by itself for a picture, and its pixels are the elements", async () => {
    await open("image_float_3x24x32.t7");
    const image = (await load("testfiles_x86_64/image_float_3x24x32.t7")) as {
      get(...at: number[]): number;
    };
    await page.getByText("32 × 24 pixels").waitFor();
    await page.getByText("values 0 – 1").waitFor();
    const pixel = await page
      .locator("canvas.picture")
      .evaluate((canvas: HTMLCanvasElement) =>
        Array.from(canvas.getContext("2d")!.getImageData(5, 7, 1, 1).data),
      );
    expect(pixel).toEqual([...[0, 1, 2].map((c) => Math.round(image.get(c, 7, 5) * 255)), 255]);
    await screenshot(page, "image");
  });

  it("shows many as a sheet, and one of them larger", async () => {
    await open("filters_8x3x5x5.t7");
    await tab("Image").click();
    await page.getByText("8 pictures of 5×5").waitFor();
    await page.getByRole("button", { name: "Picture 3" }).click();
    await page.getByText("5 × 5 pixels").waitFor();
    await page.getByRole("button", { name: "‹ All 8" }).click();
    await page.getByText("8 pictures of 5×5").waitFor();
  });
});

describe("Overview", () => {
  it("counts what Torch counts, and measures each tensor", async () => {
    await open("networks/lenet.t7", "net");
    const { parameters } = (await load("testfiles_x86_64/networks/lenet.t7")) as {
      parameters: number;
    };
    await page.getByText(`${parameters.toLocaleString("en-US")} parameters`).waitFor();
    const rows = page.locator(".overview tbody tr");
    expect(await rows.count()).toBe(6);
    await expect.poll(() => rows.first().locator("td").nth(3).textContent()).not.toBe("");
    await screenshot(page, "overview");
    await page.getByRole("button", { name: "elements" }).click();
    expect(await rows.first().locator("th").textContent()).toBe("[8].weight");
    await rows.first().getByRole("button").click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root.net.modules[8].weight");
  });
});

describe("Histogram", () => {
  it("has a bin for each byte, and counts a part again", async () => {
    await open("tensor_byte_256.t7");
    await tab("Histogram").click();
    await page.getByRole("slider", { name: "Histogram of 256 values" }).press("ArrowRight");
    await expect
      .poll(() => page.locator(".readout").textContent())
      .toBe("[−0.5, 0.5)  1 value (0.39 %)");
    await page.getByLabel("from").fill("9.7");
    await page.getByLabel("from").press("Enter");
    await page.getByLabel("to", { exact: true }).fill("20.2");
    await page.getByLabel("to", { exact: true }).press("Enter");
    // 10 … 20
    await page.getByText("11 of 256 values").waitFor();
    await page.getByText("below 10").waitFor();
    await page.getByRole("button", { name: "All values" }).click();
    const plot = page.getByRole("slider", { name: "Histogram of 256 values" });
    const box = (await plot.boundingBox()) as { x: number; y: number; width: number };
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.getByText(/^\d\d of 256 values$/).waitFor();
    await screenshot(page, "histogram-part");
  });

  it("of a constant is a sentence", async () => {
    await open("tensor_constant.t7");
    await tab("Histogram").click();
    await page.getByText("Constant: every element is 0.5.").waitFor();
    expect(await page.locator(".plot canvas").count()).toBe(0);
  });
});

describe("Curve and Heat map", () => {
  it("draws a list of numbers", async () => {
    await open("checkpoint_training.t7", "losses");
    await page.getByRole("img", { name: "Curve of 10 numbers" }).waitFor();
    await page.getByText("10 numbers", { exact: true }).waitFor();
    await screenshot(page, "curve");
  });

  it("does not take every list for one", async () => {
    await open("captions_table.t7", "word");
    await page.getByText("a yellow beak").first().waitFor();
    expect(await tabs()).toEqual([]);
  });

  it("colours a matrix, and says what is under the pointer", async () => {
    await open("captions_table.t7", "txt");
    await tab("Heat map").click();
    const canvas = page.getByRole("img", { name: "Heat map of 3 by 16 elements" });
    await canvas.hover({ position: { x: 3, y: 3 } });
    const values = elementsOf("txt");
    const text = async () => (await page.locator(".readout").textContent()) ?? "";
    await expect.poll(text).toContain("[1, 1] = ");
    expect(Number((await text()).split("= ")[1]?.replace("−", "-"))).toBeCloseTo(values[0], 4);
  });
});

describe("Table", () => {
  it("shows a list of records, and leads to a value", async () => {
    const bytes = new Bytes().table(1, 120);
    for (let at = 1; at <= 120; at++) {
      bytes
        .number(at)
        .table(at + 1, 2)
        .string("id")
        .number(at * 10);
      bytes.string("name").string(`record ${at}`);
    }
    await drop(page, "records.t7", Buffer.from(bytes.done()));
    await row(page, "root").waitFor();
    await page.getByText("120 rows").waitFor();
    const cells = page.locator(".records tbody tr").first().locator("td");
    expect(await cells.allTextContents()).toEqual(["10", "record 1"]);
    await page.getByLabel("row", { exact: true }).fill("115");
    await page.getByLabel("row", { exact: true }).press("Enter");
    await page.getByText("101 – 120 of 120").waitFor();
    await page.getByRole("button", { name: "record 115" }).click();
    await expect.poll(() => page.locator(".path").textContent()).toBe("root[115].name");
    await screenshot(page, "table");
  });

  it("shows columns of one length beside each other", async () => {
    const bytes = new Bytes()
      .table(1, 2)
      .string("label")
      .tensor(2, "Byte", [4], [1])
      .byte(1, 2, 3, 4);
    bytes.string("name").table(4, 4);
    for (let at = 1; at <= 4; at++) bytes.number(at).string(`n${at}`);
    await drop(page, "columns.t7", Buffer.from(bytes.done()));
    await row(page, "root").click();
    await page.getByText("4 rows").waitFor();
    const rows = await page.locator(".records tbody tr").allTextContents();
    expect(rows).toEqual(["11n1", "22n2", "33n3", "44n4"]);
  });
});

describe("what was chosen", () => {
  it("stays for values of one kind, and does not stick to others", async () => {
    await open("nn_vgg_small_float.t7", "modules", "[1]", "weight");
    await tab("Statistics").click();
    await row(page, "bias").click();
    await expect
      .poll(() => page.getByRole("tab", { selected: true }).textContent())
      .toBe("Statistics");
    await row(page, "[1]").click();
    await expect
      .poll(() => page.getByRole("tab", { selected: true }).textContent())
      .toBe("Printed");
  });
});

describe("Export", () => {
  /** Bytes of the download that a click starts. */
  async function downloaded(choice: string): Promise<{ name: string; bytes: Buffer }> {
    // Without the picker, which a test cannot answer, the page downloads.
    await page.evaluate(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
    await page.getByText("Export…").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: choice }).click(),
    ]);
    const stream = await download.createReadStream();
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    return { name: download.suggestedFilename(), bytes: Buffer.concat(parts) };
  }

  it("writes a tensor for NumPy", async () => {
    await open("captions_table.t7", "txt");
    const { name, bytes } = await downloaded(".npy, for NumPy");
    expect(name).toBe("captions_table_txt.npy");
    expect(bytes.subarray(1, 6).toString()).toBe("NUMPY");
    expect(bytes.readFloatLE(bytes.length - 4)).toBe(elementsOf("txt").at(-1));
    await page.getByText(/^Written: /).waitFor();
  });

  it("writes a list as a table, and offers nothing for what cannot be written", async () => {
    await open("captions_table.t7", "word");
    const { bytes } = await downloaded(".csv, a table");
    expect(bytes.toString()).toBe(
      "value\na bird with red wings\nthis bird is small\na yellow beak\n",
    );
    await open("boolean_true.t7");
    expect(await page.getByText("Export…").count()).toBe(0);
  });
});
