/** `torchfile check`: is each file whole? */

import { T7Error } from "../../base/errors.js";
import { walk } from "../../open/walk.js";
import type { Row } from "../output/rows.js";
import { oneLine } from "../output/terminal.js";
import type { Command } from "../session/command.js";
import { exitCode } from "../session/exit.js";
import { Session } from "../session/session.js";

const columns = ["file", "level", "code", "offset", "path", "message"];

type Finding = Row & { level: "error" | "warning"; message: string };

const finding = (file: string, level: Finding["level"], problem: T7Error): Finding => ({
  file,
  level,
  code: problem.code,
  offset: problem.offset,
  path: problem.path,
  message: problem.message,
});

async function findingsOf(session: Session, name: string): Promise<Finding[]> {
  const found: Finding[] = [];
  try {
    const file = await session.openQuietly(name);
    if (file.error) found.push(finding(name, "error", file.error));
    for (const warning of file.warnings) found.push(finding(name, "warning", warning));
    const told = new Set(found.map(({ path }) => path));
    for (const root of file.roots) {
      for await (const { node, path } of walk(file, root, session.signal)) {
        if (!node.error || node.sameAs !== undefined || told.has(path)) continue;
        found.push(finding(name, "error", T7Error.fromJSON({ ...node.error, path })));
      }
    }
  } catch (error) {
    if (!(error instanceof T7Error) || error.code === "aborted") throw error;
    found.push(finding(name, "error", error));
  }
  return found;
}

export const check: Command = {
  name: "check",
  args: "<files...>",
  about: "whether files are whole; exit code 1 if one is not",
  options: [],
  examples: [{ line: "torchfile check data/*.t7", about: "" }],
  async run(session, names) {
    let broken = false;
    const rows: Finding[] = [];
    for (const name of names) {
      const found = await findingsOf(session, name);
      const isBroken = found.some(({ level }) => level === "error");
      broken ||= isBroken;
      rows.push(...found);
      if (session.form !== "text") continue;
      const verdict = isBroken ? session.paint("red", "damaged") : session.paint("green", "whole");
      await session.line(`${Session.nameOf(name)}  ${verdict}`);
      for (const { level, message } of found) {
        await session.line(
          `  ${session.paint(level === "error" ? "red" : "yellow", `${level}:`)} ${oneLine(message)}`,
        );
      }
    }
    if (session.form !== "text") await session.rows(rows, columns);
    return broken ? exitCode.no : exitCode.fine;
  },
};
