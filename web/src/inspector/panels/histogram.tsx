/** How the values of a tensor are spread: bars, their number, a linear or logarithmic count axis. */

import { useSignal } from "@preact/signals";
import type { TensorHistogram } from "../../../../wasm/js/base/api.js";
import { binChoices, binsFor, binText, onlyValue, totalOf } from "../../plot/plot.js";
import { PlotView } from "../../plot/plot-view.js";
import { useLatest } from "../../state/latest.js";
import { histogramBins, histogramLog } from "../../state/store.js";
import { formatCount, formatValue, messageOf, plural } from "../../words/format.js";
import type { PanelProps } from "./panel.js";
import { statisticsRows } from "./statistics-rows.js";

export function HistogramPanel({ api, node }: PanelProps) {
  const bins = histogramBins.value || binsFor(node.size ?? 0);
  const answer = useLatest((signal) => api.histogram(node, { bins, signal }), [api, node.id, bins]);
  if (node.size === 0) return <p class="words">An empty tensor: it has no elements.</p>;
  return (
    <>
      {answer.state === "here" ? (
        <>
          <Summary api={api} node={node} />
          <Shown histogram={answer.value} />
        </>
      ) : (
        <div class="plot-space with-summary">
          {answer.state === "failed" ? (
            <p class="note warn">{messageOf(answer.error)}</p>
          ) : (
            <p class="quiet note late">Reading…</p>
          )}
        </div>
      )}
      <Controls />
    </>
  );
}

/** The statistics in one line. They are asked for when the histogram is here, not to delay it. */
function Summary({ api, node }: PanelProps) {
  const answer = useLatest((signal) => api.stats(node, { signal }), [api, node.id]);
  const stats = answer.state === "here" ? statisticsRows(answer.value) : [];
  return (
    <ul class="summary numeric">
      {stats
        .filter(({ name }) => inSummary.includes(name))
        .map(({ name, text, exact }) => (
          <li key={name}>
            <span class="quiet">{name}</span> <span title={exact}>{text}</span>
          </li>
        ))}
    </ul>
  );
}

const inSummary = ["min", "max", "mean", "std", "zeros"];

function Shown({ histogram }: { histogram: TensorHistogram }) {
  const hovered = useSignal<number | null>(null);
  const total = totalOf(histogram);
  const constant = onlyValue(histogram);
  const words = sayInWords(histogram, constant, total);
  const bin = hovered.value;
  return (
    <>
      <p class="words">{words}</p>
      {total > 0 && (
        <PlotView
          histogram={histogram}
          log={histogramLog.value}
          label={`Histogram of ${plural(total, "value")}`}
          hovered={bin}
          onHover={(at) => {
            hovered.value = at;
          }}
        />
      )}
      <p class="readout numeric">
        {bin === null ? <Beside histogram={histogram} /> : binText(histogram, bin)}
      </p>
    </>
  );
}

function sayInWords(histogram: TensorHistogram, constant: number | null, total: number): string {
  if (total === 0) return "No element is finite: there is nothing to draw.";
  if (constant === null || total === 1) return "";
  const finite = histogram.nan + histogram.posInf + histogram.negInf === 0 ? "" : "finite ";
  return `Constant: every ${finite}element is ${formatValue(constant)}.`;
}

/** What no bar shows. */
function Beside({ histogram }: { histogram: TensorHistogram }) {
  const counts: Array<[string, number]> = [
    ["NaN", histogram.nan],
    ["+Inf", histogram.posInf],
    ["−Inf", histogram.negInf],
  ];
  return (
    <>
      {counts.map(([name, count]) => (
        <span key={name} class={count > 0 ? "warn" : "quiet"}>
          {name} {formatCount(count)}
        </span>
      ))}
    </>
  );
}

function Controls() {
  return (
    <div class="controls">
      <label>
        bins{" "}
        <select
          value={histogramBins.value}
          onChange={(event) => {
            histogramBins.value = Number(event.currentTarget.value);
          }}
        >
          <option value={0}>as many as fit</option>
          {binChoices.map((count) => (
            <option key={count} value={count}>
              {formatCount(count)}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="choice">
        <legend>count</legend>
        <ScaleChoice log={false} text="linear" />
        <ScaleChoice log={true} text="log" />
      </fieldset>
    </div>
  );
}

function ScaleChoice({ log, text }: { log: boolean; text: string }) {
  return (
    <label>
      <input
        type="radio"
        name="count-scale"
        checked={histogramLog.value === log}
        onChange={() => {
          histogramLog.value = log;
        }}
      />
      <span>{text}</span>
    </label>
  );
}
