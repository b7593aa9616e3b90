/** What the page shows, written as an address and read back. */

import { describe, expect, it } from "vitest";
import { type Address, formatAddress, parseAddress } from "../../web/src/state/address.js";

const read = (text: string): Address => {
  const { search, hash } = new URL(text, "http://page/");
  return parseAddress(search, hash);
};

describe("an address", () => {
  it.each<[string, Address]>([
    ["nothing", { file: null, path: "", panel: "" }],
    ["a sample", { file: { kind: "sample", name: "a.t7" }, path: "root.a", panel: "Values" }],
    ["a URL", { file: { kind: "url", url: "https://a/b.t7?c=d&e#f" }, path: "", panel: "" }],
    [
      "a local file",
      { file: { kind: "local", name: "große Datei.t7", size: 2 ** 40 }, path: "", panel: "Text" },
    ],
    [
      "an odd path",
      { file: { kind: "sample", name: "a" }, path: 'root["50 % #1\n"][2].x', panel: "" },
    ],
  ])("keeps %s", (_name, address) => {
    expect(read(formatAddress(address))).toEqual(address);
  });

  it.each(["?size=7", "?file=", "?url=", "#%zz", "?panel=%zz"])(
    "leaves out what is wrong: %s",
    (text) => {
      expect(read(text)).toMatchObject({ file: null, path: "" });
    },
  );

  it.each(["-1", "1e400", "x", "0.5"])("takes no size of %s", (size) => {
    expect(read(`?file=a&size=${size}`).file).toEqual({ kind: "local", name: "a", size: 0 });
  });
});
