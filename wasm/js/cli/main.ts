/** The command `torchfile`: from the words of a command line to an exit code. */

import { T7Error } from "../base/errors.js";
import { complete } from "./complete.js";
import { manPage } from "./man.js";
import { manyLines } from "./output/terminal.js";
import { parse } from "./program.js";
import { exitCode, UsageError } from "./session/exit.js";
import { Session, type Streams } from "./session/session.js";

/** Errors that the file is at fault for, not the call: as much a "no" as a failure, so they are failures. */
function explain(error: unknown): string {
  if (error instanceof T7Error || error instanceof UsageError) {
    const hint = error.hint ? `\n  ${error.hint}` : "";
    return `torchfile: ${error.message}${hint}`;
  }
  return `torchfile: ${error instanceof Error ? error.message : String(error)}`;
}

/** Runs one command. Nothing is thrown: what went wrong is on stderr, with what to do about it. */
export async function main(
  words: string[],
  streams: Streams,
  signal: AbortSignal,
  version: string,
): Promise<number> {
  const write = (text: string) => void streams.stdout.write(text);
  let session: Session | null = null;
  try {
    if (words[0] === "__complete") {
      const found = await complete(words.slice(words[1] === "--" ? 2 : 1));
      write(found.map((word) => `${manyLines(word)}\n`).join(""));
      return exitCode.fine;
    }
    if (words[0] === "__man") {
      write(manPage(version));
      return exitCode.fine;
    }
    const request = parse(words, version, { write, columns: streams.stdout.columns ?? 80 });
    if (request === null) return exitCode.fine;
    const { command, args, options } = request;
    session = new Session(streams, options, signal);
    return await command.run(session, args, options);
  } catch (error) {
    if (signal.aborted) return exitCode.interrupted;
    streams.stderr.write(`${manyLines(explain(error))}\n`);
    return exitCode.failed;
  } finally {
    await session?.close();
  }
}
