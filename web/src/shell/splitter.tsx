/** The line between tree and inspector: drag it, or move it with the arrow keys. */

import { signal } from "@preact/signals";

/** Share of the width that the tree has, in percent. */
export const treeShare = signal(50);

const [narrowest, widest] = [20, 80];

function setShare(percent: number): void {
  treeShare.value = Math.round(Math.max(narrowest, Math.min(widest, percent)));
}

export function Splitter() {
  const drag = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { currentTarget: line, pointerId } = event;
    if (!line.hasPointerCapture(pointerId)) return;
    const box = line.parentElement?.getBoundingClientRect();
    if (box !== undefined) setShare((100 * (event.clientX - box.left)) / box.width);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 2 : event.key === "ArrowLeft" ? -2 : 0;
    if (step === 0) return;
    event.preventDefault();
    setShare(treeShare.value + step);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule that is moved is not an <hr>
    <div
      class="splitter"
      role="separator"
      aria-label="Width of the tree"
      aria-orientation="vertical"
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      aria-valuenow={treeShare.value}
      tabIndex={0}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
      onDblClick={() => setShare(50)}
    />
  );
}
