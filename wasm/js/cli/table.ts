/** All commands. Help, man page and completion are made from this table. */

import { check } from "./commands/check.js";
import { completion } from "./commands/completion.js";
import { diff } from "./commands/diff.js";
import { exportCommand } from "./commands/export.js";
import { find } from "./commands/find.js";
import { get } from "./commands/get.js";
import { hist } from "./commands/hist.js";
import { print } from "./commands/print.js";
import { pytorch } from "./commands/pytorch.js";
import { stats } from "./commands/stats.js";
import { summary } from "./commands/summary.js";
import { tree } from "./commands/tree.js";
import { view } from "./commands/view.js";
import type { Command, CommandOption } from "./session/command.js";

export const commands: readonly Command[] = [
  summary,
  tree,
  find,
  get,
  print,
  stats,
  hist,
  exportCommand,
  pytorch,
  diff,
  check,
  view,
  completion,
];

/** What every command takes. */
export const commonOptions: readonly CommandOption[] = [
  { flags: "--json", about: "one JSON document" },
  { flags: "--jsonl", about: "a JSON value a row" },
  { flags: "--plain", about: "tab-separated rows, every digit" },
  { flags: "--markdown", about: "a Markdown table" },
  {
    flags: "--color <when>",
    about: "colours in the output",
    choices: ["auto", "always", "never"],
    default: "auto",
  },
  { flags: "--encoding <name>", about: "how the file is written", choices: ["binary", "ascii"] },
  { flags: "--byte-order <name>", about: "of a binary file", choices: ["little", "big"] },
  {
    flags: "--long-size <bytes>",
    about: "width of a C long in the file",
    choices: ["4", "8"],
    parse: Number,
  },
  { flags: "--schema <text>", about: 'what a file by hand holds, such as "int,object"' },
];
