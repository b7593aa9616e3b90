// Runs a program: quietly, without stdin, with a time limit, its output in a log file.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The path of a file of the repository. */
export const inRoot = (...parts) => join(root, ...parts);

const running = new Set();

/** Each program leads a process group, so that its children end with it. */
function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

process.on("exit", () => running.forEach(end));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

/** What a program printed last, and how it ended. Thrown by `run`. */
export class RunError extends Error {
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/**
 * Runs `command` and resolves with what it printed (its last megabyte).
 * Options: `cwd`, `env` (added to ours), `log` (a name under build/logs; appended to), `timeout` in seconds.
 * Throws a `RunError` if the program cannot start, fails, or is out of time.
 */
export function run(command, args, { cwd = root, env = {}, log, timeout = 600 } = {}) {
  return new Promise((resolve, reject) => {
    const line = [command, ...args].join(" ");
    const file = log && openLog(log);
    file?.write(`$ ${line}\n`);
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    let output = "";
    let late = false;
    const collect = (chunk) => {
      file?.write(chunk);
      output = (output + chunk).slice(-(2 ** 20));
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const timer = setTimeout(() => {
      late = true;
      end(child);
    }, timeout * 1000);
    const finish = (problem) => {
      clearTimeout(timer);
      running.delete(child);
      file?.end();
      if (problem) reject(new RunError(`${line}: ${problem}`, output));
      else resolve(output);
    };
    child.on("error", (error) => finish(error.message));
    child.on("close", (code, signal) => {
      if (late) finish(`not finished after ${timeout} s`);
      else if (code !== 0) finish(signal ? `ended by ${signal}` : `exit code ${code}`);
      else finish(null);
    });
  });
}

/** Forgets the logs of an earlier run. */
export function clearLogs() {
  rmSync(inRoot("build/logs"), { recursive: true, force: true });
}

function openLog(name) {
  mkdirSync(inRoot("build/logs"), { recursive: true });
  return createWriteStream(inRoot("build/logs", `${name}.log`), { flags: "a" });
}

/** True if the program starts and ends well. */
export async function works(command, args) {
  return run(command, args, { timeout: 60 }).then(
    () => true,
    () => false,
  );
}
