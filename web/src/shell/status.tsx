/** The status bar: what is known of the open file, or the progress of one that is being opened. */

import { useLatest } from "../state/latest.js";
import type { OpenFile } from "../state/open-file.js";
import { type Loading, loadings, openFile } from "../state/store.js";
import { formatBytes, formatCount, plural } from "../words/format.js";

export function StatusBar() {
  const busy = loadings.value.at(-1);
  const open = openFile.value;
  return (
    <footer class="status-area">
      <div class="status">
        {busy !== undefined ? (
          <LoadingStatus busy={busy} others={loadings.value.length - 1} />
        ) : (
          open !== null && <Status key={open} open={open} />
        )}
        <span class="status-end">stays on this computer</span>
      </div>
    </footer>
  );
}

function LoadingStatus({ busy, others }: { busy: Loading; others: number }) {
  const { progress } = busy;
  const total = progress?.byteLength ?? busy.byteLength;
  const position = progress?.position ?? 0;
  return (
    <>
      <span class="status-item">
        Reading <bdi>{busy.name}</bdi>
        {others > 0 && ` and ${formatCount(others)} more`}
      </span>
      <progress class="progress" max={Math.max(1, total)} value={position} aria-label="Progress" />
      <span class="status-item numeric">
        {formatBytes(position)} of {formatBytes(total)}
      </span>
      {progress !== null && (
        <span class="status-item numeric wide-only">{plural(progress.values, "value")}</span>
      )}
      <button type="button" class="button small" onClick={busy.cancel}>
        Cancel
      </button>
    </>
  );
}

/** Comes with the first file. */
function Status({ open }: { open: OpenFile }) {
  const answer = useLatest(() => import("./file-status.js"), []);
  if (answer.state !== "here") return null;
  const { FileStatus } = answer.value;
  return <FileStatus open={open} />;
}
