/** The parameters of a network: how many, how large, how their values are. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { T7FileApi, T7Node, TensorSummary } from "../../../../wasm/js/base/api.js";
import {
  type NetworkShapes,
  type Parameter,
  parametersOf,
  shapesOf,
} from "../../../../wasm/js/worker/client.js";
import { Sparkline } from "../../plot/sparkline.js";
import { sparkOf } from "../../rows/sparks.js";
import { copyText } from "../../state/clipboard.js";
import { useLatest } from "../../state/latest.js";
import { openFile } from "../../state/store.js";
import {
  formatBytes,
  formatCount,
  formatShape,
  formatShare,
  formatValue,
  messageOf,
  plural,
} from "../../words/format.js";
import { networkSentence, shapeWords } from "./network-words.js";
import { type Column, columns, type OverviewRow, sorted, textOf } from "./overview-rows.js";
import type { PanelProps } from "./panel.js";

/** Rows that are drawn: more are rare, and the command lists them all. */
const mostRows = 2000;

export function OverviewPanel({ api, node }: PanelProps) {
  const answer = useLatest((signal) => parametersOf(api, node, { signal }), [api, node.id]);
  const base = useLatest((signal) => api.path(node, { signal }), [api, node.id]);
  const shapes = useLatest((signal) => shapesOf(api, node, { signal }), [api, node.id]);
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  if (answer.state === "waiting" || base.state !== "here") {
    return <p class="quiet note late">Reading…</p>;
  }
  return (
    <Rows
      key={node.id}
      api={api}
      parameters={answer.value}
      base={base.value}
      shapes={shapes.state === "here" ? shapes.value : null}
    />
  );
}

interface RowsProps {
  api: T7FileApi;
  parameters: Parameter[];
  base: string;
  /** `null` until they are known. */
  shapes: NetworkShapes | null;
}

function Rows({ api, parameters, base, shapes }: RowsProps) {
  const stats = useSignal<ReadonlyMap<number, TensorSummary>>(new Map());
  const order = useSignal<{ column: Column["name"]; down: boolean } | null>(null);
  const said = useSignal("");
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const nodes = parameters.slice(0, mostRows).map(({ node }) => node);
    const onEach = ({ id }: T7Node, summary: TensorSummary | null) => {
      if (summary !== null) stats.value = new Map(stats.value).set(id, summary);
    };
    // What cannot be read keeps an empty row; the inspector says why.
    api.summaries(nodes, { signal, onEach }).catch(() => {});
    return () => stop.abort();
  }, [api, parameters]);
  const total = parameters.reduce((sum, { node }) => sum + (node.size ?? 0), 0);
  const bytes = parameters.reduce((sum, { node }) => sum + (node.byteLength ?? 0), 0);
  const outputs = new Map(shapes?.modules.map(({ path, output }) => [path, shapeWords(output)]));
  const sentence = shapes === null ? "" : networkSentence(shapes);
  const rows = parameters.slice(0, mostRows).map(
    ({ path, node }): OverviewRow => ({
      id: node.id,
      path: path.startsWith(base) ? path.slice(base.length).replace(/^\./, "") || path : path,
      node,
      out: outputs.get(path.slice(0, path.lastIndexOf("."))) ?? "",
      share: total === 0 ? 0 : (node.size ?? 0) / total,
      stats: stats.value.get(node.id) ?? null,
    }),
  );
  const shown = order.value === null ? rows : sorted(rows, order.value.column, order.value.down);
  const bad = rows.filter(
    (row) => row.stats !== null && row.stats.nan + row.stats.posInf + row.stats.negInf > 0,
  );
  const copy = async (separator: "\t" | " | ") => {
    const done = await copyText(textOf(shown, separator));
    said.value = done ? `Copied ${plural(shown.length, "row")}` : "Not allowed to copy";
  };
  return (
    <>
      <p class="words numeric">
        <strong>{plural(total, "parameter")}</strong> in {plural(parameters.length, "tensor")},{" "}
        {formatBytes(bytes)}
        {sentence !== "" && <> · {sentence}</>}
        {bad.length > 0 && (
          <span class="warn"> · {plural(bad.length, "tensor")} with NaN or infinite values</span>
        )}
      </p>
      <div class="overview">
        <table class="numeric">
          <thead>
            <tr>
              {columns.flatMap(({ name, title, isText }) => [
                name === "mean" && (
                  <th key="values" scope="col">
                    values
                  </th>
                ),
                <th
                  key={name}
                  scope="col"
                  class={isText ? "" : "number"}
                  aria-sort={
                    order.value?.column !== name
                      ? "none"
                      : order.value.down
                        ? "descending"
                        : "ascending"
                  }
                >
                  <button
                    type="button"
                    class="head"
                    onClick={() => {
                      const same = order.value?.column === name;
                      order.value =
                        same && !order.value?.down ? null : { column: name, down: !same };
                    }}
                  >
                    {title}
                    {order.value?.column === name && (order.value.down ? " ↓" : " ↑")}
                  </button>
                </th>,
              ])}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="readout">
        {parameters.length > mostRows && (
          <span class="quiet">the first {formatCount(mostRows)}; `torchfile stats` has all</span>
        )}
        <button type="button" class="button" onClick={() => void copy("\t")}>
          Copy
        </button>
        <button type="button" class="button" onClick={() => void copy(" | ")}>
          Copy as Markdown
        </button>
        <span class="quiet" aria-live="polite">
          {said.value}
        </span>
      </p>
    </>
  );
}

/** `[5][1].weight`: which list of modules it is goes without saying. */
const shortPath = (path: string) => path.replace(/\.?\bmodules(?=\[)/g, "");

function Row({ row: { path, node, out, share, stats } }: { row: OverviewRow }) {
  const number = (value: number | bigint | null | undefined) =>
    value === undefined ? "" : formatValue(value, 4);
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="link"
          title={path}
          onClick={() => void openFile.value?.reveal(node.id)}
        >
          <bdi>{shortPath(path)}</bdi>
        </button>
      </th>
      <td>{node.dtype}</td>
      <td>{formatShape(node.shape ?? [])}</td>
      <td class="number share" style={{ "--share": `${(100 * share).toFixed(2)}%` }}>
        {formatCount(node.size ?? 0)}
      </td>
      <td class="number">{out}</td>
      <td>{stats && <Sparkline spark={sparkOf(stats)} />}</td>
      <td class="number">{number(stats?.mean)}</td>
      <td class="number">{number(stats?.std)}</td>
      <td class="number">{number(stats?.min)}</td>
      <td class="number">{number(stats?.max)}</td>
      <td class="number">{stats && formatShare(stats.zeros, stats.count)}</td>
      <td class={stats && stats.nan > 0 ? "number warn" : "number"}>
        {stats && formatCount(stats.nan)}
      </td>
    </tr>
  );
}
