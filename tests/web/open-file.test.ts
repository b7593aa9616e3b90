import { beforeEach, describe, expect, it, vi } from "vitest";
import { OpenFile } from "../../web/src/state/open-file.js";
import { setFileOrder } from "../../web/src/state/order.js";
import { FakeFile } from "./fake-file.js";

let file: FakeFile;
let failures: unknown[];
let openFile: OpenFile;
const picked = { name: "model.t7", input: new Blob(), schema: "" };

beforeEach(() => {
  setFileOrder(true);
  file = new FakeFile();
  failures = [];
  openFile = new OpenFile(file, picked, (error) => failures.push(error));
});

const selectedKey = () => openFile.selection.value?.node.key;

/** Waits until every row is fetched, and gives their keys. */
async function keys(): Promise<(string | undefined)[]> {
  const places = Array.from({ length: openFile.rows.length }, (_, row) => openFile.rows.at(row));
  return (await Promise.all(places.map((p) => openFile.pages.load(p)))).map((node) => node.key);
}

async function open(key: string): Promise<void> {
  const row = (await keys()).indexOf(key);
  openFile.expand(openFile.rows.at(row));
  await keys();
}

describe("an open file", () => {
  it("starts with the root expanded and selected", async () => {
    expect(await keys()).toEqual([
      undefined,
      "modules",
      "numbers",
      "oddities",
      "_type",
      "train",
      "roots[2]",
    ]);
    expect(openFile.selection.value?.node.id).toBe(0);
    expect(openFile.selectedRow).toBe(0);
  });

  it("fetches a page of children once, however often it is asked", async () => {
    await keys();
    const { top } = openFile.rows;
    const root = openFile.rows.opened({ branch: top, index: 0 });
    if (root === null) throw new Error("the root is not expanded");
    for (let i = 0; i < 5; i += 1) openFile.pages.want({ branch: root, index: i });
    await keys();
    expect(file.calls.filter((call) => call.startsWith("children 0 "))).toEqual(["children 0 0 5"]);
  });

  it("fetches only the page in sight of a list of a million", async () => {
    await open("modules");
    const place = openFile.rows.at((await keys()).indexOf("numbers"));
    openFile.expand(place);
    const list = openFile.rows.opened(place);
    if (list === null) throw new Error("the list is not expanded");
    expect(openFile.rows.length).toBeGreaterThan(1_000_000);
    expect((await openFile.pages.load({ branch: list, index: 500_000 })).value).toBe(500_000 ** 2);
    const calls = file.calls.filter((call) => call.startsWith(`children ${list.id} `));
    expect(calls).toEqual([`children ${list.id} 499968 500096`]);
  });

  it("moves the selection out of what is collapsed", async () => {
    await open("modules");
    openFile.select(openFile.rows.at(2));
    expect(selectedKey()).toBe("[1]");
    openFile.collapse(openFile.rows.at(1));
    expect(selectedKey()).toBe("modules");
    openFile.collapse(openFile.rows.at(0));
    expect(selectedKey()).toBe(undefined);
    expect(openFile.selectedRow).toBe(0);
  });

  it("goes to the first place of a back-reference through closed branches", async () => {
    openFile.collapse(openFile.rows.at(0));
    await openFile.reveal(2);
    expect(openFile.selection.value?.node.typename).toBe("nn.SpatialConvolution");
    expect(await file.path(openFile.selection.value?.node ?? -1)).toBe("root.modules[1]");
    expect(openFile.selectedRow).toBe(2);
  });

  it("finds any node of a million by its id", async () => {
    const numbers = (await file.children(0)).find((node) => node.key === "numbers");
    await openFile.reveal((numbers?.id ?? 0) + 1 + 654_321);
    expect(selectedKey()).toBe("[654322]");
  });

  it("selects the last of several places that are asked for", async () => {
    await keys();
    const place = openFile.rows.at(2);
    openFile.expand(place);
    const list = openFile.rows.opened(place);
    if (list === null) throw new Error("not expanded");
    openFile.select({ branch: list, index: 900_000 });
    openFile.select({ branch: list, index: 10 });
    await vi.waitFor(() => expect(selectedKey()).toBe("[11]"));
    await openFile.pages.load({ branch: list, index: 900_000 });
    expect(selectedKey()).toBe("[11]");
  });

  it("reports a page that cannot be fetched", async () => {
    const broken = new FakeFile();
    broken.children = () => Promise.reject(new Error("the worker is gone"));
    const other = new OpenFile(broken, picked, (error) => failures.push(error));
    const root = other.rows.opened({ branch: other.rows.top, index: 0 });
    if (root === null) throw new Error("not expanded");
    other.pages.want({ branch: root, index: 0 });
    await vi.waitFor(() => expect(failures).toEqual([new Error("the worker is gone")]));
  });
});

describe("sparklines", () => {
  it("are made for what is in sight, one tensor once", async () => {
    await open("modules");
    await open("[1]");
    const nodes = await Promise.all(
      Array.from({ length: openFile.rows.length }, (_, row) => {
        const { branch, index } = openFile.rows.at(row);
        return openFile.pages.load({ branch, index });
      }),
    );
    openFile.sparks.want(nodes);
    openFile.sparks.want(nodes);
    const named = (key: string) => {
      const node = nodes.find((one) => one.key === key);
      return node === undefined ? null : openFile.sparks.get(node);
    };
    await vi.waitFor(() => expect(named("gradBias")?.words).toBe("constant 1"));
    expect(named("gradWeight")?.words).toBe("all 0");
    expect(named("weight")?.bars).toHaveLength(16);
    expect(named("output")).toBe(null);
    const made = file.calls.filter((call) => call.startsWith("summary"));
    expect(new Set(made).size).toBe(made.length);
  });

  it("are given up when their row is out of sight, and made when it is back", async () => {
    await open("modules");
    await open("[1]");
    const all = (await keys()).indexOf("weight");
    const { branch, index } = openFile.rows.at(all);
    const weight = await openFile.pages.load({ branch, index });
    const signals: (AbortSignal | undefined)[] = [];
    const { summary } = file;
    file.summary = (node, options) => {
      signals.push(options?.signal);
      return summary.call(file, node, options);
    };
    openFile.sparks.want([weight]);
    openFile.sparks.want([]);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    await vi.waitFor(() => {
      openFile.sparks.want([weight]);
      expect(openFile.sparks.get(weight)?.bars).toHaveLength(16);
    });
  });
});
