import { describe, expect, it } from "vitest";
import {
  elideMiddle,
  formatBytes,
  formatCount,
  formatShape,
  formatShare,
  formatValue,
} from "../../web/src/words/format.js";
import { hexLines } from "../../web/src/words/hex.js";

describe("format", () => {
  it.each([
    [0, "0"],
    [1234567, "1,234,567"],
    [-12345, "−12,345"],
    [2n ** 63n - 1n, "9,223,372,036,854,775,807"],
  ])("counts %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1,023 bytes"],
    [1024, "1 KB"],
    [37_632, "36.8 KB"],
    [1023.7 * 1024, "1 MB"],
    [61_800_000, "58.9 MB"],
    [20 * 2 ** 30, "20 GB"],
  ])("bytes %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, "0"],
    [-0, "0"],
    [123, "123"],
    [-0.61, "−0.61"],
    [0.1 + 0.2, "0.3"],
    [1e300, "1e300"],
    [1.5e-9, "1.5e−9"],
    [123456789.25, "1.23457e8"],
    [9007199254740993n, "9,007,199,254,740,993"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "−Inf"],
    [null, "–"],
  ])("value %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  it("never shows something as nothing, or less than all as all", () => {
    expect(formatShare(0, 10)).toBe("0 %");
    expect(formatShare(1, 1e9)).toBe("< 0.01 %");
    expect(formatShare(999_999_999, 1e9)).toBe("> 99.99 %");
    expect(formatShare(10, 10)).toBe("100 %");
    expect(formatShare(1, 8)).toBe("12.5 %");
  });

  it("writes shapes", () => {
    expect(formatShape([64, 3, 7, 7])).toBe("64×3×7×7");
  });

  it("keeps both ends of a long text", () => {
    expect(elideMiddle("abcdefghij", 10)).toBe("abcdefghij");
    expect(elideMiddle("abcdefghijk", 5)).toBe("ab…jk");
  });

  it("dumps bytes", () => {
    const lines = hexLines(new Uint8Array([27, 76, 74, 2, ...new Array(13).fill(65)]));
    expect(lines[0]).toBe(
      "000000  1b 4c 4a 02 41 41 41 41 41 41 41 41 41 41 41 41  .LJ.AAAAAAAAAAAA",
    );
    expect(lines[1]?.trimEnd()).toBe(`000010  41${" ".repeat(47)}A`);
  });
});
