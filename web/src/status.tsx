/** The status bar: format and totals of the open file, progress of one that is being opened, warnings. */

import { useSignal } from "@preact/signals";
import type { T7FileApi, T7Format, T7Summary } from "../../wasm/js/api.js";
import { exactBytes, formatBytes, formatCount, plural } from "./format.js";
import { whatHappened, whereText } from "./problem.js";
import type { Session } from "./session.js";
import { type Loading, loading, session } from "./store.js";

export function StatusBar() {
  const busy = loading.value;
  const open = session.value;
  return (
    <footer class="status-area">
      <div class="status">
        {busy !== null ? (
          <LoadingStatus busy={busy} />
        ) : (
          open !== null && <FileStatus open={open} />
        )}
        <span class="status-end">stays on this computer</span>
      </div>
    </footer>
  );
}

function LoadingStatus({ busy }: { busy: Loading }) {
  const { progress } = busy;
  const total = progress?.byteLength ?? busy.byteLength;
  const position = progress?.position ?? 0;
  return (
    <>
      <span class="status-item">Reading {busy.name}</span>
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

function FileStatus({ open }: { open: Session }) {
  const { format, summary, error } = open.api;
  return (
    <>
      <span class="status-item" title={format.evidence.join("\n")}>
        {formatText(format)}
      </span>
      <span class="status-item numeric" title={exactBytes(summary.byteLength)}>
        {summaryText(summary)}
      </span>
      {error !== null && <span class="status-item incomplete-mark">incomplete</span>}
      <Warnings key={open} api={open.api} />
    </>
  );
}

export function formatText(format: T7Format): string {
  const parts: string[] = [format.encoding === "ascii" ? "text" : "binary"];
  if (format.byteOrder !== null) parts.push(`${format.byteOrder} endian`);
  if (format.longSize !== null) parts.push(`${format.longSize}-byte longs`);
  if (format.gzip) parts.push("unpacked from gzip");
  return parts.join(" · ");
}

export function summaryText(summary: T7Summary): string {
  const objects = plural(summary.objects, "object");
  return `${objects} · ${plural(summary.tensors, "tensor")} · ${formatBytes(summary.byteLength)}`;
}

/** More than these would be a page of its own; the count says how many there are. */
const shownWarnings = 200;

function Warnings({ api }: { api: T7FileApi }) {
  const unfolded = useSignal(false);
  const { warnings } = api;
  if (warnings.length === 0) return null;
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-expanded={unfolded.value}
        onClick={() => {
          unfolded.value = !unfolded.value;
        }}
      >
        {plural(warnings.length, "warning")}
      </button>
      {unfolded.value && (
        <section class="warnings" aria-label="Warnings">
          <ul>
            {warnings.slice(0, shownWarnings).map((warning, i) => (
              <li key={i}>
                <span title={warning.hint ?? undefined}>{whatHappened(warning)}</span>
                <span class="quiet">{whereText(warning, "")}</span>
              </li>
            ))}
          </ul>
          {warnings.length > shownWarnings && (
            <p class="quiet">and {formatCount(warnings.length - shownWarnings)} more</p>
          )}
        </section>
      )}
    </>
  );
}
