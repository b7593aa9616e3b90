/** Everything about the selected value: path, class and layout, then its panels or its contents. */

import { useEffect, useRef } from "preact/hooks";
import type { T7Node } from "../../../wasm/js/base/api.js";
import { useLatest } from "../state/latest.js";
import { isNarrow } from "../state/narrow.js";
import type { OpenFile } from "../state/open-file.js";
import { screen } from "../state/store.js";
import { factsOf } from "../words/facts.js";
import { Contents } from "./contents.js";
import { ExportMenu } from "./export-menu.js";
import { isMixture } from "./panels/mixture.js";
import { Panels } from "./panels/panels.js";
import { PathTitle } from "./path-title.js";

export function Inspector({ openFile }: { openFile: OpenFile }) {
  const selection = openFile.selection.value;
  const back = useRef<HTMLButtonElement>(null);
  const shown = screen.value;
  useEffect(() => {
    if (shown === "detail" && isNarrow()) back.current?.focus();
  }, [shown]);
  return (
    <section
      class="inspector"
      aria-label="Selected value"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape") goBack();
      }}
    >
      <button type="button" class="button back" ref={back} onClick={goBack}>
        ‹ Tree
      </button>
      {selection === null ? (
        <p class="quiet nothing">Nothing is selected.</p>
      ) : (
        <Selected openFile={openFile} node={selection.node} />
      )}
    </section>
  );
}

/** Back to the tree and its focus, where the two are separate screens. */
function goBack(): void {
  if (screen.value === "tree") return;
  screen.value = "tree";
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus();
  });
}

function Selected({ openFile, node }: { openFile: OpenFile; node: T7Node }) {
  return (
    <>
      <PathTitle api={openFile.file} node={node} />
      <ul class="facts-line">
        {factsOf(node).map((fact) => (
          <li key={fact.text} class={fact.tone} title={fact.title}>
            {fact.text}
          </li>
        ))}
      </ul>
      <ExportMenu openFile={openFile} node={node} />
      {node.sameAs !== undefined && <SameAs openFile={openFile} id={node.sameAs} />}
      <Panels api={openFile.file} node={node} />
      {!isMixture(node) && <Contents openFile={openFile} node={node} />}
    </>
  );
}

function SameAs({ openFile, id }: { openFile: OpenFile; id: number }) {
  const first = useLatest(() => openFile.file.path(id), [id]);
  return (
    <p class="same-as">
      Same object as{" "}
      <button type="button" class="link" onClick={() => void openFile.reveal(id)}>
        {first.state === "here" ? first.value : "its first place"}
      </button>
    </p>
  );
}
