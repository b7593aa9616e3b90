/** What reaches the terminal: colours where they are wanted, and no control character of a file, ever. */

/** The characters that drive a terminal or turn text around. */
const unsafe =
  /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff](?![\udc00-\udfff])/gu;

const named: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const escaped = (character: string) =>
  named[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`;

/** `text` on one line, with every control character as an escape that can be read. */
export const oneLine = (text: string): string => text.replace(unsafe, escaped);

/** The same for text of several lines: line ends and tabs stay. */
export const manyLines = (text: string): string =>
  text.replace(unsafe, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Paint = (style: keyof typeof codes, text: string) => string;

/** `--color always|never|auto`; `auto` heeds NO_COLOR, FORCE_COLOR and whether a person looks. */
export function painter(stream: { isTTY?: boolean }, when: string): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const auto = FORCE_COLOR
    ? FORCE_COLOR !== "0"
    : !NO_COLOR && TERM !== "dumb" && stream.isTTY === true;
  const on = when === "always" || (when === "auto" && auto);
  return (style, text) => (on ? `\x1b[${codes[style]}m${text}\x1b[0m` : text);
}

/** Cells that a text takes in a terminal: wide letters two, combining marks none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}/u.test(character)) continue;
    width +=
      /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\uff01-\uff60]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

export const padEnd = (text: string, width: number) =>
  text + " ".repeat(Math.max(0, width - widthOf(text)));

export const padStart = (text: string, width: number) =>
  " ".repeat(Math.max(0, width - widthOf(text))) + text;

/** At most `width` cells; what is cut ends in `…`. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const character of text) {
    const cells = widthOf(character);
    if (used + cells > width - 1) break;
    kept += character;
    used += cells;
  }
  return `${kept}…`;
}

const blocks = "▁▂▃▄▅▆▇█";

/** One character a value, its height in proportion to the largest; nothing is shown as a space. */
export function sparkline(counts: Iterable<number>): string {
  const list = [...counts];
  const most = Math.max(...list, 0);
  const block = (count: number) =>
    count > 0 ? (blocks[Math.min(7, Math.floor((count / most) * 8))] as string) : " ";
  return list.map(block).join("");
}
