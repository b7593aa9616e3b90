/** The window: bar, banner, tree and inspector or the empty state, status bar; drops anywhere. */

import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { Inspector } from "../inspector/inspector.js";
import { Banner } from "../opening/banner.js";
import { openFiles, pickFile } from "../opening/open.js";
import { Welcome } from "../opening/welcome.js";
import { openFile, screen } from "../state/store.js";
import { Tree } from "../tree/tree.js";
import { Bar } from "./bar.js";
import { Splitter, treeShare } from "./splitter.js";
import { StatusBar } from "./status.js";

export function App() {
  const dragging = useFileDrop();
  const open = openFile.value;
  return (
    <div class="app" data-screen={screen.value} data-dragging={dragging ? "" : undefined}>
      <Bar />
      <Banner />
      {open === null ? (
        <Welcome />
      ) : (
        <main class="split" key={open} style={{ "--tree": `${treeShare.value}%` }}>
          <Tree openFile={open} />
          <Splitter />
          <Inspector openFile={open} />
        </main>
      )}
      <StatusBar />
      <div class="drop-veil" aria-hidden="true">
        Drop the file to open it
      </div>
    </div>
  );
}

const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Accepts files dropped anywhere; true while one is held over the window. Also Ctrl+O. */
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
      openFiles(event.dataTransfer?.files);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== "o" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
      event.preventDefault();
      pickFile();
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
