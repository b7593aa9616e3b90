/** A network as Torch prints it. */

import { useSignal } from "@preact/signals";
import { printModule } from "../../../../wasm/js/worker/client.js";
import { copyText } from "../../state/clipboard.js";
import { useLatest } from "../../state/latest.js";
import { messageOf } from "../../words/format.js";
import type { PanelProps } from "./panel.js";

/** More text than this in one element makes a page slow. */
const shown = 200_000;

export function PrintedPanel({ api, node }: PanelProps) {
  const copied = useSignal("");
  const answer = useLatest((signal) => printModule(api, node, { signal }), [api, node.id]);
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const text = answer.value;
  return (
    <>
      <pre class="text-value printed">{text.slice(0, shown)}</pre>
      {text.length > shown && <p class="quiet note">and more; copy it to have it all</p>}
      <p class="readout">
        <button
          type="button"
          class="button"
          onClick={() => {
            void copyText(text).then((done) => {
              copied.value = done ? "Copied" : "Not allowed to copy";
            });
          }}
        >
          Copy
        </button>
        <span class="quiet" aria-live="polite">
          {copied.value}
        </span>
      </p>
    </>
  );
}
