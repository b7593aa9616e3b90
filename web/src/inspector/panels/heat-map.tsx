/** A matrix as colours: every cell the mean of the elements that it stands for. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { TensorGrid } from "../../../../wasm/js/base/api.js";
import { useLatest } from "../../state/latest.js";
import { formatCount, formatValue, messageOf } from "../../words/format.js";
import { colourOf, limitsOf, type Scale } from "./colours.js";
import { type Cut, columnsOf, firstCut, rowsOf, shapeOf } from "./cut.js";
import type { PanelProps } from "./panel.js";
import { Slicer } from "./slicer.js";

/** Cells across and down. */
const mostCells = 512;

export function HeatMapPanel({ api, node }: PanelProps) {
  const shape = shapeOf(node);
  const chosen = useSignal<{ id: number; cut: Cut } | null>(null);
  const chosenScale = useSignal<Scale | "">("");
  const cut = chosen.value?.id === node.id ? chosen.value.cut : firstCut(shape);
  const ordered = inOrder(cut);
  const slice = ordered.at.map((index, d) =>
    d === ordered.down || d === ordered.across ? ([0, shape[d] ?? 0] as [number, number]) : index,
  );
  const rows = Math.min(mostCells, rowsOf(ordered, shape));
  const columns = Math.min(mostCells, columnsOf(ordered, shape));
  const answer = useLatest(
    (signal) => api.grid(node, { slice, rows, columns, signal }),
    [api, node.id, JSON.stringify(slice)],
  );
  const grid = answer.state === "here" ? answer.value : null;
  // Bytes, counts, probabilities have no other side of zero.
  const scale =
    chosenScale.value ||
    (grid?.min.every((value) => !(value < 0)) ? "lowest to highest" : "about zero");
  if (node.size === 0) return <p class="words">An empty tensor: it has no elements.</p>;
  return (
    <>
      <Slicer
        cut={ordered}
        shape={shape}
        onCut={(next) => {
          chosen.value = { id: node.id, cut: inOrder(next) };
        }}
      />
      {answer.state === "failed" && <p class="note warn">{messageOf(answer.error)}</p>}
      {answer.state === "waiting" && <p class="quiet note late">Reading…</p>}
      {grid !== null && <Cells grid={grid} scale={scale} />}
      <div class="controls">
        <label>
          colours{" "}
          <select
            value={scale}
            onChange={(event) => {
              chosenScale.value = event.currentTarget.value as Scale;
            }}
          >
            <option value="about zero">about zero</option>
            <option value="lowest to highest">lowest to highest</option>
          </select>
        </label>
      </div>
    </>
  );
}

/** The core goes through a tensor in its own order: the earlier axis goes down. */
function inOrder(cut: Cut): Cut {
  if (cut.across === null || cut.down < cut.across) return cut;
  return { ...cut, down: cut.across, across: cut.down };
}

function Cells({ grid, scale }: { grid: TensorGrid; scale: Scale }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hovered = useSignal<number | null>(null);
  const { rows, columns, mean, notFinite, shape } = grid;
  const limits = limitsOf(grid, scale);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = new ImageData(columns, rows);
    for (let at = 0; at < rows * columns; at++) {
      image.data.set(colourOf(mean[at] ?? Number.NaN, limits, scale), at * 4);
    }
    context.putImageData(image, 0, 0);
  }, [grid, scale]);
  const zoom = Math.max(1, Math.min(24, Math.floor(560 / Math.max(rows, columns))));
  const at = hovered.value;
  const cell = (index: number, count: number, length: number) => {
    const [from, to] = [
      Math.ceil((index * length) / count),
      Math.ceil(((index + 1) * length) / count),
    ];
    return to - from <= 1 ? formatCount(from + 1) : `${formatCount(from + 1)} – ${formatCount(to)}`;
  };
  return (
    <>
      <canvas
        class="picture heat"
        ref={canvas}
        width={columns}
        height={rows}
        style={{ width: `${columns * zoom}px`, aspectRatio: `${columns} / ${rows}` }}
        role="img"
        aria-label={`Heat map of ${formatCount(shape[0])} by ${formatCount(shape[1])} elements`}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const x = Math.floor(((event.clientX - box.left) / box.width) * columns);
          const y = Math.floor(((event.clientY - box.top) / box.height) * rows);
          hovered.value = x >= 0 && x < columns && y >= 0 && y < rows ? y * columns + x : null;
        }}
        onPointerLeave={() => {
          hovered.value = null;
        }}
      />
      <p class="readout numeric">
        {at === null ? (
          <span class="quiet">
            {formatValue(limits[0], 4)} … {formatValue(limits[1], 4)}
            {rows * columns < shape[0] * shape[1] && " · a cell is the mean of its elements"}
          </span>
        ) : (
          <span>
            [{cell(Math.floor(at / columns), rows, shape[0])},{" "}
            {cell(at % columns, columns, shape[1])}] = {formatValue(mean[at] ?? null)}
            {(notFinite[at] ?? 0) > 0 && (
              <span class="warn"> {formatCount(notFinite[at] ?? 0)} not finite</span>
            )}
          </span>
        )}
      </p>
    </>
  );
}
