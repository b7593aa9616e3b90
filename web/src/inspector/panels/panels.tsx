/** The panels that apply to the selected value, as tabs. A new panel is a new row of the table. */

import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";
import type { T7Node } from "../../../../wasm/js/base/api.js";
import { panel } from "../../state/store.js";
import { HistogramPanel } from "./histogram.js";
import { NodeError } from "./node-error.js";
import type { PanelProps } from "./panel.js";
import { StatisticsPanel } from "./statistics.js";

interface Panel {
  title: string;
  supports: (node: T7Node) => boolean;
  component: ComponentType<PanelProps>;
}

/** One that cannot be used has its reason there. */
const hasValues = (node: T7Node) =>
  node.kind === "tensor" && (!node.incomplete || node.error !== undefined);

export const panels: Panel[] = [
  { title: "Statistics", supports: hasValues, component: StatisticsPanel },
  { title: "Histogram", supports: hasValues, component: HistogramPanel },
];

export function Panels({ api, node }: PanelProps) {
  const tabs = useRef<HTMLDivElement>(null);
  const fitting = panels.filter((entry) => entry.supports(node));
  const shown = fitting.find((entry) => entry.title === panel.value) ?? fitting[0];
  if (shown === undefined) return null;
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = (fitting.indexOf(shown) + step + fitting.length) % fitting.length;
    panel.value = fitting[at]?.title ?? shown.title;
    tabs.current?.querySelectorAll("button")[at]?.focus();
  };
  const Shown = shown.component;
  return (
    <div class="panels">
      <div class="tabs" role="tablist" aria-label="Panels" ref={tabs} onKeyDown={onKey}>
        {fitting.map(({ title }) => (
          <button
            type="button"
            class="tab"
            role="tab"
            id={`tab-${title}`}
            key={title}
            aria-selected={title === shown.title}
            aria-controls="panel"
            tabIndex={title === shown.title ? 0 : -1}
            onClick={() => {
              panel.value = title;
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${shown.title}`}>
        {node.error === undefined ? (
          <Shown api={api} node={node} />
        ) : (
          <NodeError error={node.error} />
        )}
      </div>
    </div>
  );
}
