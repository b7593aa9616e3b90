/** The empty state: what the page does, a place to drop on, a picker, three samples. */

import { openUrl, pickFile } from "./open.js";
import { samples } from "./samples.js";

export function Welcome() {
  return (
    <main class="welcome">
      <div class="welcome-inner">
        <p class="lead">Look inside Torch7 files: every table, object and tensor of a .t7 file.</p>
        <div class="drop-target">
          <p class="drop-hint">Drop a .t7 file anywhere in this window</p>
          <button type="button" class="button primary" onClick={pickFile}>
            Open a file
          </button>
          <p class="quiet">Nothing is uploaded: the file is read on this computer.</p>
        </div>
        <h2 class="samples-title">Or look at a sample</h2>
        <ul class="samples">
          {samples.map((sample) => (
            <li key={sample.file}>
              <button
                type="button"
                class="sample"
                onClick={() => void openUrl(sample.url, sample.file)}
              >
                <span class="sample-title">{sample.title}</span>
                <span class="quiet">{sample.note}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </main>
  );
}
