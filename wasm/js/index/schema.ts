/** Schemas such as `bool,object,int[3]`: what a file written by hand holds. */

import { T7Error } from "../base/errors.js";

/** The core's op for each word; see `wasm/core/read/parser.h`. */
const ops: Readonly<Record<string, string>> = {
  object: "O",
  bool: "B",
  byte: "b",
  char: "c",
  short: "h",
  int: "I",
  long: "L",
  float: "F",
  double: "D",
  string: "s",
};
const maxOps = 65536;

/** The words of a schema. */
export const schemaWords: readonly string[] = Object.keys(ops);

/** One op a value; `repeatsLast` if the last one goes on to the end of the file. */
export function parseSchema(schema: string): { ops: string; repeatsLast: boolean } {
  let result = "";
  let repeatsLast = false;
  for (const part of schema.split(",")) {
    const match = /^\s*([a-z]+)\s*(?:\[\s*(\d+)\s*\])?\s*(\*?)\s*$/.exec(part);
    const op = match !== null && Object.hasOwn(ops, match[1]) ? ops[match[1]] : undefined;
    const count = match?.[2] === undefined ? 1 : Number(match[2]);
    if (match === null || op === undefined || repeatsLast || result.length + count > maxOps) {
      throw new T7Error("bad_schema", `the schema has a part that cannot be read: "${part}"`, {
        found: part.trim(),
        expected: schemaWords.join(", "),
        hint: 'Such as "bool,object,int": one word a value; "[3]" repeats it, "*" after the last goes on to the end.',
      });
    }
    result += op.repeat(count);
    repeatsLast = match[3] === "*";
  }
  return { ops: result, repeatsLast };
}
