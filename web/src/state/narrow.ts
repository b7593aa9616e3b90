/** Whether tree and inspector are two screens; the style sheets use the same width. */
export function isNarrow(): boolean {
  return matchMedia("(max-width: 640px)").matches;
}
