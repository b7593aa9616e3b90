/** Which modules a file of JavaScript or TypeScript names, by its text. */

const statement =
  /^(?:import|export)\s+(?:type\s+)?(?:[\w$*{][\w$*{},\s]*?\sfrom\s+)?["']([^"']+)["']/gm;
const call = /\bimport\(\s*["']([^"']+)["']/g;

/** What stands in its `import` and `export … from` statements and in `import()`. */
export function importsOf(text: string): string[] {
  return [statement, call].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => match[1] as string),
  );
}
