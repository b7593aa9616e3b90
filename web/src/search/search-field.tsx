/** The field in the bar. */

import { useEffect, useRef } from "preact/hooks";
import type { OpenFile } from "../state/open-file.js";
import { current, endSearch, goToHit, hits, query, searchFor } from "./search.js";

/** For the window's key. */
export function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>(".search-field");
  field?.focus();
  field?.select();
}

export function SearchField({ file }: { file: OpenFile }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => () => endSearch(file), [file]);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "Enter" ? (event.shiftKey ? -1 : 1) : 0;
    if (event.key === "Escape") {
      endSearch(file);
      requestAnimationFrame(() => {
        document.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus();
      });
    } else if (event.key === "ArrowDown" && hits.value.length > 0) {
      document.querySelectorAll<HTMLElement>(".hit")[Math.max(0, current.value)]?.focus();
    } else if (step !== 0) {
      const count = Math.max(1, hits.value.length);
      goToHit(file, (current.value + step + count) % count);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <input
      type="search"
      class="search-field"
      ref={field}
      value={query.value}
      placeholder="Search keys, classes, values, shape:64x*  ( / )"
      aria-label="Search the file"
      title="key: class: value: path: kind: dtype: shape: size>1M -not"
      spellcheck={false}
      onInput={(event) => searchFor(file, event.currentTarget.value)}
      onKeyDown={onKey}
    />
  );
}
