/** The table of commands as commander has it: arguments and options are read, help is written. */

import { Argument, Command as Commander, CommanderError, Option } from "commander";
import type { Command, CommandOption } from "./session/command.js";
import { UsageError } from "./session/exit.js";
import { commands, commonOptions } from "./table.js";

/** What was asked for. */
export interface Request {
  command: Command;
  args: string[];
  // biome-ignore lint/suspicious/noExplicitAny: each command knows the type of its own options.
  options: any;
}

function optionOf({ flags, about, choices, default: value, parse }: CommandOption): Option {
  const option = new Option(flags, about);
  if (choices) option.choices([...choices]);
  if (value !== undefined) option.default(value);
  if (parse && choices) {
    const check = option.parseArg as (text: string, before: unknown) => unknown;
    option.argParser((text) => parse(String(check(text, undefined))));
  } else if (parse) {
    option.argParser((text) => parse(text));
  }
  return option;
}

function examplesOf({ examples }: Command): string {
  if (examples.length === 0) return "";
  const lines = examples.map(({ line, about }) => `  ${line}${about ? `   # ${about}` : ""}`);
  return `\nExamples:\n${lines.join("\n")}`;
}

const about = "Looks into Torch7 .t7 files and takes out what is in them.";
const after = `
A file is a path, a URL or - for standard input. A path inside it is as Lua writes it,
counted from 1 (root.modules[4].weight); its end is enough where that is the only one,
and * and ** stand for one step and for any.

Examples:
  torchfile model.t7
  torchfile stats model.t7 '**.weight'
  torchfile tree model.t7 modules[1] --depth 2`;

/** Reads the words of a command line; `null` where help or the version was all. */
export function parse(
  words: string[],
  version: string,
  out: { write(text: string): void; columns: number },
): Request | null {
  let request: Request | null = null;
  const program = new Commander("torchfile");
  const setUp = (each: Commander) =>
    each
      .exitOverride()
      .configureOutput({
        writeOut: out.write,
        writeErr: () => {},
        getOutHelpWidth: () => out.columns,
      })
      .showSuggestionAfterError(true);
  setUp(program).description(about).version(version).addHelpText("after", after);
  program.helpCommand("help [command]", "help on a command");
  for (const command of commands) {
    const sub = setUp(
      program.command(command.name, { isDefault: command.name === "summary" }),
    ).description(command.about);
    for (const name of command.args.split(" ")) sub.addArgument(new Argument(name));
    for (const each of [...command.options, ...commonOptions]) sub.addOption(optionOf(each));
    sub.addHelpText("after", examplesOf(command));
    sub.action(() => {
      request = { command, args: sub.args, options: sub.opts() };
    });
  }
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || error.code === "commander.help") return null;
    throw new UsageError(error.message.replace(/^error: /, ""), "`torchfile --help` shows how.");
  }
  return request;
}
