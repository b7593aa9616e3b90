/** The one bar: program, file, Open…, theme. */

import { pickFile } from "../opening/open.js";
import { openFile } from "../state/store.js";
import { theme, toggleTheme } from "../state/theme.js";

export function Bar() {
  const name = openFile.value?.picked.name ?? "";
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <header class="bar">
      <h1 class="brand">torchfile</h1>
      <span class="file-name" title={name}>
        {name}
      </span>
      <button type="button" class="button" onClick={pickFile} title="Open a file (Ctrl+O)">
        Open…
      </button>
      <button
        type="button"
        class="button icon-button"
        onClick={toggleTheme}
        aria-label={`Change to the ${other} theme`}
        title={`Change to the ${other} theme`}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
          <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
        </svg>
      </button>
    </header>
  );
}
