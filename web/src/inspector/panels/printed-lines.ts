/** The lines of a printed network, which module each of them is, and where what is inside one ends. Pure. */

export interface PrintedLine {
  text: string;
  /** Path of the module that the line begins; empty for other lines. */
  path: string;
  /** Index of the line that ends what this line opens; the line's own where it opens nothing. */
  end: number;
}

/** `  (2): nn.Linear(4 -> 3)` */
const entry = /\((\d+)\): /;

/** Splits a text that `printModule` gave of the module at `root`. */
export function linesOf(printed: string, root: string): PrintedLine[] {
  const texts = printed.split("\n");
  const lines: PrintedLine[] = texts.map((text, at) => ({ text, path: "", end: at }));
  const open: { at: number; path: string }[] = [];
  for (const [at, text] of texts.entries()) {
    const line = lines[at] as PrintedLine;
    const trimmed = text.replace(/^[\s|`>.-]+/, "");
    if (trimmed.startsWith("}")) {
      const last = open.pop();
      if (last !== undefined) (lines[last.at] as PrintedLine).end = at;
      continue;
    }
    const inside = open.at(-1);
    const place = entry.exec(text)?.[1];
    if (inside === undefined) line.path = at === 0 ? root : "";
    else if (place !== undefined && inside.path !== "")
      line.path = `${inside.path}.modules[${place}]`;
    if (trimmed.endsWith("{")) open.push({ at, path: line.path });
  }
  return lines;
}

/** The class that a line says, to be compared with the module's. */
export function classOf({ text }: PrintedLine): string {
  const after = text.slice((entry.exec(text)?.index ?? -1) + 1);
  return /[A-Za-z_]\w*(?:\.\w+)+/.exec(after)?.[0] ?? "";
}
