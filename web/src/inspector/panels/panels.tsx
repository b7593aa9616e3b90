/** The panels that apply to the selected value, as tabs. A new panel is a new row of the table. */

import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";
import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import { useLatest } from "../../state/latest.js";
import { panel } from "../../state/store.js";
import { isContainer, isLayer } from "../../words/describe.js";
import { messageOf } from "../../words/format.js";
import { choosePanel, chosenPanel } from "./chosen.js";
import { isMixture } from "./mixture.js";
import { NodeError } from "./node-error.js";
import type { PanelProps } from "./panel.js";
import { picturesOf } from "./pixels.js";

interface Panel {
  title: string;
  /** How well it says what the value is; 0 where it has nothing to show. The best opens by itself. */
  rank: (node: T7Node) => number;
  /** Where only the value's beginning tells: whether it applies. */
  probe?: (api: T7FileApi, node: T7Node, signal: AbortSignal) => Promise<boolean>;
  /** Its code comes when it is first shown. */
  load: () => Promise<ComponentType<PanelProps>>;
}

/** One that cannot be used has its reason there. */
const hasValues = (node: T7Node) =>
  node.kind === "tensor" && (!node.incomplete || node.error !== undefined);

const hasElements = (node: T7Node) =>
  hasValues(node) || (node.kind === "storage" && !node.incomplete);

const when = (applies: boolean, rank: number) => (applies ? rank : 0);

/** Pictures that a person would recognise: bytes, or three channels. */
function imageRank(node: T7Node): number {
  const pictures = picturesOf(node);
  if (pictures === null) return 0;
  return node.dtype === "uint8" || (pictures.channels === 3 && pictures.height >= 16) ? 80 : 15;
}

const mayBePicture = ({ kind, shape, dtype, size = 0 }: T7Node) =>
  kind === "string" ||
  kind === "bytes" ||
  (size > 16 && shape?.length === 1 && /int8/.test(dtype ?? ""));

const isMatrix = (node: T7Node) => hasValues(node) && (node.shape?.length ?? 0) >= 2;

export const panels: Panel[] = [
  {
    title: "Picture",
    rank: (node) => when(mayBePicture(node), 90),
    probe: async (...args) => (await import("./picture.js")).isPicture(...args),
    load: async () => (await import("./picture.js")).PicturePanel,
  },
  { title: "Image", rank: imageRank, load: async () => (await import("./image.js")).ImagePanel },
  {
    title: "Overview",
    rank: (node) => when(isContainer(node) && !node.incomplete, 75),
    load: async () => (await import("./overview.js")).OverviewPanel,
  },
  {
    title: "Printed",
    rank: (node) => when(isLayer(node) && !node.incomplete, 70),
    load: async () => (await import("./printed.js")).PrintedPanel,
  },
  {
    title: "Summary",
    rank: (node) => when(isMixture(node), 58),
    load: async () => (await import("./summary.js")).SummaryPanel,
  },
  {
    title: "Statistics",
    rank: (node) => when(hasValues(node), 40),
    load: async () => (await import("./statistics.js")).StatisticsPanel,
  },
  {
    title: "Histogram",
    rank: (node) => when(hasValues(node), 50),
    load: async () => (await import("./histogram.js")).HistogramPanel,
  },
  {
    title: "Values",
    rank: (node) => when(hasElements(node), 30),
    load: async () => (await import("./values.js")).ValuesPanel,
  },
  {
    title: "Line",
    rank: (node) => when(hasElements(node) && node.shape?.length === 1 && (node.size ?? 0) > 1, 20),
    load: async () => (await import("./line.js")).LinePanel,
  },
  {
    title: "Table",
    rank: (node) => when(node.kind === "table" && !node.incomplete && (node.count ?? 0) > 1, 60),
    probe: async (api, node, signal) =>
      (await (await import("./records.js")).recordsOf(api, node, signal)) !== null,
    load: async () => (await import("./table.js")).TablePanel,
  },
  {
    title: "Curve",
    rank: (node) => when(node.kind === "table" && node.list === true && (node.count ?? 0) > 2, 55),
    probe: async (...args) => (await import("./line.js")).isSeries(...args),
    load: async () => (await import("./line.js")).LinePanel,
  },
  {
    title: "Heat map",
    rank: (node) => when(isMatrix(node) && !node.error, 25),
    load: async () => (await import("./heat-map.js")).HeatMapPanel,
  },
];

export function Panels({ api, node }: PanelProps) {
  const tabs = useRef<HTMLDivElement>(null);
  const probed = useLatest((signal) => probedPanels(api, node, signal), [api, node.id]);
  const known = probed.state === "here" ? probed.value : new Set<Panel>();
  const fitting = panels.filter(
    (entry) => entry.rank(node) > 0 && (entry.probe === undefined || known.has(entry)),
  );
  const best = fitting.reduce<Panel | undefined>(
    (a, b) => (a === undefined || b.rank(node) > a.rank(node) ? b : a),
    undefined,
  );
  if (best === undefined) return null;
  const title = chosenPanel(best.title);
  const shown = fitting.find((entry) => entry.title === title) ?? best;
  const choose = (entry: Panel) => choosePanel(best.title, entry.title);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = (fitting.indexOf(shown) + step + fitting.length) % fitting.length;
    choose(fitting[at] ?? shown);
    tabs.current?.querySelectorAll("button")[at]?.focus();
  };
  panel.value;
  return (
    <div class="panels">
      <div class="tabs" role="tablist" aria-label="Panels" ref={tabs} onKeyDown={onKey}>
        {fitting.map((entry) => (
          <button
            type="button"
            class="tab"
            role="tab"
            id={`tab-${entry.title}`}
            key={entry.title}
            aria-selected={entry === shown}
            aria-controls="panel"
            tabIndex={entry === shown ? 0 : -1}
            onClick={() => choose(entry)}
          >
            {entry.title}
          </button>
        ))}
      </div>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${shown.title}`}>
        {node.error === undefined ? (
          <Shown key={shown.title} entry={shown} api={api} node={node} />
        ) : (
          <NodeError error={node.error} />
        )}
      </div>
    </div>
  );
}

async function probedPanels(
  api: T7FileApi,
  node: T7Node,
  signal: AbortSignal,
): Promise<Set<Panel>> {
  const found = new Set<Panel>();
  for (const entry of panels) {
    if (entry.probe && entry.rank(node) > 0 && (await entry.probe(api, node, signal)))
      found.add(entry);
  }
  return found;
}

function Shown({ entry, api, node }: PanelProps & { entry: Panel }) {
  const answer = useLatest(() => entry.load(), [entry]);
  if (answer.state === "waiting") return null;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const Component = answer.value;
  return <Component api={api} node={node} />;
}
