/** Statistics over all elements of a tensor. */

import { useLatest } from "../../state/latest.js";
import { messageOf } from "../../words/format.js";
import type { PanelProps } from "./panel.js";
import { statisticsRows, statisticsWords } from "./statistics-rows.js";

export function StatisticsPanel({ api, node }: PanelProps) {
  const answer = useLatest((signal) => api.stats(node, { signal }), [api, node.id]);
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const stats = answer.value;
  return (
    <>
      <p class="words">{statisticsWords(stats)}</p>
      <dl class="stats">
        {statisticsRows(stats).map((row) => (
          <div key={row.name} class={row.notFinite ? "warn" : undefined}>
            <dt>{row.name}</dt>
            <dd title={row.exact}>
              {row.text}
              {row.share !== undefined && <span class="quiet"> {row.share}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
