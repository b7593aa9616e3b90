/** What a folder or an archive holds: the files by name, each opened by a click. */

import { offer } from "../state/store.js";
import { exactBytes, formatBytes, formatCount, plural } from "../words/format.js";

export function Choose() {
  const shown = offer.value;
  if (shown === null) return null;
  const close = () => {
    offer.value = null;
  };
  return (
    <section
      class="choose"
      aria-label={`Files in ${shown.from}`}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <div class="choose-head">
        <h2>
          {plural(shown.files.length, "file")} in <bdi>{shown.from}</bdi>
        </h2>
        <button type="button" class="button small" onClick={close}>
          Close
        </button>
      </div>
      <ul class="choose-files">
        {shown.files.map((file) => (
          <li key={file.name}>
            <button type="button" class="entry" onClick={() => void file.open()}>
              <span class="choose-name">
                <bdi>{file.name}</bdi>
              </span>
              <span class="quiet numeric" title={exactBytes(file.size)}>
                {formatBytes(file.size)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown.more > 0 && <p class="quiet">and {formatCount(shown.more)} more</p>}
    </section>
  );
}
