/** Light or dark: as the system has it until the user says otherwise. */

import { signal } from "@preact/signals";

export type Theme = "light" | "dark";

const key = "torchfile.theme";

/** The theme in use. */
export const theme = signal<Theme>("light");

/** Reading and writing throw where the browser keeps no data for the page. */
function stored(): Theme | null {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null;
  }
}

function store(value: Theme | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

function systemTheme(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function apply(chosen: Theme | null): void {
  theme.value = chosen ?? systemTheme();
  if (chosen === null) document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = chosen;
}

export function startTheme(): void {
  apply(stored());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(stored()));
}

/** Changes to the other theme; a choice that is the system's own is not kept. */
export function toggleTheme(): void {
  const next: Theme = theme.value === "dark" ? "light" : "dark";
  const chosen = next === systemTheme() ? null : next;
  store(chosen);
  apply(chosen);
}
