/** What the core reports, as errors for people: a sentence, the place, and what to do. */

import { T7Error, type T7ErrorCode } from "../base/errors.js";
import { printPath } from "../base/path.js";
import { explainDamage } from "../foreign/sniff.js";
import { type Graph, Kind, none } from "./graph.js";
import { pathOf } from "./locate.js";
import type { CoreIssue } from "./t7.mjs";
import { Tree } from "./tree.js";

/** What happened, and what to do about it; the codes of `wasm/core/base/error.cpp`. */
const sentences: Record<string, [what: string, hint: string]> = {
  truncated: [
    "the file ends too early",
    "The file is probably an incomplete download or copy: get it again and compare the sizes.",
  ],
  bad_type_code: [
    "no value begins here",
    'The file is damaged before this place, or it was written by hand: then a schema such as "bool,object,int" says what it holds.',
  ],
  bad_length: ["a string has an impossible length", "The file is damaged at or before this place."],
  bad_count: [
    "a table has an impossible number of entries",
    "The file is damaged at or before this place.",
  ],
  bad_index: ["an object has an impossible number", "The file is damaged at or before this place."],
  bad_boolean: [
    "a boolean is neither true nor false",
    "The file is damaged at or before this place.",
  ],
  bad_number: [
    "something that is no number stands where a number must",
    "The file is damaged before this place, or a text editor or transfer changed it.",
  ],
  bad_key: [
    "a table has a key that Lua does not allow",
    "The file is damaged at or before this place.",
  ],
  bad_class_name: [
    "an object has an impossible class name",
    "The file is damaged at or before this place.",
  ],
  bad_dimensions: [
    "a tensor has an impossible number of dimensions",
    "The file is damaged at or before this place.",
  ],
  bad_size: ["a size is impossible", "The file is damaged at or before this place."],
  bad_function: ["a function is damaged", "The file is damaged at or before this place."],
  wrong_kind: [
    "a reference points to an object of another kind",
    "The file is damaged, or several files were joined.",
  ],
  unknown_layout: [
    "a class is stored in a layout of its own, which is not known",
    "What stands before it can be used. To read on, give a reader for the class.",
  ],
  reader_failed: ["a reader for a class failed", "See the cause."],
  raw_values: [
    "the file goes on with bytes that are no Torch values",
    'The file was probably written by hand with raw numbers: say what it holds with a schema such as "bool,object,int".',
  ],
  too_many_values: ["the file has more values than can be numbered", "Split the file in Torch."],
  not_t7: [
    "this is not a Torch7 file, or it was written by hand",
    'Check that you chose the right file and that it is not compressed or encrypted. If a Torch program wrote raw numbers to it, say what it holds with a schema such as "float[10],int".',
  ],
  empty: ["the file is empty", "The download or copy failed: get the file again."],
  aborted: [
    "reading was stopped before the end of the file",
    "What was read so far is shown. Open the file again to read all of it.",
  ],
  view_out_of_range: [
    "a tensor reaches outside its storage",
    "This tensor cannot be used; the rest of the file can.",
  ],
  wrong_storage: [
    "a tensor has a storage of another type",
    "This tensor cannot be used; the rest of the file can.",
  ],
  index_gap: [
    "an object's number is out of order",
    "Harmless: another program than Torch wrote the file.",
  ],
  duplicate_key: ["a table has the same key twice", "The last value counts, as in Lua."],
  nil_value: ["a table has an entry without a value", "The entry is left out, as Lua would."],
  odd_boolean: ["a boolean is stored as an unusual number", "Only 1 counts as true, as in Torch."],
  trailing_bytes: [
    "there are more bytes behind the last value",
    "Often harmless: an older, longer version of the file was overwritten, or a program added data of its own.",
  ],
  guessed_layout: [
    "the layout of a class was guessed",
    "The rest of the file holds together, so the guess is probably right; check the parts of these objects.",
  ],
  appended_session: [
    "objects were appended to the file in another session",
    "They are read as values of their own; Torch itself would misread them.",
  ],
  carriage_returns: [
    "the file's line ends were changed in a transfer",
    "Texts are restored, byte data cannot be. Transfer files in binary mode.",
  ],
};

/** What is legal but odd: reading goes on. */
const warningCodes = new Set([
  "index_gap",
  "duplicate_key",
  "nil_value",
  "odd_boolean",
  "trailing_bytes",
  "guessed_layout",
  "appended_session",
  "carriage_returns",
]);

/** Nothing that was found or expected adds to the sentence. */
const needsNoDetail = new Set(["empty", "aborted", "raw_values"]);

/** All codes that a file can give, as documented in docs/format.md. */
export const fileCodes: readonly string[] = Object.keys(sentences);

/** An error or warning of the core; `graph` is null where nothing could be read. */
export function toT7Error(issue: CoreIssue, graph: Graph | null): T7Error {
  const [what, hint] = sentences[issue.code] ?? [issue.code, ""];
  const path = graph === null ? null : pathOfIssue(issue, graph);
  const missing = graph === null ? null : missingBytes(issue, graph);
  const at = `at byte ${issue.offset.toLocaleString("en-US")}`;
  const where = path === null ? at : `${at}, in ${shortened(path)}`;
  const details = needsNoDetail.has(issue.code)
    ? ""
    : `: found ${issue.found}, expected ${issue.expected}`;
  const happened =
    missing === null
      ? `${what} ${where}${details}`
      : `truncated: ${missing} of ${path === null ? "the file" : shortened(path)} are missing (from byte ${issue.offset.toLocaleString("en-US")})`;
  const { offset, found, expected } = issue;
  const more = { offset, path, found, expected, hint: hintOf(issue, hint, graph) };
  return new T7Error(issue.code as T7ErrorCode, happened, more);
}

/** Most characters of a path in a message; `path` has it whole. */
const shownPath = 300;

function shortened(path: string): string {
  if (path.length <= shownPath) return path;
  return `${path.slice(0, shownPath / 2)}…${path.slice(-shownPath / 2)}`;
}

/** What to do about this very issue. */
function hintOf(issue: CoreIssue, hint: string, graph: Graph | null): string {
  if (issue.code === "unknown_layout" && graph !== null && issue.object !== none) {
    const name = JSON.stringify(graph.classOf(issue.object).name);
    return `${hint} With the torchfile package: load(source, { readers: { ${name}: (reader, version) => [reader.readInt(), reader.readObject()] } }), with calls in the order in which the class's write method wrote.`;
  }
  if (issue.code === "truncated" && graph !== null && endsWhereSavingStops(issue)) {
    const key = issue.key === none ? "the next value" : `the value of ${keyText(issue, graph)}`;
    return `Either the file is an incomplete download or copy: then get it again. Or torch.save stopped here, because ${key} could not be saved (userdata, a thread or a C function).`;
  }
  if (issue.code === "bad_type_code" && graph !== null && !graph.ascii) {
    const code = Number(issue.found.replace(/[^\d-]/g, ""));
    const stored = graph.bigEndian ? swapped(code) : code;
    return `${explainDamage(stored, issue.offset) ?? ""} ${hint}`.trim();
  }
  return hint;
}

/** The file ends exactly where a value would begin: so it looks where saving was given up. */
function endsWhereSavingStops({ found, expected }: CoreIssue): boolean {
  return found.startsWith("0 bytes") && expected.startsWith("a type code");
}

function keyText({ key }: CoreIssue, graph: Graph): string {
  return printPath([new Tree(graph).keyStep(key)]).replace(/^root\.?/, "");
}

/** The 32-bit number whose bytes come in the other order. */
function swapped(code: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, code, true);
  return view.getInt32(0);
}

/** `3,412 of 52,118 bytes`, where a storage runs over the end of the file. */
function missingBytes(issue: CoreIssue, graph: Graph): string | null {
  if (issue.code !== "truncated" || issue.object === none) return null;
  if (graph.kind(graph.node(issue.object)) !== Kind.storage) return null;
  if (graph.first(issue.object) === none) return null;
  const { byteLength, offset } = graph.extent(issue.object);
  if (offset !== issue.offset || !Number.isSafeInteger(byteLength)) return null;
  const present = Number(issue.found.split(" ")[0].replaceAll(",", ""));
  const lost = byteLength - present;
  return `${lost.toLocaleString("en-US")} of ${byteLength.toLocaleString("en-US")} bytes`;
}

function pathOfIssue(issue: CoreIssue, graph: Graph): string | null {
  if (issue.object === none || issue.object >= graph.objectCount) {
    // A top-level value; warnings of the whole file have no path.
    const stops = !warningCodes.has(issue.code);
    return stops ? printPath([], graph.roots.length + 1) : null;
  }
  const tree = new Tree(graph);
  let node = graph.node(issue.object);
  // A storage is known by its tensor.
  const parent = graph.parent(issue.object);
  if (graph.kind(node) === Kind.storage && parent !== none) {
    if (graph.kind(graph.node(parent)) === Kind.tensor) node = graph.node(parent);
  }
  const { root, steps } = pathOf(tree, node);
  if (issue.key !== none) steps.push(tree.keyStep(issue.key));
  return printPath(steps, root);
}
