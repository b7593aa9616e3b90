/** One row of the table of commands: what it is called, what it takes, what it does. */

import type { CommonOptions, Session } from "./session.js";

export interface CommandOption {
  /** As commander has it: `-o, --output <name>`. */
  flags: string;
  about: string;
  choices?: readonly string[];
  default?: string | number | boolean;
  /** Of the text that was typed; throws `UsageError`. */
  parse?: (text: string) => unknown;
}

export interface CommandExample {
  line: string;
  about: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each command knows the type of its own options.
export interface Command<Options = any> {
  name: string;
  /** As commander has it: `<file> [path]`. */
  args: string;
  about: string;
  options: readonly CommandOption[];
  examples: readonly CommandExample[];
  /** Where the path of a value is among the arguments: shells complete it from the file before it. */
  pathsFrom?: number;
  /** Gives the exit code. */
  run(session: Session, args: string[], options: Options & CommonOptions): Promise<number>;
}
