/** The examples of `docs/format.md`: a listing of bytes and the value that it is. */

import { readFileSync } from "node:fs";

export const text = readFileSync("docs/format.md", "utf8");

export interface Example {
  /** What stands behind `t7` on the first line of the block. */
  words: string[];
  line: number;
  bytes: Uint8Array;
  expected: unknown;
  /** Where each line of a listing begins, in bytes; of a text none. */
  starts: number[];
}

/** `0010  6d 65    string "me"`: checks the offset, gives the bytes. */
export function bytesOfListing(listing: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of listing.split("\n")) {
    const match = /^([0-9a-f]{4}) {2}((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2}.*)?$/.exec(line);
    if (match === null) throw new Error(`not a line of a listing: ${line}`);
    if (Number.parseInt(match[1], 16) !== bytes.length) throw new Error(`wrong offset: ${line}`);
    bytes.push(...match[2].split(" ").map((pair) => Number.parseInt(pair, 16)));
  }
  return Uint8Array.from(bytes);
}

/** Lines of a text file; remarks begin with two slashes, and the blanks before them go too. */
function bytesOfText(listing: string): Uint8Array {
  return new TextEncoder().encode(`${listing.replace(/ *\/\/ .*$/gm, "")}\n`);
}

export function examplesOf(markdown: string): Example[] {
  const blocks = /^```t7(.*)\n([\s\S]*?)\n```\n\n```json\n([\s\S]*?)\n```$/gm;
  return Array.from(markdown.matchAll(blocks), (match) => {
    const words = match[1].trim().split(" ");
    return {
      words,
      line: markdown.slice(0, match.index).split("\n").length,
      bytes: words.includes("ASCII") ? bytesOfText(match[2]) : bytesOfListing(match[2]),
      expected: JSON.parse(match[3]),
      starts: Array.from(match[2].matchAll(/^([0-9a-f]{4}) {2}/gm), ([, at]) =>
        Number.parseInt(at, 16),
      ),
    };
  });
}
