/** The window: bar, banner, tree and inspector or the empty state, status bar; drops anywhere. */

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { Banner } from "../opening/banner.js";
import { Choose } from "../opening/choose.js";
import { takeDrop } from "../opening/dropped.js";
import { pickFiles } from "../opening/picker.js";
import { Welcome } from "../opening/welcome.js";
import { focusSearch } from "../search/search-field.js";
import { useLatest } from "../state/latest.js";
import type { OpenFile } from "../state/open-file.js";
import { loadings, openFile, screen } from "../state/store.js";
import { messageOf } from "../words/format.js";
import { Bar } from "./bar.js";
import { KeysHelp, showKeys } from "./keys-help.js";
import { StatusBar } from "./status.js";

export function App() {
  const dragging = useFileDrop();
  const open = openFile.value;
  const isLoading = loadings.value.length > 0;
  useEffect(() => {
    if (isLoading) loadSplit().catch(() => undefined);
  }, [isLoading]);
  return (
    <div class="app" data-screen={screen.value} data-dragging={dragging ? "" : undefined}>
      <Bar />
      <Banner />
      <Choose />
      {open === null ? <Welcome /> : <Opened key={open} open={open} />}
      <StatusBar />
      <KeysHelp />
      <div class="drop-veil" aria-hidden="true">
        Drop the file to open it
      </div>
    </div>
  );
}

/** What shows a file is not needed before there is one: it comes while the first is being read. */
const loadSplit = () => import("./split.js");

function Opened({ open }: { open: OpenFile }) {
  const answer = useLatest(loadSplit, []);
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  if (answer.state === "waiting") return <main class="split" />;
  const { Split } = answer.value;
  return <Split openFile={open} />;
}

const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** The keyboard goes from the tree to the inspector and back. */
function changePane(): void {
  const inspector = document.querySelector<HTMLElement>(".inspector");
  const row = document.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]');
  if (inspector?.contains(document.activeElement)) row?.focus();
  else inspector?.focus();
}

/** True where keys are text. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");

/** Accepts files dropped anywhere; true while one is held over the window. Also the window's keys. */
function useFileDrop(): boolean {
  const dragging = useSignal(false);
  useLayoutEffect(() => {
    const over = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      dragging.value = true;
    };
    const leave = (event: DragEvent) => {
      // Leaving for nowhere is leaving the window; anything else is one element to the next.
      if (event.relatedTarget === null) dragging.value = false;
    };
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      dragging.value = false;
      takeDrop(event.dataTransfer);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "?" && !isTyping(event.target)) showKeys();
      const asksForSearch =
        (event.key === "/" && !isTyping(event.target)) ||
        (event.key === "f" && (event.ctrlKey || event.metaKey) && !event.shiftKey);
      if (asksForSearch && openFile.peek() !== null) {
        event.preventDefault();
        focusSearch();
      }
      if (event.key === "F6") {
        event.preventDefault();
        changePane();
      }
      if (event.key !== "o" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      void pickFiles();
    };
    const abort = new AbortController();
    const { signal } = abort;
    window.addEventListener("dragover", over, { signal });
    window.addEventListener("dragleave", leave, { signal });
    window.addEventListener("drop", drop, { signal });
    window.addEventListener("keydown", key, { signal });
    return () => abort.abort();
  }, [dragging]);
  return dragging.value;
}
