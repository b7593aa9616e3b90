/** Takes the selected value out, in a format of the person's choice. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { T7Node } from "../../../wasm/js/base/api.js";
import { exportTo, toPyTorch } from "../../../wasm/js/worker/client.js";
import type { OpenFile } from "../state/open-file.js";
import { chooseSink, saveChunks } from "../state/save.js";
import { formatBytes, messageOf, plural } from "../words/format.js";
import { type Choice, choicesFor, fileNameFor } from "./export-formats.js";

interface Running {
  done: number;
  total: number | null;
  stop: AbortController;
}

export function ExportMenu({ openFile, node }: { openFile: OpenFile; node: T7Node }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const running = useSignal<Running | null>(null);
  const said = useSignal("");
  const choices = choicesFor(node);
  useEffect(() => {
    said.value = "";
    menu.current?.removeAttribute("open");
  }, [node.id]);
  useEffect(() => () => running.peek()?.stop.abort(), []);
  if (choices.length === 0) return null;
  const start = async (choice: Choice) => {
    menu.current?.removeAttribute("open");
    said.value = "";
    const stop = new AbortController();
    try {
      const written =
        choice.format === "pytorch"
          ? await saveModel(openFile, node, stop)
          : await saveValue(openFile, node, choice.format, stop, (done, total) => {
              running.value = { done, total, stop };
            });
      if (written !== null) said.value = `Written: ${written}`;
    } catch (error) {
      said.value = stop.signal.aborted ? "Cancelled." : messageOf(error);
    } finally {
      running.value = null;
    }
  };
  const state = running.value;
  return (
    <div class="export">
      <details ref={menu} onKeyDown={(event) => closeOnEscape(event, menu.current)}>
        <summary class="button">Export…</summary>
        <ul class="export-choices">
          {choices.map((choice) => (
            <li key={choice.format}>
              <button type="button" class="export-choice" onClick={() => void start(choice)}>
                {choice.title}
              </button>
            </li>
          ))}
        </ul>
      </details>
      {state !== null && (
        <span class="quiet numeric">
          {formatBytes(state.done)}
          {state.total !== null && ` of ${formatBytes(state.total)}`}{" "}
          <button type="button" class="link" onClick={() => state.stop.abort()}>
            Cancel
          </button>
        </span>
      )}
      <span class="export-said quiet" aria-live="polite">
        {said.value}
      </span>
    </div>
  );
}

function closeOnEscape(event: KeyboardEvent, menu: HTMLDetailsElement | null): void {
  if (event.key !== "Escape" || !menu?.open) return;
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

/** In the words of what was written; `null` where no place was chosen. */
async function saveValue(
  openFile: OpenFile,
  node: T7Node,
  format: Exclude<Choice["format"], "pytorch">,
  stop: AbortController,
  onProgress: (done: number, total: number | null) => void,
): Promise<string | null> {
  const sink = await chooseSink(fileNameFor(openFile.picked.name, node, format));
  if (sink === null) return null;
  const { chunks } = await exportTo(openFile.file, format, node, {
    signal: stop.signal,
    onProgress: ({ done, total }) => onProgress(done, total),
  });
  return formatBytes(await saveChunks(sink, chunks));
}

async function saveModel(openFile: OpenFile, node: T7Node, stop: AbortController): Promise<string> {
  const { name } = openFile.picked;
  const { model, weights, unsupported } = await toPyTorch(openFile.file, node, {
    name,
    signal: stop.signal,
  });
  for (const [file, chunks] of [
    ["model.py", textChunks(model)],
    ["weights.safetensors", weights.chunks],
  ] as const) {
    const sink = await chooseSink(file);
    if (sink !== null) await saveChunks(sink, chunks);
  }
  const missing = unsupported.map(({ typename }) => typename).join(", ");
  return missing === ""
    ? "model.py and weights.safetensors"
    : `model.py; ${plural(unsupported.length, "module")} without a twin: ${missing}`;
}

async function* textChunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
