/** How the values of a tensor are spread: bars, their number, a linear or logarithmic count axis. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { TensorHistogram, TensorSummary } from "../../../../wasm/js/base/api.js";
import { binChoices, binText, totalOf } from "../../plot/plot.js";
import { PlotView } from "../../plot/plot-view.js";
import { copyText } from "../../state/clipboard.js";
import { useLatest } from "../../state/latest.js";
import { histogramBins, histogramLog } from "../../state/store.js";
import { formatCount, formatValue, messageOf, plural } from "../../words/format.js";
import { binsOf, histogramText, rangeFrom } from "./histogram-bins.js";
import type { PanelProps } from "./panel.js";
import { statisticsRows } from "./statistics-rows.js";

export function HistogramPanel({ api, node }: PanelProps) {
  const chosen = useSignal<{ id: number; range: [number, number] | null }>({ id: -1, range: null });
  const range = chosen.value.id === node.id ? chosen.value.range : null;
  const summary = useLatest((signal) => api.summary(node, { signal }), [api, node.id]);
  const known = summary.state === "here" ? summary.value : null;
  const isWhole = node.dtype?.includes("int") === true;
  const wanted = known && binsOf(known, isWhole, histogramBins.value, range);
  const answer = useLatest(
    async (signal) => (wanted === null ? null : api.histogram(node, { ...wanted, signal })),
    [api, node.id, wanted?.bins, wanted?.range[0], wanted?.range[1]],
  );
  if (node.size === 0) return <p class="words">An empty tensor: it has no elements.</p>;
  const choose = (next: [number, number] | null) => {
    chosen.value = { id: node.id, range: next };
  };
  const failure =
    summary.state === "failed" ? summary.error : answer.state === "failed" ? answer.error : null;
  return (
    <>
      {known !== null && answer.state === "here" ? (
        <>
          <Summary summary={known} />
          <Shown
            summary={known}
            histogram={answer.value}
            isPart={range !== null}
            onRange={choose}
          />
        </>
      ) : (
        <div class="plot-space with-summary">
          {failure !== null ? (
            <p class="note warn">{messageOf(failure)}</p>
          ) : (
            <p class="quiet note late">Reading…</p>
          )}
        </div>
      )}
      <Controls
        key={node.id}
        histogram={answer.state === "here" ? answer.value : null}
        isPart={range !== null}
        onRange={choose}
      />
    </>
  );
}

/** The statistics in one line. */
function Summary({ summary }: { summary: TensorSummary }) {
  return (
    <ul class="summary numeric">
      {statisticsRows(summary)
        .filter(({ name }) => inSummary.includes(name))
        .map(({ name, text, exact }) => (
          <li key={name}>
            <span class="quiet">{name}</span> <span title={exact}>{text}</span>
          </li>
        ))}
      {summary.quantiles.p50 !== null && (
        <li title="Marked below: 1, 25, 50, 75 and 99 of 100 elements lie below">
          <span class="quiet">median</span> {formatValue(summary.quantiles.p50, 5)}
        </li>
      )}
    </ul>
  );
}

const inSummary = ["min", "max", "mean", "std", "zeros"];

interface ShownProps {
  summary: TensorSummary;
  /** `null` where no element is finite. */
  histogram: TensorHistogram | null;
  /** Only a part of the values is looked at. */
  isPart: boolean;
  onRange: (range: [number, number]) => void;
}

function Shown({ summary, histogram, isPart, onRange }: ShownProps) {
  const hovered = useSignal<number | null>(null);
  const { min, max, count } = summary;
  if (histogram === null || min === null) {
    return <p class="words">No element is finite: there is nothing to draw.</p>;
  }
  if (min === max && count > 1) return <p class="words">{constantText(summary)}</p>;
  const total = totalOf(histogram);
  const bin = hovered.value;
  const words = isPart ? `${formatCount(total)} of ${plural(count, "value")}` : "";
  const marks = Object.values(summary.quantiles).filter((value) => value !== null);
  return (
    <>
      <p class="words">{words}</p>
      <PlotView
        histogram={histogram}
        log={histogramLog.value}
        label={`Histogram of ${plural(total, "value")}`}
        marks={marks}
        hovered={bin}
        onHover={(at) => {
          hovered.value = at;
        }}
        onRange={onRange}
      />
      <p class="readout numeric">
        {bin === null ? <Beside histogram={histogram} /> : binText(histogram, bin)}
      </p>
    </>
  );
}

function constantText({ min, nan, posInf, negInf }: TensorSummary): string {
  const finite = nan + posInf + negInf === 0 ? "" : "finite ";
  return `Constant: every ${finite}element is ${formatValue(min)}.`;
}

/** What no bar shows. */
function Beside({ histogram }: { histogram: TensorHistogram }) {
  const counts: Array<[string, number]> = [
    ["NaN", histogram.nan],
    ["+Inf", histogram.posInf],
    ["−Inf", histogram.negInf],
    ...(histogram.below + histogram.above > 0
      ? ([
          ["below", histogram.below],
          ["above", histogram.above],
        ] as Array<[string, number]>)
      : []),
  ];
  return (
    <>
      {counts.map(([name, count]) => (
        <span key={name} class={count > 0 && /NaN|Inf/.test(name) ? "warn" : "quiet"}>
          {name} {formatCount(count)}
        </span>
      ))}
    </>
  );
}

interface ControlsProps {
  histogram: TensorHistogram | null;
  isPart: boolean;
  onRange: (range: [number, number] | null) => void;
}

function Controls({ histogram, isPart, onRange }: ControlsProps) {
  const said = useSignal("");
  const from = useRef<HTMLInputElement>(null);
  const to = useRef<HTMLInputElement>(null);
  const typed = () => {
    const range = rangeFrom(from.current?.value ?? "", to.current?.value ?? "");
    if (range !== null) onRange(range);
  };
  const edge = (at: number) =>
    histogram === null ? "" : String(Number((histogram.edges.at(at) ?? 0).toPrecision(6)));
  const copy = async () => {
    if (histogram === null) return;
    const done = await copyText(histogramText(histogram));
    said.value = done ? `Copied ${plural(histogram.counts.length, "bin")}` : "Not allowed to copy";
  };
  return (
    <div class="controls">
      <label>
        from{" "}
        <input
          class="range-end"
          ref={from}
          key={`from ${edge(0)}`}
          defaultValue={edge(0)}
          onChange={typed}
        />
      </label>
      <label>
        to{" "}
        <input
          class="range-end"
          ref={to}
          key={`to ${edge(-1)}`}
          defaultValue={edge(-1)}
          onChange={typed}
        />
      </label>
      {isPart && (
        <button type="button" class="button" onClick={() => onRange(null)}>
          All values
        </button>
      )}
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
      <button type="button" class="button" onClick={() => void copy()}>
        Copy
      </button>
      <span class="quiet" aria-live="polite">
        {said.value || "Drag over the bars to look closer."}
      </span>
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
