/** Which panel was chosen for which kind of value: a histogram of weights must not stick to a photograph. */

import { panel } from "../../state/store.js";

/** Title of the panel that was chosen where another would have opened by itself. */
const chosen = new Map<string, string>();

/** The kind of value for which `panel` was chosen last; none if it comes from the address. */
let kind = "Histogram";
let last = panel.peek();

/** The panel for values that would open `best`. */
export function chosenPanel(best: string): string {
  // Set by somebody else: by the address, which names a view.
  if (panel.value !== last) {
    last = panel.value;
    kind = "";
  }
  if (kind === "" || kind === best) return panel.value;
  return chosen.get(best) ?? best;
}

export function choosePanel(best: string, title: string): void {
  chosen.set(best, title);
  kind = best;
  last = title;
  panel.value = title;
}
