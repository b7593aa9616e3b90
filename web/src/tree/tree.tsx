/** The tree: only the rows in sight are in the document, however many there are. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { T7Node } from "../../../wasm/js/base/api.js";
import { isGroup } from "../rows/parts.js";
import { type Place, placeOf, sourceOf } from "../rows/rows.js";
import {
  elementHeight,
  revealRow,
  type Scroll,
  scrolled,
  scrollTo,
  visibleRows,
} from "../rows/scroll.js";
import { copyText } from "../state/clipboard.js";
import { isNarrow } from "../state/narrow.js";
import type { OpenFile } from "../state/open-file.js";
import { screen } from "../state/store.js";
import { describe, isExpandable } from "../words/describe.js";
import { treeAction } from "./tree-keys.js";
import { TreeRow } from "./tree-row.js";

const rowHeight = 24;

export function Tree({ openFile }: { openFile: OpenFile }) {
  const box = useRef<HTMLDivElement>(null);
  const viewport = useViewport(box);
  const scroll = useSignal<Scroll>({ top: 0, virtual: 0 });
  openFile.version.value;
  const selectedRow = openFile.selectedRow;
  const extent = { rows: openFile.rows.length, rowHeight, viewport };

  const moveTo = useCallback((next: Scroll) => {
    scroll.value = next;
    if (box.current !== null && box.current.scrollTop !== next.top)
      box.current.scrollTop = next.top;
  }, []);
  const onScroll = () => {
    if (box.current === null || box.current.scrollTop === scroll.peek().top) return;
    moveTo(scrolled(scroll.peek(), box.current.scrollTop, extent));
  };

  // A change of selection brings the row into view; a banner that comes or goes moves nothing.
  const revealed = useRef({ selection: openFile.selection.peek(), row: -1 });
  useLayoutEffect(() => {
    if (selectedRow < 0 || viewport === 0) return;
    const selection = openFile.selection.value;
    const { current: last } = revealed;
    if (last.selection === selection && last.row === selectedRow) return;
    revealed.current = { selection, row: selectedRow };
    const virtual = revealRow(selectedRow, scroll.peek().virtual, extent);
    if (virtual !== scroll.peek().virtual) moveTo(scrollTo(virtual, extent));
  }, [openFile.selection.value, selectedRow, viewport]);
  useRovingFocus(box);
  useEffect(() => {
    // A file that was just opened is ready for the arrow keys, unless somebody is typing or choosing.
    if (!document.activeElement?.matches("input, select")) focusSelected(box.current);
  }, []);

  const shown = rowsInSight(extent.rows, visibleRows(scroll.value.virtual, extent), selectedRow);
  const items = shown.map((row) => {
    const place = openFile.rows.at(row);
    const source = sourceOf(place);
    return { row, place, node: openFile.nodeAt(place), group: isGroup(source) ? source : null };
  });
  useEffect(() => fetchInSight(openFile, items));

  return (
    <div
      class="tree"
      ref={box}
      role="tree"
      aria-label="Contents of the file"
      onScroll={onScroll}
      onClick={(event) => onTreeClick(event, openFile)}
      onDblClick={(event) => onTreeDoubleClick(event, openFile)}
      onKeyDown={(event) => onTreeKey(event, openFile, Math.floor(viewport / rowHeight))}
    >
      <div class="tree-body" role="presentation" style={{ height: `${elementHeight(extent)}px` }}>
        {items.map(({ row, place, node, group }) => (
          <TreeRow
            key={`${place.branch.serial}:${place.index}`}
            place={place}
            node={node}
            group={group}
            spark={node === undefined || group !== null ? null : openFile.sparks.get(node)}
            hint={group?.hint ?? (node === undefined ? null : openFile.hints.get(node))}
            expanded={openFile.rows.opened(place) !== null}
            selected={row === selectedRow}
            top={row * rowHeight - (scroll.value.virtual - scroll.value.top)}
            row={row}
          />
        ))}
      </div>
    </div>
  );
}

interface Item {
  place: Place;
  node: T7Node | undefined;
}

/** The selected row stays in the document when it is scrolled away: it may have the focus. */
function rowsInSight(count: number, [first, last]: [number, number], selected: number): number[] {
  const rows = Array.from({ length: last - first }, (_, i) => first + i);
  if (selected >= 0 && selected < Math.min(first, count)) rows.unshift(selected);
  if (selected >= last && selected < count) rows.push(selected);
  return rows;
}

function fetchInSight(openFile: OpenFile, items: Item[]): void {
  for (const { place, node } of items) {
    if (node === undefined) openFile.pages.want(place);
  }
  const nodes = items.flatMap(({ node }) => (node === undefined ? [] : [node]));
  openFile.hints.want(nodes);
  openFile.sparks.want(nodes);
}

/** The row an event happened in, and the part of it that does something of its own. */
function hitRow(event: MouseEvent, openFile: OpenFile): { place: Place; does: string } | null {
  const target = event.target instanceof Element ? event.target : null;
  const row = Number(target?.closest<HTMLElement>("[data-row]")?.dataset.row ?? -1);
  if (row < 0 || row >= openFile.rows.length) return null;
  const does = target?.closest<HTMLElement>("[data-does]")?.dataset.does ?? "select";
  return { place: openFile.rows.at(row), does };
}

/** On a narrow window touching a value shows it; touching a branch opens or closes it. */
function onTreeClick(event: MouseEvent, openFile: OpenFile): void {
  const hit = hitRow(event, openFile);
  if (hit === null) return;
  const { place, does } = hit;
  const node = openFile.nodeAt(place);
  if (does === "toggle") openFile.toggle(place);
  else if (does === "detail") screen.value = "detail";
  else if (does === "follow" && node?.sameAs !== undefined) void openFile.reveal(node.sameAs);
  else {
    openFile.select(place);
    if (!isNarrow() || node === undefined) return;
    if (isExpandable(node)) openFile.toggle(place);
    else screen.value = "detail";
  }
}

function onTreeDoubleClick(event: MouseEvent, openFile: OpenFile): void {
  const hit = hitRow(event, openFile);
  if (hit?.does === "select" && !isNarrow()) openFile.toggle(hit.place);
}

function onTreeKey(event: KeyboardEvent, openFile: OpenFile, page: number): void {
  if ((event.ctrlKey || event.metaKey) && event.key === "c") void copyRow(openFile);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const action = treeAction(event.key, page);
  if (action === null) return;
  event.preventDefault();
  const row = openFile.currentRow;
  const last = openFile.rows.length - 1;
  switch (action.kind) {
    case "move":
      selectNumber(openFile, row + action.by);
      break;
    case "first":
      selectNumber(openFile, 0);
      break;
    case "last":
      selectNumber(openFile, last);
      break;
    case "type":
      typeAhead(openFile, action.letter, row);
      break;
    case "expandSiblings":
      if (row >= 0) openFile.expandSiblings(openFile.rows.at(row));
      break;
    default:
      if (row >= 0) actOnRow(action.kind, openFile, row);
  }
}

/** Letters typed one shortly after the other are one text. */
const typingMs = 700;
let typed = { text: "", at: 0 };

function typeAhead(openFile: OpenFile, letter: string, row: number): void {
  const now = performance.now();
  const text = (now - typed.at < typingMs ? typed.text : "") + letter;
  typed = { text, at: now };
  // The first letter goes on to the next row; a longer text may be the row's own already.
  void openFile.selectByKey(text, text === letter ? row + 1 : row).catch(() => undefined);
}

/** Path and value of the selected row, as text; what somebody has marked is copied instead. */
async function copyRow(openFile: OpenFile): Promise<void> {
  const node = openFile.selection.peek()?.node;
  if (node === undefined || getSelection()?.isCollapsed === false) return;
  const path = await openFile.file.path(node);
  await copyText(`${path}\t${describe(node, 0).fact}`);
}

function selectNumber(openFile: OpenFile, row: number): void {
  const last = openFile.rows.length - 1;
  if (last >= 0) openFile.select(openFile.rows.at(Math.max(0, Math.min(last, row))));
}

function actOnRow(kind: "open" | "close" | "activate", openFile: OpenFile, row: number): void {
  const place = openFile.rows.at(row);
  const node = openFile.nodeAt(place);
  const isOpen = openFile.rows.opened(place) !== null;
  if (kind === "open") {
    if (isOpen) selectNumber(openFile, row + 1);
    else openFile.expand(place);
  } else if (kind === "close") {
    if (isOpen) openFile.collapse(place);
    else openFile.select(placeOf(place.branch) ?? place);
  } else if (node?.sameAs !== undefined) void openFile.reveal(node.sameAs);
  else if (node !== undefined && isExpandable(node)) openFile.toggle(place);
  else if (isNarrow()) screen.value = "detail";
}

function useViewport(box: { current: HTMLElement | null }): number {
  const height = useSignal(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => {
      height.value = element.clientHeight;
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return height.value;
}

/** Keeps the keyboard focus on the selected row, also when the row that had it goes away. */
function useRovingFocus(box: { current: HTMLElement | null }): void {
  const hadFocus = box.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (!hadFocus) return;
    focusSelected(box.current);
  });
}

function focusSelected(box: HTMLElement | null): void {
  const row = box?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]');
  if (row && row !== document.activeElement) row.focus({ preventScroll: true });
}
