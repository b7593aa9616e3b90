/** A network as text, as `print(net)` of Torch gives it. */

import { T7Error } from "../base/errors.js";
import { ruleOf } from "./print-rules.js";
import type { NnModule } from "./values.js";

/** Characters of the longest text: modules may be in several places, and so in the text. */
const LONGEST = 1 << 24;

interface Open {
  module: NnModule;
  children: Array<NnModule | undefined>;
  /** The next child to be printed. */
  at: number;
}

const cycle = (module: NnModule) =>
  new T7Error("cyclic_network", `${module.path} is a module inside itself`, {
    path: module.path,
    offset: module.offset,
    found: "a module inside itself",
    expected: "a tree of modules",
    hint: "Torch could not run it either; print a part of it.",
  });

/** Text of every module that is printed within `start`. Throws `cyclic_network` and `too_large`. */
export function printedTexts(start: NnModule): Map<NnModule, string> {
  const texts = new Map<NnModule, string>();
  const inside = new Set<NnModule>();
  const stack: Open[] = [];
  const enter = (module: NnModule) => {
    if (inside.has(module)) throw cycle(module);
    inside.add(module);
    stack.push({ module, children: ruleOf(module.typename)?.children(module) ?? [], at: 0 });
  };
  enter(start);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = top.children[top.at++];
    if (top.at <= top.children.length) {
      if (child !== undefined && !texts.has(child)) enter(child);
      continue;
    }
    const { module, children } = top;
    const parts = children.map((each) =>
      each === undefined ? "nil" : (texts.get(each) as string),
    );
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (length > LONGEST) {
      throw new T7Error("too_large", `the text of ${module.path} is too long`, {
        path: module.path,
        found: `${length} characters`,
        expected: `at most ${LONGEST}`,
        hint: "Print a part of it.",
      });
    }
    texts.set(module, ruleOf(module.typename)?.text(module, parts) ?? module.typename);
    inside.delete(module);
    stack.pop();
  }
  return texts;
}

/** `print(module)` */
export const printed = (module: NnModule): string => printedTexts(module).get(module) as string;
