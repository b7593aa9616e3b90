/** Whether the tree shows the fields of modules as they are in the file, or what tells most first. */

import { signal } from "@preact/signals";

const key = "torchfile.order";

/** Reading and writing throw where the browser keeps no data for the page. */
function stored(): boolean {
  try {
    return localStorage.getItem(key) === "file";
  } catch {
    return false;
  }
}

export const isFileOrder = signal(stored());

export function setFileOrder(wanted: boolean): void {
  isFileOrder.value = wanted;
  try {
    if (wanted) localStorage.setItem(key, "file");
    else localStorage.removeItem(key);
  } catch {
    // The choice then lasts as long as the page.
  }
}
