/** The system's file dialog: an input of the document, or where the browser has it one that gives handles. */

import { openAll } from "./dropped.js";
import { openPicked } from "./open.js";

const inputId = "file-input";

/** The input is in the document, for assistive technology and automation; a button stands for it. */
export function FileInput() {
  return (
    <input
      id={inputId}
      class="hidden-text"
      type="file"
      multiple
      tabIndex={-1}
      aria-label="Open files"
      onChange={(event) => {
        openAll([...(event.currentTarget.files ?? [])]);
        event.currentTarget.value = "";
      }}
    />
  );
}

type Picker = (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;

/** Must be called by a click or a key: a browser shows no dialog otherwise. */
export async function pickFiles(): Promise<void> {
  const { showOpenFilePicker: pick } = window as unknown as { showOpenFilePicker?: Picker };
  if (pick === undefined || navigator.webdriver) {
    document.getElementById(inputId)?.click();
    return;
  }
  let handles: FileSystemFileHandle[];
  try {
    handles = await pick({ multiple: true });
  } catch {
    return; // Cancelled by the user.
  }
  for (const handle of handles) void openHandle(handle);
}

/** A file that may be opened again by its handle. */
export async function openHandle(handle: FileSystemFileHandle): Promise<void> {
  const file = await handle.getFile();
  await openPicked({ input: file, name: file.name, schema: "", handle });
}
