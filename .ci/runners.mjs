// The test runners. Each gives `{ passed, failures }`, from what the runner wrote for machines;
// one that did not start, crashed or found nothing to run is a failure.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { inRoot, run } from "./exec.mjs";
import { findChromium } from "./install.mjs";

/** Every fuzzer runs this long on inputs it makes up, after the stored ones. */
const FUZZ_SECONDS = 15;

/** An empty path under build/results: a report of an earlier run must not be taken for this one's. */
function freshReport(name) {
  mkdirSync(inRoot("build/results"), { recursive: true });
  const path = inRoot("build/results", name);
  rmSync(path, { force: true });
  return path;
}

/** Runs a program that writes a report; `read(report)` gives its result. */
async function reported(command, args, options, report, read) {
  const problem = await run(command, args, options).then(
    () => null,
    (error) => error,
  );
  const result = existsSync(report)
    ? read(JSON.parse(readFileSync(report, "utf8")))
    : { passed: 0, failures: [] };
  if (problem && result.failures.length === 0)
    result.failures.push(`${problem.message}\n${problem.output}`);
  if (!problem && result.passed === 0) result.failures.push(`${command} ran no test`);
  return result;
}

/** tests/core, under the sanitizers. */
export function nativeTests() {
  const report = freshReport("native.json");
  const args = [`--gtest_output=json:${report}`, "--gtest_brief=1"];
  const env = { ASAN_OPTIONS: "detect_leaks=1", UBSAN_OPTIONS: "print_stacktrace=1" };
  const options = { log: "native-tests", env, timeout: 600 };
  return reported(inRoot("build/native/core_tests"), args, options, report, (json) => {
    const tests = json.testsuites.flatMap((suite) => suite.testsuite);
    const failed = tests.filter((test) => test.failures?.length > 0);
    return {
      passed: tests.filter((test) => test.result === "COMPLETED").length - failed.length,
      failures: failed.map((test) => `${test.classname}.${test.name}: ${test.failures[0].failure}`),
    };
  });
}

/** One project of vitest.config.ts: `js` or `web`. */
export async function vitest(project) {
  const report = freshReport(`${project}.json`);
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json"];
  const options = {
    log: `${project}-tests`,
    env: { CHROMIUM: (await findChromium()) ?? "" },
    timeout: 600,
  };
  const command = inRoot("node_modules/.bin/vitest");
  return reported(command, [...args, `--outputFile.json=${report}`], options, report, (json) => ({
    passed: json.numPassedTests,
    failures: json.testResults.flatMap((file) => {
      const failed = file.assertionResults.filter((test) => test.status === "failed");
      if (failed.length === 0 && file.status === "failed") return [`${file.name}: ${file.message}`];
      return failed.map((test) => `${test.fullName}\n${ourFrames(test.failureMessages)}`);
    }),
  }));
}

/** Messages without the stack frames inside the runner. */
const ourFrames = (messages) =>
  messages
    .flatMap((message) => message.split("\n"))
    .filter((line) => !/^\s+at .*node_modules/.test(line))
    .join("\n");

const folders = (paths) => paths.map((path) => inRoot(path)).filter((path) => existsSync(path));

/** Every target of tests/fuzz: first its stored inputs and the fixtures, then some seconds of its own. */
export async function fuzz() {
  const targets = readdirSync(inRoot("tests/fuzz"))
    .filter((name) => /^fuzz_.*\.cpp$/.test(name))
    .map((name) => name.replace(/\.cpp$/, ""));
  if (targets.length === 0) throw new Error("tests/fuzz has no fuzz_*.cpp");
  const result = { passed: 0, failures: [] };
  for (const target of targets) {
    for (const pass of [replay, explore]) {
      await pass(target).then(
        () => result.passed++,
        (error) => result.failures.push(`${error.message}\n${error.output}`),
      );
    }
  }
  return result;
}

const limits = ["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=0"];

const stored = (target) =>
  folders([`tests/fuzz/regressions/${target}`, `tests/fuzz/seeds/${target}`, "testfiles_x86_64"]);

function replay(target) {
  const args = ["-runs=0", ...limits, ...stored(target)];
  return run(inRoot("build/fuzz", target), args, { log: target, timeout: 300 });
}

function explore(target) {
  const found = inRoot("build/fuzz-found", target, "/");
  const corpus = inRoot("build/fuzz-corpus", target);
  for (const folder of [found, corpus]) mkdirSync(folder, { recursive: true });
  const dictionary = folders(["tests/fuzz/t7.dict"]).map((path) => `-dict=${path}`);
  const time = [`-max_total_time=${FUZZ_SECONDS}`, "-max_len=4096", `-artifact_prefix=${found}`];
  const args = [...time, ...limits, ...dictionary, corpus, ...stored(target)];
  return run(inRoot("build/fuzz", target), args, { log: target, timeout: 300 });
}
