/** Bytes that are a picture file (JPEG, PNG, GIF, WebP, BMP), decoded by the browser. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import { useLatest } from "../../state/latest.js";
import { formatBytes, formatCount, messageOf } from "../../words/format.js";
import { isRow } from "./line.js";
import type { PanelProps } from "./panel.js";

/** Bytes of the largest picture file. */
const most = 64 << 20;

/** Pixels of the largest picture: beyond, a small file may be a bomb. */
const mostPixels = 100_000_000;

const starts: Array<[mime: string, pattern: RegExp]> = [
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/png", /^\x89PNG\r\n/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[\s\S]{4}WEBP/],
  ["image/bmp", /^BM[\s\S]{4}\0\0\0\0/],
];

function mimeOf(head: Uint8Array): string | null {
  const text = String.fromCharCode(...head.subarray(0, 16));
  return starts.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

const isBytes = (node: T7Node): boolean =>
  isRow(node) && (node.dtype === "uint8" || node.dtype === "int8") && (node.size ?? 0) <= most;

const isText = (node: T7Node): boolean =>
  (node.kind === "string" || node.kind === "bytes") &&
  (node.byteLength ?? 0) > 16 &&
  (node.byteLength ?? 0) <= most;

async function bytesOf(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Uint8Array> {
  const value = isBytes(node)
    ? await api.read(node, [], { signal })
    : await api.value(node, { signal });
  if (typeof value === "string") return new TextEncoder().encode(value);
  const array = value as Uint8Array;
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export async function isPicture(
  api: T7FileApi,
  node: T7Node,
  signal: AbortSignal,
): Promise<boolean> {
  if (isBytes(node)) {
    const head = await api.read(node, [[0, Math.min(16, node.size ?? 0)]], { signal });
    return mimeOf(new Uint8Array(head.buffer, head.byteOffset, head.byteLength)) !== null;
  }
  // The value of a short string is here; a long one is told by its bytes, for text it is no picture.
  if (!isText(node) || typeof node.value === "string") return false;
  return mimeOf(await bytesOf(api, node, signal)) !== null;
}

export function PicturePanel({ api, node }: PanelProps) {
  const answer = useLatest((signal) => bytesOf(api, node, signal), [api, node.id]);
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  return <Decoded key={node.id} bytes={answer.value} name={node.key ?? "picture"} />;
}

function Decoded({ bytes, name }: { bytes: Uint8Array; name: string }) {
  const url = useSignal("");
  const said = useSignal("");
  const size = useSignal<[width: number, height: number] | null>(null);
  const mime = mimeOf(bytes) ?? "";
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mime }));
    url.value = made;
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  if (said.value !== "") return <p class="note warn">{said.value}</p>;
  return (
    <>
      {url.value !== "" && (
        <img
          class="picture decoded"
          src={url.value}
          alt={`What is in ${name}`}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
            if (naturalWidth * naturalHeight > mostPixels) {
              said.value = `A picture of ${formatCount(naturalWidth)} × ${formatCount(naturalHeight)} pixels is too large to show.`;
            }
            size.value = [naturalWidth, naturalHeight];
          }}
          onError={() => {
            said.value = `It begins as ${mime.slice(6).toUpperCase()}, but the browser cannot decode it: it is damaged or something else.`;
          }}
        />
      )}
      <p class="readout numeric">
        <span>{mime.slice(6).toUpperCase()}</span>
        {size.value !== null && (
          <span>
            {formatCount(size.value[0])} × {formatCount(size.value[1])} pixels
          </span>
        )}
        <span class="quiet">{formatBytes(bytes.length)}</span>
        <a
          class="link"
          href={url.value}
          download={`${name.replace(/[^\w.-]+/g, "_")}.${mime.slice(6)}`}
        >
          Save
        </a>
      </p>
    </>
  );
}
