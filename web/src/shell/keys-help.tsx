/** The keys, listed on demand. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const shown = signal(false);

export function showKeys(): void {
  shown.value = true;
}

const keys: ReadonlyArray<readonly [keys: string, does: string]> = [
  ["↑ ↓ Page Up Page Down Home End", "move through the tree"],
  ["→ ←", "open and close a branch; to its first entry, to its parent"],
  ["Enter", "open a branch; from a back-reference to the first place"],
  ["*", "open all entries of this level that are short"],
  ["letters", "to the next row whose key begins so"],
  ["Ctrl+C", "copy path and value of the selected row"],
  ["/ Ctrl+F", "search the file; Enter and Shift+Enter go from hit to hit, Escape ends it"],
  ["F6", "from the tree to the selected value and back"],
  ["Ctrl+O", "open files"],
  ["Alt+← Alt+→", "back and forward"],
  ["Escape", "close what was unfolded; on a phone back to the tree"],
  ["?", "this list"],
];

export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = shown.value;
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
  }, [isShown]);
  if (!isShown) return null;
  return (
    <dialog
      class="keys"
      ref={dialog}
      aria-labelledby="keys-title"
      onClose={() => {
        shown.value = false;
      }}
    >
      <div class="keys-inner">
        <h2 id="keys-title">Keys</h2>
        <dl>
          {keys.map(([name, does]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <form method="dialog">
          <button type="submit" class="button">
            Close
          </button>
        </form>
      </div>
    </dialog>
  );
}
