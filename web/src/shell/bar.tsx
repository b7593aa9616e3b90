/** The one bar: program, the open files, Open…, the keys, theme. */

import { closeFile, switchTo } from "../opening/open.js";
import { FileInput, pickFiles } from "../opening/picker.js";
import { SearchField } from "../search/search-field.js";
import { openFile, openFiles } from "../state/store.js";
import { theme, toggleTheme } from "../state/theme.js";
import { showKeys } from "./keys-help.js";

export function Bar() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <header class="bar">
      <h1 class="brand">torchfile</h1>
      <Switcher />
      {openFile.value !== null && <SearchField key={openFile.value} file={openFile.value} />}
      <button
        type="button"
        class="button"
        onClick={() => void pickFiles()}
        title="Open files (Ctrl+O)"
      >
        Open…
      </button>
      <button
        type="button"
        class="button icon-button"
        onClick={showKeys}
        aria-label="Keys"
        title="Keys (?)"
      >
        ?
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
      <FileInput />
    </header>
  );
}

/** The open file's name; with several open, a choice of them. */
function Switcher() {
  const files = openFiles.value;
  const shown = openFile.value;
  if (shown === null) return <span class="file-name" />;
  const { name } = shown.picked;
  return (
    <div class="switcher">
      <span class="switcher-name">
        <span class="file-name" title={name}>
          <bdi>{name}</bdi>
        </span>
        {files.length > 1 && (
          <>
            <span class="switcher-count numeric" aria-hidden="true">
              {files.indexOf(shown) + 1}/{files.length} ▾
            </span>
            <select
              class="switcher-select"
              aria-label="Open files"
              value={String(files.indexOf(shown))}
              onChange={(event) => switchTo(files[Number(event.currentTarget.value)] ?? shown)}
            >
              {files.map((file, i) => (
                <option key={i} value={String(i)}>
                  {file.picked.name}
                </option>
              ))}
            </select>
          </>
        )}
      </span>
      <button
        type="button"
        class="button icon-button quiet-button"
        aria-label={`Close ${name}`}
        title="Close this file"
        onClick={() => closeFile(shown)}
      >
        ✕
      </button>
    </div>
  );
}
