/** What a canvas is told of the style sheet. */

/** Colours as the style sheet has them for the theme in use; a canvas cannot read custom properties. */
export function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
