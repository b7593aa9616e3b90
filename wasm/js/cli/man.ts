/** The man page, from the table of commands. */

import type { CommandOption } from "./session/command.js";
import { commands, commonOptions } from "./table.js";

/** Text as roff wants it: hyphens kept, no line that is taken for a request. */
const roff = (text: string) =>
  text
    .replace(/\\/g, "\\e")
    .replace(/-/g, "\\-")
    .replace(/^([.'])/gm, "\\&$1");

const option = ({ flags, about, choices, default: value }: CommandOption) => {
  const more = [choices?.join(", "), value === undefined ? "" : `default ${value}`].filter(Boolean);
  return `.TP\n.B ${roff(flags)}\n${roff(about)}${more.length > 0 ? roff(` (${more.join("; ")})`) : ""}`;
};

export function manPage(version: string): string {
  const parts = [
    `.TH TORCHFILE 1 "" "torchfile ${version}" "User Commands"`,
    ".SH NAME\ntorchfile \\- look into Torch7 .t7 files and take out what is in them",
    '.SH SYNOPSIS\n.B torchfile\n.RI [ command ] " file " [ arguments ]',
    ".SH DESCRIPTION",
    roff(
      "A file is a path, a URL or - for standard input. A path inside it is as Lua writes it, counted from 1 (root.modules[4].weight); its end is enough where that is the only one, and * and ** stand for one step and for any.",
    ),
    ".SH COMMANDS",
    ...commands.map(({ name, args, about, options }) =>
      [`.SS ${roff(name)} ${roff(args)}`, roff(about), ...options.map(option)].join("\n"),
    ),
    ".SH OPTIONS",
    ...commonOptions.map(option),
    ".SH EXIT STATUS\n0 fine; 1 the answer is no (files differ, a file is damaged); 2 it could not be done; 130 interrupted.",
    ".SH EXAMPLES",
    ...commands.flatMap(({ examples }) =>
      examples.map(({ line, about }) => `.TP\n.B ${roff(line)}\n${roff(about || " ")}`),
    ),
  ];
  return `${parts.join("\n")}\n`;
}
