/** Numbers one after the other, as a curve: tensors of one dimension, and lists of numbers. */

import { useSignal } from "@preact/signals";
import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import { type Curve, LineView } from "../../plot/line-view.js";
import { useLatest } from "../../state/latest.js";
import { formatCount, formatValue, messageOf, plural } from "../../words/format.js";
import { shapeOf } from "./cut.js";
import type { PanelProps } from "./panel.js";

/** Up to here every element is a point. */
const mostPoints = 2000;

/** Beyond, so many parts, each with its lowest, mean and highest. */
const parts = 1000;

/** Entries of the longest list that is drawn: they are read one by one. */
const mostEntries = 200_000;
const batch = 5000;

const places = (count: number, step = 1) =>
  Float64Array.from({ length: count }, (_, at) => 1 + (at + (step - 1) / (2 * step)) * step);

async function curveOfTensor(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Curve> {
  const size = node.size ?? 0;
  if (size <= mostPoints) {
    const elements = await api.read(node, [], { signal });
    return { x: places(size), y: Float64Array.from(elements as Iterable<number>, Number) };
  }
  const { mean, min, max } = await api.grid(node, { rows: 1, columns: parts, signal });
  return { x: places(parts, size / parts), y: mean, low: min, high: max };
}

async function curveOfList(api: T7FileApi, node: T7Node, signal: AbortSignal): Promise<Curve> {
  const count = Math.min(node.count ?? 0, mostEntries);
  const y = new Float64Array(count).fill(Number.NaN);
  for (let from = 0; from < count; from += batch) {
    const children = await api.children(node, from, Math.min(count, from + batch), { signal });
    for (const [at, { value }] of children.entries()) {
      if (typeof value === "number") y[from + at] = value;
    }
  }
  return { x: places(count), y };
}

/** Tensors of one dimension, and storages. */
export const isRow = (node: T7Node): boolean =>
  (node.kind === "tensor" || node.kind === "storage") &&
  node.error === undefined &&
  shapeOf(node).length === 1 &&
  (node.size ?? 0) >= 2;

/** A list of numbers, as far as its beginning says. */
export async function isSeries(
  api: T7FileApi,
  node: T7Node,
  signal: AbortSignal,
): Promise<boolean> {
  if (node.kind !== "table" || node.list !== true || (node.count ?? 0) < 3) return false;
  const first = await api.children(node, 0, 3, { signal });
  return first.every(({ kind }) => kind === "number");
}

export function LinePanel({ api, node }: PanelProps) {
  const log = useSignal(false);
  const hovered = useSignal<number | null>(null);
  const answer = useLatest(
    (signal) => (isRow(node) ? curveOfTensor(api, node, signal) : curveOfList(api, node, signal)),
    [api, node.id],
  );
  const count = node.size ?? node.count ?? 0;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const curve = answer.state === "here" ? answer.value : null;
  return (
    <>
      {curve === null ? (
        <div class="plot-space line-plot">
          <p class="quiet note late">Reading…</p>
        </div>
      ) : (
        <LineView
          curve={curve}
          log={log.value}
          label={`Curve of ${plural(count, "number")}`}
          onHover={(point) => {
            hovered.value = point;
          }}
        />
      )}
      <p class="readout numeric">
        {curve === null ? "" : <Readout curve={curve} point={hovered.value} count={count} />}
      </p>
      <div class="controls">
        <label>
          <input
            type="checkbox"
            checked={log.value}
            onChange={(event) => {
              log.value = event.currentTarget.checked;
            }}
          />{" "}
          logarithmic
        </label>
        <span class="quiet">Drag to zoom, click twice for all.</span>
      </div>
    </>
  );
}

function Readout({ curve, point, count }: { curve: Curve; point: number | null; count: number }) {
  const { x, y, low, high } = curve;
  const note =
    count > mostEntries && low === undefined
      ? `the first ${formatCount(mostEntries)} of ${formatCount(count)}`
      : low !== undefined
        ? `${formatCount(count)} numbers in ${formatCount(x.length)} parts: lowest, mean and highest of each`
        : plural(count, "number");
  if (point === null) return <span class="quiet">{note}</span>;
  const range =
    low && high ? `  ${formatValue(low[point] ?? null)} … ${formatValue(high[point] ?? null)}` : "";
  return (
    <span>
      [{formatValue(Math.round(x[point] ?? 0))}] = {formatValue(y[point] ?? null)}
      {range}
    </span>
  );
}
