/** The status bar of an open file: format, totals, warnings; what its buttons unfold. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { T7Format, T7Totals } from "../../../wasm/js/base/api.js";
import { SchemaForm } from "../opening/schema-form.js";
import type { OpenFile } from "../state/open-file.js";
import { isFileOrder, setFileOrder } from "../state/order.js";
import { exactBytes, formatBytes, plural } from "../words/format.js";
import { WarningList } from "./warnings.js";

export function FileStatus({ open }: { open: OpenFile }) {
  const { format, totals, error, roots, warnings } = open.file;
  open.version.value;
  const unfolded = useSignal<"" | "format" | "warnings">("");
  const toggle = (part: "format" | "warnings") => {
    unfolded.value = unfolded.value === part ? "" : part;
  };
  const close = () => {
    unfolded.value = "";
  };
  return (
    <>
      <button
        type="button"
        class="status-button"
        aria-expanded={unfolded.value === "format"}
        title="Why we believe so, and reading it in another way"
        onClick={() => toggle("format")}
      >
        {formatText(format)}
      </button>
      {roots.length > 1 && <span class="status-item numeric">{plural(roots.length, "value")}</span>}
      <span class="status-item numeric wide-only" title={exactBytes(totals.byteLength)}>
        {totalsText(totals)}
      </span>
      {(open.hasModules || isFileOrder.value) && <OrderSwitch open={open} />}
      {error !== null && <span class="status-item incomplete-mark">incomplete</span>}
      {warnings.length > 0 && (
        <button
          type="button"
          class="button small"
          aria-expanded={unfolded.value === "warnings"}
          onClick={() => toggle("warnings")}
        >
          {plural(warnings.length, "warning")}
        </button>
      )}
      {unfolded.value === "format" && (
        <Fold label="Format" onClose={close}>
          <Evidence format={format} />
          <SchemaForm picked={open.picked} />
        </Fold>
      )}
      {unfolded.value === "warnings" && (
        <Fold label="Warnings" onClose={close}>
          <WarningList openFile={open} />
        </Fold>
      )}
    </>
  );
}

/** Modules and weights first, or the fields as they are in the file. */
function OrderSwitch({ open }: { open: OpenFile }) {
  return (
    <button
      type="button"
      class="status-button wide-only"
      aria-pressed={isFileOrder.value}
      title="Show the fields of modules as they are in the file"
      onClick={() => {
        setFileOrder(!isFileOrder.value);
        void open.reorder();
      }}
    >
      {isFileOrder.value ? "✓ " : ""}file’s own order
    </button>
  );
}

interface FoldProps {
  label: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** What a button of the bar unfolds above it. */
function Fold({ label, onClose, children }: FoldProps) {
  return (
    <section
      class="fold"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      {children}
    </section>
  );
}

function Evidence({ format }: { format: T7Format }) {
  return (
    <ul class="evidence">
      {format.evidence.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

export function formatText(format: T7Format): string {
  const parts: string[] = [format.encoding === "ascii" ? "text" : "binary"];
  if (format.byteOrder !== null) parts.push(`${format.byteOrder} endian`);
  if (format.longSize !== null) parts.push(`${format.longSize}-byte longs`);
  if (format.gzip) parts.push("unpacked from gzip");
  return parts.join(" · ");
}

export function totalsText(totals: T7Totals): string {
  const objects = plural(totals.objects, "object");
  return `${objects} · ${plural(totals.tensors, "tensor")} · ${formatBytes(totals.byteLength)}`;
}
