/** A network as Torch prints it, foldable, with the parameters and the output of each module beside it. */

import { useSignal } from "@preact/signals";
import {
  type NetworkShape,
  type NetworkShapes,
  type Parameter,
  parametersOf,
  printModule,
  shapesOf,
} from "../../../../wasm/js/worker/client.js";
import { copyText } from "../../state/clipboard.js";
import { useLatest } from "../../state/latest.js";
import { openFile } from "../../state/store.js";
import { formatCount, messageOf } from "../../words/format.js";
import { networkSentence, shapeWords } from "./network-words.js";
import type { PanelProps } from "./panel.js";
import { classOf, linesOf, type PrintedLine } from "./printed-lines.js";

/** More lines in the document make a page slow. */
const mostLines = 5000;

/** Lines beside which something is said. */
const mostFacts = 2000;

export function PrintedPanel({ api, node }: PanelProps) {
  const answer = useLatest((signal) => printModule(api, node, { signal }), [api, node.id]);
  const known = useLatest(
    async (signal): Promise<Known> => {
      const root = await api.path(node, { signal });
      const lines = linesOf(await printModule(api, node, { signal }), root);
      const modules = new Set<string>();
      // A few classes print what is not in their `modules`: nothing is said of such lines.
      for (const line of lines.filter(({ path }) => path !== "").slice(0, mostFacts)) {
        const there = await api.node(line.path, { signal });
        if (there?.typename === classOf(line)) modules.add(line.path);
      }
      return {
        root,
        modules,
        parameters: await parametersOf(api, node, { signal }),
        shapes: await shapesOf(api, node, { signal }),
      };
    },
    [api, node.id],
  );
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const extra = known.state === "here" ? known.value : null;
  return (
    <>
      {extra !== null && <p class="words numeric">{networkSentence(extra.shapes)}</p>}
      <Lines key={node.id} text={answer.value} known={extra} />
      <Copy text={answer.value} />
    </>
  );
}

/** What is said beside the lines. */
interface Known {
  /** Path of the network. */
  root: string;
  /** Paths of modules that are printed with their own class. */
  modules: ReadonlySet<string>;
  parameters: Parameter[];
  shapes: NetworkShapes;
}

function Lines({ text, known }: { text: string; known: Known | null }) {
  const folded = useSignal<ReadonlySet<number>>(new Set());
  const lines = linesOf(text, known?.root ?? "");
  const outputs = new Map(known?.shapes.modules.map((module) => [module.path, module]));
  const rows: number[] = [];
  for (let at = 0; at < lines.length && rows.length < mostLines; at += 1) {
    rows.push(at);
    if (folded.value.has(at)) at = (lines[at] as PrintedLine).end;
  }
  const toggle = (at: number) => {
    const next = new Set(folded.value);
    if (!next.delete(at)) next.add(at);
    folded.value = next;
  };
  return (
    <>
      <div class="printed-lines numeric">
        {rows.map((at) => {
          const line = lines[at] as PrintedLine;
          const isFolded = folded.value.has(at);
          return (
            <div key={at} class="printed-line">
              {line.end > at ? (
                <button
                  type="button"
                  class="fold-line"
                  aria-expanded={!isFolded}
                  aria-label={`Lines of ${line.text.trim()}`}
                  onClick={() => toggle(at)}
                >
                  {isFolded ? "▸" : "▾"}
                </button>
              ) : (
                <span class="fold-line" />
              )}
              <code>{isFolded ? `${line.text} … }` : line.text}</code>
              {known?.modules.has(line.path) && (
                <Facts path={line.path} known={known} shape={outputs.get(line.path)?.output} />
              )}
            </div>
          );
        })}
      </div>
      {rows.length === mostLines && <p class="quiet note">and more; copy it to have it all</p>}
    </>
  );
}

interface FactsProps {
  path: string;
  known: Known;
  shape: NetworkShape | undefined;
}

function Facts({ path, known, shape }: FactsProps) {
  const count = known.parameters.reduce(
    (sum, parameter) =>
      parameter.path.startsWith(`${path}.`) ? sum + (parameter.node.size ?? 0) : sum,
    0,
  );
  const go = () => void openFile.value?.goTo(path);
  return (
    <span class="printed-facts quiet">
      {count > 0 && <span title="Parameters">{formatCount(count)}</span>}
      {shape !== undefined && <span title="Shape of the output">{shapeWords(shape)}</span>}
      <button type="button" class="link" onClick={go} aria-label={`Go to ${path}`}>
        ›
      </button>
    </span>
  );
}

function Copy({ text }: { text: string }) {
  const copied = useSignal("");
  return (
    <p class="readout">
      <button
        type="button"
        class="button"
        onClick={() => {
          void copyText(text).then((done) => {
            copied.value = done ? "Copied" : "Not allowed to copy";
          });
        }}
      >
        Copy
      </button>
      <span class="quiet" aria-live="polite">
        {copied.value}
      </span>
    </p>
  );
}
