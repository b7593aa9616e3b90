/** A list of records, or columns of one length, as a table, a page at a time. */

import { useSignal } from "@preact/signals";
import { useLatest } from "../../state/latest.js";
import { openFile } from "../../state/store.js";
import { formatCount, messageOf, plural } from "../../words/format.js";
import type { PanelProps } from "./panel.js";
import { type Cell, type Page, pageRows, type Records, recordsOf } from "./records.js";

export function TablePanel({ api, node }: PanelProps) {
  const answer = useLatest((signal) => recordsOf(api, node, signal), [api, node.id]);
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  return answer.value && <Pages key={node.id} records={answer.value} />;
}

function Pages({ records }: { records: Records }) {
  const first = useSignal(0);
  const answer = useLatest((signal) => records.page(first.value, signal), [records, first.value]);
  const last = Math.min(records.count, first.value + pageRows);
  const go = (row: number) => {
    const most = Math.max(0, Math.floor((records.count - 1) / pageRows) * pageRows);
    first.value = Math.max(0, Math.min(most, Math.floor(row / pageRows) * pageRows));
  };
  return (
    <>
      <p class="words numeric">{plural(records.count, "row")}</p>
      {answer.state === "failed" && <p class="note warn">{messageOf(answer.error)}</p>}
      {answer.state === "here" ? (
        <Rows page={answer.value} first={first.value} />
      ) : (
        <div class="overview records" />
      )}
      {records.count > pageRows && (
        <p class="readout numeric">
          <button
            type="button"
            class="button"
            disabled={first.value === 0}
            onClick={() => go(first.value - pageRows)}
          >
            Previous
          </button>
          <button
            type="button"
            class="button"
            disabled={last >= records.count}
            onClick={() => go(first.value + pageRows)}
          >
            Next
          </button>
          <span>
            {formatCount(first.value + 1)} – {formatCount(last)} of {formatCount(records.count)}
          </span>
          <label>
            row{" "}
            <input
              type="number"
              min={1}
              max={records.count}
              value={first.value + 1}
              onChange={(event) => go(Math.trunc(Number(event.currentTarget.value)) - 1 || 0)}
            />
          </label>
        </p>
      )}
    </>
  );
}

function Rows({ page: { columns, rows }, first }: { page: Page; first: number }) {
  return (
    <div class="overview records">
      <table class="numeric">
        <thead>
          <tr>
            <th scope="col" class="number">
              #
            </th>
            {columns.map((name) => (
              <th key={name} scope="col">
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={first + at}>
              <th scope="row" class="number">
                <Link cell={{ text: formatCount(first + at + 1), id: row.id }} />
              </th>
              {columns.map((name, column) => (
                <td key={name}>{row.cells[column] && <Link cell={row.cells[column] as Cell} />}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Leads to the value where it has a row in the tree. */
function Link({ cell: { text, id } }: { cell: Cell }) {
  if (id === null) return <bdi>{text}</bdi>;
  return (
    <button type="button" class="cell-link" onClick={() => void openFile.value?.reveal(id)}>
      <bdi>{text}</bdi>
    </button>
  );
}
