import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const sheet = readFileSync(new URL("../../web/src/styles/theme.css", import.meta.url), "utf8");

/** Both values of each colour: `--text: light-dark(#…, #…)`. */
function palette(theme: "light" | "dark"): Map<string, string> {
  const found = sheet.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g);
  return new Map(
    [...found].map(([, name, light, dark]) => [name, theme === "light" ? light : dark]),
  );
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const texts = ["text", "quiet", "accent", "warn", "bad"];
const grounds = ["back", "raised", "chosen", "chosen-idle"];

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const colours = palette(theme);
  const of = (name: string) => colours.get(name) ?? "missing";

  it.each(texts.flatMap((text) => grounds.map((ground) => [text, ground])))(
    "%s can be read on %s",
    (text, ground) => {
      expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it("has readable banners and buttons", () => {
    expect(contrast(of("bad"), of("bad-back"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("quiet"), of("bad-back"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("on-accent"), of("accent"))).toBeGreaterThanOrEqual(4.5);
  });

  it("has visible bars and edges", () => {
    expect(contrast(of("bar"), of("back"))).toBeGreaterThanOrEqual(3);
    expect(contrast(of("edge"), of("back"))).toBeGreaterThanOrEqual(3);
  });
});
