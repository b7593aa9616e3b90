/** What a table of mixed things holds: a card for each entry, the most telling first. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import { parametersOf, shapesOf } from "../../../../wasm/js/worker/client.js";
import { Sparkline } from "../../plot/sparkline.js";
import { canHaveSpark, sparkOf } from "../../rows/sparks.js";
import { useLatest } from "../../state/latest.js";
import { openFile } from "../../state/store.js";
import { describe } from "../../words/describe.js";
import {
  formatBytes,
  formatCount,
  formatShape,
  formatValue,
  messageOf,
  plural,
} from "../../words/format.js";
import { networkSentence } from "./network-words.js";
import type { PanelProps } from "./panel.js";
import { guessRange, pictureSlice, picturesOf, pixelsOf, rangeOf } from "./pixels.js";
import { type Card, cardsOf, kindOf, mostCards } from "./recognise.js";

export function SummaryPanel({ api, node }: PanelProps) {
  const answer = useLatest((signal) => cardsOf(api, node, signal), [api, node.id]);
  if (answer.state === "waiting") return <p class="quiet note late">Reading…</p>;
  if (answer.state === "failed") return <p class="note warn">{messageOf(answer.error)}</p>;
  const cards = answer.value;
  const values = cards.filter((card) => card.is === "value");
  const kind = kindOf(cards);
  const rest = (node.count ?? 0) - mostCards;
  return (
    <>
      {kind !== "" && (
        <p class="words">
          <strong>{kind}</strong>
          {wordsOf(cards).map((words) => ` · ${words}`)}
        </p>
      )}
      <div class="cards">
        {values.length > 0 && <ValuesCard nodes={values.map((card) => card.node)} />}
        {cards
          .filter((card) => card.is !== "value")
          .map((card) => (
            <CardView key={card.node.id} api={api} card={card} />
          ))}
      </div>
      {rest > 0 && <p class="quiet note">and {formatCount(rest)} more in the tree</p>}
    </>
  );
}

/** How far a training is, and what there is of it. */
function wordsOf(cards: readonly Card[]): string[] {
  const told = /^(epoch|iter|iteration|step|.*(loss|acc|accuracy|err|error|score))$/i;
  const values = cards
    .filter(({ is, node }) => is === "value" && told.test(node.key ?? ""))
    .map(({ node }) => `${node.key} ${valueText(node)}`);
  const networks = cards.reduce(
    (sum, card) => sum + (card.is === "network" ? card.networks.length : 0),
    0,
  );
  return [...values.slice(0, 4), ...(networks > 0 ? [plural(networks, "network")] : [])];
}

const valueText = ({ value, preview }: T7Node): string =>
  typeof value === "number" ? formatValue(value, 6) : preview;

interface FrameProps {
  node: T7Node;
  words: string;
  children?: ComponentChildren;
}

/** The name of the entry, which leads there, what it is, and what is inside. */
function Frame({ node, words, children }: FrameProps) {
  return (
    <section class="card">
      <h3>
        <Name node={node} />
        <span class="quiet numeric">{words}</span>
      </h3>
      {children}
    </section>
  );
}

function Name({ node }: { node: T7Node }) {
  return (
    <button type="button" class="link" onClick={() => void openFile.value?.reveal(node.id)}>
      <bdi>{node.key}</bdi>
    </button>
  );
}

function ValuesCard({ nodes }: { nodes: T7Node[] }) {
  return (
    <section class="card wide">
      <dl class="settings numeric">
        {nodes.map((node) => (
          <div key={node.id}>
            <dt>
              <Name node={node} />
            </dt>
            <dd>
              <bdi>{valueText(node)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function CardView({ api, card }: { api: T7FileApi; card: Card }) {
  const { node } = card;
  switch (card.is) {
    case "network":
      return (
        <Frame node={node} words={card.networks[0] === node ? (node.typename ?? "") : "networks"}>
          {card.networks.map((network) => (
            <Network key={network.id} api={api} network={network} isOwn={network === node} />
          ))}
        </Frame>
      );
    case "curve":
      return (
        <Frame node={node} words={plural(card.count, "number")}>
          <Curve x={card.x} y={card.y} />
        </Frame>
      );
    case "settings":
      return (
        <Frame node={node} words={plural(node.count ?? 0, "setting")}>
          <dl class="settings numeric">
            {card.entries.map((entry) => (
              <div key={entry.id}>
                <dt>
                  <bdi>{entry.key}</bdi>
                </dt>
                <dd>
                  <bdi>{valueText(entry)}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </Frame>
      );
    case "picture":
      return (
        <Frame node={node} words={`${node.dtype} ${formatShape(node.shape ?? [])}`}>
          <Thumbnail api={api} node={node} />
        </Frame>
      );
    case "tensor":
      return (
        <Frame node={node} words={`${node.dtype} ${formatShape(node.shape ?? [])}`}>
          <Distribution api={api} node={node} />
        </Frame>
      );
    case "text":
    case "names": {
      const size = card.is === "text" ? formatBytes(node.byteLength ?? 0) : entriesText(node);
      return (
        <Frame node={node} words={size}>
          <p class="excerpt">
            <bdi>{card.text}</bdi>
          </p>
        </Frame>
      );
    }
    case "table":
      return (
        <Frame node={node} words={entriesText(node)}>
          <p class="excerpt">
            <bdi>{card.text}</bdi>
          </p>
        </Frame>
      );
    default: {
      const { type, fact, size } = describe(node, 0);
      return <Frame node={node} words={[type, fact, size].filter(Boolean).join(" ")} />;
    }
  }
}

const entriesText = ({ count = 0, list, kind }: T7Node): string =>
  list === true || kind === "vec"
    ? `list of ${formatCount(count)}`
    : plural(count, "entry", "entries");

/** Its parameters in a sentence and, tensor by tensor, as bars. */
function Network({ api, network, isOwn }: { api: T7FileApi; network: T7Node; isOwn: boolean }) {
  const answer = useLatest(
    async (signal) => ({
      parameters: await parametersOf(api, network, { signal }),
      shapes: await shapesOf(api, network, { signal }),
    }),
    [api, network.id],
  );
  if (answer.state !== "here") {
    const text = answer.state === "failed" ? messageOf(answer.error) : "";
    return <p class="quiet numeric">{text}</p>;
  }
  const { parameters, shapes } = answer.value;
  const sentence = networkSentence(shapes);
  const nodes = parameters.map((parameter) => parameter.node);
  const total = nodes.reduce((sum, { size = 0 }) => sum + size, 0);
  const bytes = nodes.reduce((sum, { byteLength = 0 }) => sum + byteLength, 0);
  const dtypes = [...new Set(nodes.map(({ dtype }) => dtype))].join(", ");
  return (
    <>
      <p class="numeric">
        {!isOwn && (
          <>
            <Name node={network} /> <span class="quiet">{network.typename}</span>{" "}
          </>
        )}
        {total === 0
          ? "no parameters"
          : `${plural(total, "parameter")}, ${dtypes}, ${formatBytes(bytes)}`}
      </p>
      {sentence !== "" && <p class="quiet numeric">{sentence}</p>}
      {nodes.length > 1 && <Bars sizes={nodes.map(({ size = 0 }) => size)} />}
    </>
  );
}

/** Sizes of tensors in the order of the network, by their logarithm. */
function Bars({ sizes }: { sizes: number[] }) {
  const shown = sizes.slice(0, 200);
  const most = Math.log(1 + shown.reduce((a, b) => Math.max(a, b), 0)) || 1;
  const path = shown
    .map((size, at) => {
      const tall = Math.max(0.5, (24 * Math.log(1 + size)) / most);
      return `M${at} 24v${-tall.toFixed(2)}h0.8v${tall.toFixed(2)}z`;
    })
    .join("");
  return (
    <svg class="bars" viewBox={`0 0 ${shown.length} 24`} preserveAspectRatio="none" role="img">
      <title>Parameters of each tensor, by logarithm</title>
      <path d={path} />
    </svg>
  );
}

function Curve({ x, y }: { x: number[]; y: number[] }) {
  const points = x
    .map((at, i) => [at, y[i] as number] as const)
    .filter(([, value]) => Number.isFinite(value));
  if (points.length < 2) return <p class="quiet">no two finite numbers</p>;
  const values = points.map(([, value]) => value);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const [first] = points[0] as [number, number];
  const [last, lastValue] = points.at(-1) as [number, number];
  const path = thinned(points).map(([at, value]) => {
    const across = (200 * (at - first)) / (last - first || 1);
    const down = high === low ? 24 : 46 - (44 * (value - low)) / (high - low);
    return `${across.toFixed(1)} ${down.toFixed(1)}`;
  });
  return (
    <>
      <svg class="curve" viewBox="0 0 200 48" preserveAspectRatio="none" role="img">
        <title>{`From ${formatValue(values[0] ?? null, 4)} to ${formatValue(lastValue, 4)}`}</title>
        <path d={`M${path.join("L")}`} vector-effect="non-scaling-stroke" />
      </svg>
      <p class="quiet numeric">
        {formatValue(low, 4)} … {formatValue(high, 4)}, last {formatValue(lastValue, 4)}
      </p>
    </>
  );
}

/** The lowest and highest of each of at most 200 parts: as the line would look with all of them. */
function thinned(points: ReadonlyArray<readonly [number, number]>) {
  if (points.length <= 400) return points;
  const thin: (readonly [number, number])[] = [];
  const step = points.length / 200;
  for (let part = 0; part < 200; part += 1) {
    const piece = points.slice(Math.floor(part * step), Math.floor((part + 1) * step));
    const lowest = piece.reduce((a, b) => (b[1] < a[1] ? b : a));
    const highest = piece.reduce((a, b) => (b[1] > a[1] ? b : a));
    thin.push(...(lowest[0] <= highest[0] ? [lowest, highest] : [highest, lowest]));
  }
  return thin;
}

function Distribution({ api, node }: PanelProps) {
  const answer = useLatest(
    (signal) => (canHaveSpark(node) ? api.summary(node, { signal }) : Promise.resolve(null)),
    [api, node.id],
  );
  if (answer.state !== "here" || answer.value === null) return null;
  const { min, max, mean } = answer.value;
  return (
    <p class="numeric">
      <Sparkline spark={sparkOf(answer.value)} />{" "}
      {min !== null && min !== max && (
        <span class="quiet">
          {formatValue(min, 4)} … {formatValue(max, 4)}, mean {formatValue(mean, 4)}
        </span>
      )}
    </p>
  );
}

/** Pictures of a row of them that are drawn. */
const thumbnails = 8;

function Thumbnail({ api, node }: PanelProps) {
  const pictures = picturesOf(node);
  const count = Math.min(pictures?.count ?? 1, thumbnails);
  return (
    <div class="thumbnails">
      {Array.from({ length: count }, (_, at) => (
        <Picture key={at} api={api} node={node} at={at} />
      ))}
    </div>
  );
}

/** More pixels are not worth reading for a small picture. */
const mostPixels = 1 << 20;

function Picture({ api, node, at }: PanelProps & { at: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pictures = picturesOf(node);
  const isSmall = pictures !== null && pictures.width * pictures.height <= mostPixels;
  const answer = useLatest(
    (signal) =>
      isSmall ? api.read(node, pictureSlice(pictures, at), { signal }) : Promise.resolve(null),
    [api, node.id, at],
  );
  const elements = answer.state === "here" ? answer.value : null;
  useEffect(() => {
    if (canvas.current === null || elements === null || pictures === null) return;
    const { width, height } = pictures;
    const range = rangeOf(guessRange(node.dtype, elements), elements);
    const pixels = pixelsOf(pictures, elements, range, false);
    canvas.current.width = width;
    canvas.current.height = height;
    canvas.current.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [elements]);
  return isSmall ? (
    <canvas ref={canvas} width={1} height={1} aria-label={`Picture ${at + 1}`} />
  ) : null;
}
