/** Tensors that are pictures, as pictures: one of them, or a sheet of many. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLatest } from "../../state/latest.js";
import { formatCount, formatShape, messageOf, plural } from "../../words/format.js";
import type { PanelProps } from "./panel.js";
import {
  guessRange,
  type Pictures,
  pictureSlice,
  picturesOf,
  pixelsOf,
  type RangeName,
  rangeOf,
} from "./pixels.js";
import { Index } from "./slicer.js";

/** Pictures on a sheet. */
const onSheet = 60;

const ranges: RangeName[] = ["0 – 255", "0 – 1", "−1 – 1", "own range"];

/** What the page's reader chose, kept while the selection moves. */
interface Look {
  range: RangeName | "";
  bgr: boolean;
}

export function ImagePanel({ api, node }: PanelProps) {
  const pictures = picturesOf(node);
  const look = useSignal<Look>({ range: "", bgr: false });
  const chosen = useSignal<{ id: number; at: number | null }>({ id: -1, at: null });
  const page = useSignal<{ id: number; at: number }>({ id: -1, at: 0 });
  if (pictures === null) return null;
  const at = chosen.value.id === node.id ? chosen.value.at : null;
  const sheet = page.value.id === node.id ? page.value.at : 0;
  const count = pictures.count ?? 1;
  return (
    <>
      {pictures.count === null || at !== null ? (
        <One
          key={`${node.id} ${at}`}
          api={api}
          node={node}
          pictures={pictures}
          at={at ?? 0}
          look={look.value}
        />
      ) : (
        <Sheet
          api={api}
          node={node}
          pictures={pictures}
          first={sheet * onSheet}
          look={look.value}
          onChoose={(picture) => {
            chosen.value = { id: node.id, at: picture };
          }}
        />
      )}
      <div class="controls">
        {at !== null && (
          <button
            type="button"
            class="button"
            onClick={() => {
              chosen.value = { id: -1, at: null };
            }}
          >
            ‹ All {formatCount(count)}
          </button>
        )}
        {at !== null && (
          <Index
            dimension={0}
            value={at}
            length={count}
            onValue={(value) => {
              chosen.value = { id: node.id, at: value };
            }}
          />
        )}
        {pictures.count !== null && at === null && count > onSheet && (
          <label>
            page{" "}
            <input
              type="number"
              min={1}
              max={Math.ceil(count / onSheet)}
              value={sheet + 1}
              onChange={(event) => {
                const wanted = Math.trunc(Number(event.currentTarget.value)) - 1;
                page.value = {
                  id: node.id,
                  at: Math.max(0, Math.min(Math.ceil(count / onSheet) - 1, wanted || 0)),
                };
              }}
            />{" "}
            of {formatCount(Math.ceil(count / onSheet))}
          </label>
        )}
        <label>
          values{" "}
          <select
            value={look.value.range}
            onChange={(event) => {
              look.value = { ...look.value, range: event.currentTarget.value as RangeName };
            }}
          >
            <option value="">found by themselves</option>
            {ranges.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {pictures.channels > 1 && (
          <label>
            <input
              type="checkbox"
              checked={look.value.bgr}
              onChange={(event) => {
                look.value = { ...look.value, bgr: event.currentTarget.checked };
              }}
            />{" "}
            BGR
          </label>
        )}
      </div>
    </>
  );
}

interface DrawnProps extends PanelProps {
  pictures: Pictures;
  look: Look;
}

/** A canvas that has picture `at` as soon as its elements are here, and the range of values that was taken. */
function useDrawn({ api, node, pictures, at, look }: DrawnProps & { at: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const answer = useLatest(
    (signal) => api.read(node, pictureSlice(pictures, at), { signal }),
    [api, node.id, at],
  );
  const elements = answer.state === "here" ? answer.value : null;
  const name = elements === null ? null : look.range || guessRange(node.dtype, elements);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || elements === null || name === null) return;
    const pixels = pixelsOf(pictures, elements, rangeOf(name, elements), look.bgr);
    context.putImageData(new ImageData(pixels, pictures.width, pictures.height), 0, 0);
  }, [elements, name, look.bgr]);
  return { canvas, name, failure: answer.state === "failed" ? answer.error : null };
}

/** Draws a picture as large as fits, in whole steps where it is small. */
function One({ api, node, pictures, at, look }: DrawnProps & { at: number }) {
  const { height, width } = pictures;
  const { canvas, name, failure } = useDrawn({ api, node, pictures, at, look });
  const zoom = Math.max(1, Math.min(16, Math.floor(480 / Math.max(height, width))));
  return (
    <>
      {failure !== null && <p class="note warn">{messageOf(failure)}</p>}
      <canvas
        class="picture"
        ref={canvas}
        width={width}
        height={height}
        style={{ width: `${width * zoom}px`, aspectRatio: `${width} / ${height}` }}
        role="img"
        aria-label={`Picture, ${formatCount(width)} by ${formatCount(height)} pixels`}
      />
      <p class="readout numeric">
        <span>
          {formatCount(width)} × {formatCount(height)} pixels
          {zoom > 1 && <span class="quiet"> · {zoom} times as large</span>}
        </span>
        {name !== null && <span class="quiet">values {name}</span>}
        <button
          type="button"
          class="link"
          onClick={() => save(canvas.current, `${node.key ?? "picture"}.png`)}
        >
          Save as PNG
        </button>
      </p>
    </>
  );
}

function save(canvas: HTMLCanvasElement | null, name: string): void {
  canvas?.toBlob((blob) => {
    if (blob === null) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name.replace(/[^\w.-]+/g, "_");
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

interface SheetProps extends DrawnProps {
  first: number;
  onChoose: (picture: number) => void;
}

function Sheet({ api, node, pictures, first, look, onChoose }: SheetProps) {
  const last = Math.min(pictures.count ?? 0, first + onSheet);
  const numbers = Array.from({ length: last - first }, (_, at) => first + at);
  return (
    <>
      <p class="words">
        {plural(pictures.count ?? 0, "picture")} of {formatShape([pictures.height, pictures.width])}
      </p>
      <ul class="sheet">
        {numbers.map((picture) => (
          <li key={picture}>
            <button type="button" class="thumb" onClick={() => onChoose(picture)}>
              <Thumb api={api} node={node} pictures={pictures} at={picture} look={look} />
              <span class="quiet numeric">{formatCount(picture + 1)}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Thumb({ api, node, pictures, at, look }: DrawnProps & { at: number }) {
  const { height, width } = pictures;
  const { canvas } = useDrawn({ api, node, pictures, at, look });
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      aria-label={`Picture ${at + 1}`}
      role="img"
    />
  );
}
