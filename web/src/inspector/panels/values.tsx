/** Every element of a tensor, as numbers in a grid of any size. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import {
  type Extent,
  elementHeight,
  revealRow,
  type Scroll,
  scrolled,
  scrollTo,
  visibleRows,
} from "../../rows/scroll.js";
import { copyText } from "../../state/clipboard.js";
import { formatCount, formatValue, messageOf } from "../../words/format.js";
import { Blocks } from "./blocks.js";
import {
  type Cut,
  columnsOf,
  firstCut,
  fits,
  indexOf,
  placeOf,
  rowsOf,
  shapeOf,
  sliceOf,
} from "./cut.js";
import type { PanelProps } from "./panel.js";
import { Slicer } from "./slicer.js";

const cellHeight = 22;
const headWidth = 84;
const headHeight = 22;

/** Cells that are copied at once. */
const mostCopied = 1_000_000;

/** As wide as the longest number of the dtype. */
const cellWidths: Record<string, number> = {
  uint8: 48,
  int8: 48,
  int16: 64,
  int32: 116,
  int64: 210,
};

const zero: Scroll = { top: 0, virtual: 0 };

/** The cut of the tensor looked at last: it stays while the selection moves between tensors of one form. */
let lastCut: Cut | null = null;

export function ValuesPanel({ api, node }: PanelProps) {
  const shape = shapeOf(node);
  const cut = useSignal<{ id: number; cut: Cut } | null>(null);
  const kept = lastCut !== null && fits(lastCut, shape) ? lastCut : firstCut(shape);
  const current = cut.value?.id === node.id ? cut.value.cut : kept;
  if (node.size === 0) return <p class="words">An empty tensor: it has no elements.</p>;
  return (
    <>
      <Slicer
        cut={current}
        shape={shape}
        onCut={(next) => {
          lastCut = next;
          cut.value = { id: node.id, cut: next };
        }}
      />
      <Grid key={`${node.id} ${JSON.stringify(current)}`} api={api} node={node} cut={current} />
    </>
  );
}

interface Cell {
  row: number;
  column: number;
}

function Grid({ api, node, cut }: PanelProps & { cut: Cut }) {
  const shape = shapeOf(node);
  const cellWidth = cellWidths[node.dtype ?? ""] ?? 116;
  const counts: Cell = { row: rowsOf(cut, shape), column: columnsOf(cut, shape) };
  const version = useSignal(0);
  const down = useSignal(zero);
  const along = useSignal(zero);
  const viewport = useSignal({ width: 400, height: 400 });
  const active = useSignal<Cell>({ row: 0, column: 0 });
  const anchor = useSignal<Cell>({ row: 0, column: 0 });
  const said = useSignal("");
  const scroller = useRef<HTMLDivElement>(null);
  const blocks = useMemo(
    () =>
      new Blocks(api, node, cut, () => {
        version.value++;
      }),
    [api, node.id],
  );
  useEffect(() => () => blocks.close(), [blocks]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => {
      viewport.value = { width: element.clientWidth, height: element.clientHeight };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  version.value;
  const vertical: Extent = {
    rows: counts.row,
    rowHeight: cellHeight,
    viewport: viewport.value.height,
  };
  const horizontal: Extent = {
    rows: counts.column,
    rowHeight: cellWidth,
    viewport: viewport.value.width,
  };
  const [firstRow, lastRow] = visibleRows(down.value.virtual, vertical, 2);
  const [firstColumn, lastColumn] = visibleRows(along.value.virtual, horizontal, 1);

  const place = (element: HTMLElement) => {
    element.scrollTop = down.value.top;
    element.scrollLeft = along.value.top;
  };
  const show = (cell: Cell) => {
    down.value = scrollTo(revealRow(cell.row, down.value.virtual, vertical), vertical);
    along.value = scrollTo(revealRow(cell.column, along.value.virtual, horizontal), horizontal);
    if (scroller.current) place(scroller.current);
  };
  const go = (cell: Cell, extend: boolean) => {
    const next = {
      row: Math.max(0, Math.min(counts.row - 1, cell.row)),
      column: Math.max(0, Math.min(counts.column - 1, cell.column)),
    };
    active.value = next;
    if (!extend) anchor.value = next;
    said.value = "";
    show(next);
  };
  const onKey = (event: KeyboardEvent) => {
    const { row, column } = active.value;
    const page = Math.max(1, Math.floor(viewport.value.height / cellHeight) - 1);
    const all = event.ctrlKey || event.metaKey;
    const moves: Record<string, Cell> = {
      ArrowDown: { row: row + 1, column },
      ArrowUp: { row: row - 1, column },
      ArrowRight: { row, column: column + 1 },
      ArrowLeft: { row, column: column - 1 },
      PageDown: { row: row + page, column },
      PageUp: { row: row - page, column },
      Home: { row: all ? 0 : row, column: 0 },
      End: { row: all ? counts.row - 1 : row, column: counts.column - 1 },
    };
    const move = moves[event.key];
    if (move) go(move, event.shiftKey);
    else if (all && event.key === "a") {
      anchor.value = { row: 0, column: 0 };
      active.value = { row: counts.row - 1, column: counts.column - 1 };
    } else if (all && event.key === "c") void copy();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const chosen = {
    rows: [
      Math.min(anchor.value.row, active.value.row),
      Math.max(anchor.value.row, active.value.row) + 1,
    ],
    columns: [
      Math.min(anchor.value.column, active.value.column),
      Math.max(anchor.value.column, active.value.column) + 1,
    ],
  } as { rows: [number, number]; columns: [number, number] };
  const copy = async () => {
    const { rows, columns } = chosen;
    const size: [number, number] = [rows[1] - rows[0], columns[1] - columns[0]];
    if (size[0] * size[1] > mostCopied) {
      said.value = `More than ${formatCount(mostCopied)} cells are too many to copy: export the tensor.`;
      return;
    }
    const elements = await api.read(node, sliceOf(cut, rows, columns));
    const lines = Array.from({ length: size[0] }, (_, row) =>
      Array.from({ length: size[1] }, (_, column) =>
        String(elements[placeOf(cut, size, row, column)]),
      ).join("\t"),
    );
    said.value = (await copyText(lines.join("\n")))
      ? `Copied ${formatCount(size[0] * size[1])}`
      : "Not allowed to copy";
  };
  const isChosen = (row: number, column: number) =>
    row >= chosen.rows[0] &&
    row < chosen.rows[1] &&
    column >= chosen.columns[0] &&
    column < chosen.columns[1];

  const y = (row: number) => row * cellHeight - down.value.virtual;
  const x = (column: number) => column * cellWidth - along.value.virtual;
  const rows = range(firstRow, lastRow);
  const columns = range(firstColumn, lastColumn);
  const value = blocks.element(active.value.row, active.value.column);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a window on a table of any size */}
      <div
        class="grid numeric"
        role="grid"
        aria-label={`Values, ${formatCount(counts.row)} by ${formatCount(counts.column)}`}
        aria-rowcount={counts.row}
        aria-colcount={counts.column}
        aria-activedescendant="active-cell"
        tabIndex={0}
        style={{ height: px(Math.min(560, headHeight + counts.row * cellHeight + 18)) }}
        onKeyDown={onKey}
      >
        <div class="grid-heads" style={{ left: px(headWidth), height: px(headHeight) }} aria-hidden>
          {columns.map((column) => (
            <span
              key={column}
              class="grid-head"
              style={{ left: px(x(column)), width: px(cellWidth) }}
            >
              {cut.across === null ? "" : formatCount(column + 1)}
            </span>
          ))}
        </div>
        <div class="grid-sides" style={{ top: px(headHeight), width: px(headWidth) }} aria-hidden>
          {rows.map((row) => (
            <span key={row} class="grid-side" style={{ top: px(y(row)), height: px(cellHeight) }}>
              {formatCount(row + 1)}
            </span>
          ))}
        </div>
        <div
          class="grid-scroll"
          ref={scroller}
          style={{ left: px(headWidth), top: px(headHeight) }}
          onScroll={(event) => {
            const { scrollTop, scrollLeft } = event.currentTarget;
            down.value = scrolled(down.value, scrollTop, vertical);
            along.value = scrolled(along.value, scrollLeft, horizontal);
          }}
        >
          <div
            class="grid-space"
            style={{ height: px(elementHeight(vertical)), width: px(elementHeight(horizontal)) }}
          >
            {rows.map((row) => (
              // biome-ignore lint/a11y/useSemanticElements: a window on a table of any size
              <div
                key={row}
                role="row"
                tabIndex={-1}
                aria-rowindex={row + 1}
                class="grid-row"
                style={{
                  top: px(down.value.top + y(row)),
                  left: px(along.value.top),
                  height: px(cellHeight),
                }}
              >
                {columns.map((column) => {
                  const isActive = row === active.value.row && column === active.value.column;
                  const element = blocks.element(row, column);
                  return (
                    // biome-ignore lint/a11y/useSemanticElements: a window on a table of any size
                    <span
                      key={column}
                      role="gridcell"
                      tabIndex={-1}
                      id={isActive ? "active-cell" : undefined}
                      aria-colindex={column + 1}
                      aria-selected={isChosen(row, column)}
                      class={`grid-cell${isActive ? " active" : ""}${element !== undefined && !Number.isFinite(Number(element)) ? " warn" : ""}`}
                      style={{ left: px(x(column)), width: px(cellWidth) }}
                      onPointerDown={(event) => go({ row, column }, event.shiftKey)}
                      onPointerEnter={(event) => {
                        if (event.buttons === 1) active.value = { row, column };
                      }}
                    >
                      {element === undefined ? "" : cellText(element)}
                    </span>
                  );
                })}
              </div>
            ))}
          </div>
        </div>
      </div>
      <p class="readout numeric" aria-live="polite">
        {blocks.failure !== null && <span class="warn">{messageOf(blocks.failure)}</span>}
        <span>
          [
          {indexOf(cut, active.value.row, active.value.column)
            .map((index) => formatCount(index + 1))
            .join(", ")}
          ] = {value === undefined ? "…" : String(value)}
        </span>
        <GoTo counts={counts} onGo={(cell) => go(cell, false)} />
        <button type="button" class="button" onClick={() => void copy()}>
          Copy
        </button>
        <span class="quiet">{said.value}</span>
      </p>
    </>
  );
}

const cellText = (element: number | bigint): string =>
  typeof element === "bigint" ? formatValue(element) : formatValue(element, 7);

const px = (length: number) => `${length}px`;

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

/** `12, 5`: a row and a column, from 1. */
function GoTo({ counts, onGo }: { counts: Cell; onGo: (cell: Cell) => void }) {
  return (
    <input
      class="go-to"
      type="text"
      inputMode="numeric"
      placeholder={counts.column === 1 ? "row" : "row, column"}
      aria-label="Go to row and column"
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        const [row = 1, column = 1] = event.currentTarget.value.split(/[\s,;]+/).map(Number);
        if (Number.isFinite(row) && Number.isFinite(column))
          onGo({ row: row - 1, column: column - 1 });
      }}
    />
  );
}
