/** The value itself, of what has no panels: a scalar, a whole string, bytes, what a function is. */

import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { useLatest } from "../state/latest.js";
import type { OpenFile } from "../state/open-file.js";
import { formatCount, messageOf, plural } from "../words/format.js";
import { hexLines } from "../words/hex.js";
import { Entries } from "./entries.js";

/** More text than this in one element makes a page slow. */
const shownCharacters = 100_000;
const shownBytes = 4096;

interface ContentsProps {
  api: T7FileApi;
  node: T7Node;
}

export function Contents({ openFile, node }: { openFile: OpenFile; node: T7Node }) {
  const { file } = openFile;
  switch (node.kind) {
    case "nil":
    case "boolean":
    case "number":
    case "integer":
      return <pre class="scalar">{scalarText(node)}</pre>;
    case "string":
    case "bytes":
      return <Loaded api={file} node={node} />;
    case "function":
      return <FunctionContents openFile={openFile} node={node} />;
    case "storage":
      return (
        <p class="quiet note">A storage is the memory behind tensors; they show its values.</p>
      );
    case "tensor":
      return null;
    default:
      return <Entries openFile={openFile} node={node} />;
  }
}

/** All digits, as JavaScript reads them back. */
export function scalarText(node: T7Node): string {
  return node.value === undefined || node.value === null ? node.preview : String(node.value);
}

function Loaded({ api, node }: ContentsProps) {
  const answer = useLatest((signal) => api.value(node, { signal }), [api, node.id]);
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const { value } = answer;
  if (typeof value === "string") return <Text text={value} />;
  if (value instanceof Uint8Array) return <Bytes bytes={value} />;
  return <pre class="scalar">{String(value)}</pre>;
}

function Text({ text }: { text: string }) {
  if (text === "") return <p class="quiet note">An empty string.</p>;
  const rest = text.length - shownCharacters;
  return (
    <>
      <pre class="text-value">{text.slice(0, shownCharacters)}</pre>
      {rest > 0 && <p class="quiet note">and {formatCount(rest)} more characters</p>}
    </>
  );
}

function Bytes({ bytes }: { bytes: Uint8Array }) {
  const rest = bytes.length - shownBytes;
  return (
    <>
      <pre class="hex">{hexLines(bytes.subarray(0, shownBytes)).join("\n")}</pre>
      {rest > 0 && <p class="quiet note">and {plural(rest, "more byte")}</p>}
    </>
  );
}

function FunctionContents({ openFile, node }: { openFile: OpenFile; node: T7Node }) {
  const upvalues = node.count ?? 0;
  const held = upvalues === 0 ? "no upvalues" : plural(upvalues, "upvalue");
  return (
    <>
      <p class="note">A dumped Lua function with {held}. It is never run.</p>
      {upvalues > 0 && <Entries openFile={openFile} node={node} />}
      <Loaded api={openFile.file} node={node} />
    </>
  );
}
