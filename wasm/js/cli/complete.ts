/** What may follow on a command line: commands, options, and paths inside the file that was named. */

import { open } from "../open/file.js";
import { walk } from "../open/walk.js";
import type { Command } from "./session/command.js";
import { commands, commonOptions } from "./table.js";

/** Paths that are offered at once. */
const OFFERED = 200;

const flagsOf = (options: readonly { flags: string }[]) =>
  options.flatMap(({ flags }) => flags.split(/[ ,]+/).filter((word) => word.startsWith("--")));

/** Options of a command that take a value, so that it is no argument. */
const takesValue = (command: Command) =>
  new Set(
    [...command.options, ...commonOptions]
      .filter(({ flags }) => flags.includes("<"))
      .flatMap(({ flags }) => flags.split(/[ ,]+/).filter((word) => word.startsWith("-"))),
  );

/** The arguments among what was typed so far, without options and their values. */
function argumentsOf(command: Command, words: string[]): string[] {
  const valued = takesValue(command);
  return words.filter((word, at) => !word.startsWith("-") && !valued.has(words[at - 1] ?? ""));
}

/** Paths that begin with `typed`: a level at a time, `root.` left out as one may. */
async function paths(name: string, typed: string): Promise<string[]> {
  const file = await open(name);
  const { signal } = new AbortController();
  const rooted = /^root\b/.test(typed);
  const shown = (path: string) => (rooted ? path : path.replace(/^root\.?/, ""));
  const found: string[] = [];
  try {
    for (const root of file.roots) {
      const leads = (path: string) => typed.startsWith(path) || path === "";
      const branches = walk(file, root, signal, ({ path }) => leads(shown(path)));
      for await (const { path } of branches) {
        const text = shown(path);
        if (text !== "" && text.startsWith(typed) && text !== typed) found.push(text);
        if (found.length === OFFERED) return found;
      }
    }
  } finally {
    await file.close();
  }
  return found;
}

/** The words that the last of `words` may become. None: names of files, which the shell knows best. */
export async function complete(words: string[]): Promise<string[]> {
  const typed = words.at(-1) ?? "";
  const begins = (word: string) => word.startsWith(typed);
  if (words.length <= 1) return commands.map(({ name }) => name).filter(begins);
  const command = commands.find(({ name }) => name === words[0]);
  if (command === undefined) return [];
  if (typed.startsWith("-")) return flagsOf([...command.options, ...commonOptions]).filter(begins);
  const valued = [...command.options, ...commonOptions].find(({ flags }) =>
    flags.split(/[ ,]+/).includes(words.at(-2) as string),
  );
  if (valued?.flags.includes("<")) return (valued.choices ?? []).filter(begins);
  const given = argumentsOf(command, words.slice(1, -1));
  if (command.name === "completion") return ["bash", "zsh", "fish"].filter(begins);
  if (command.pathsFrom === undefined || given.length < command.pathsFrom) return [];
  return paths(given[0] as string, typed).catch(() => []);
}
