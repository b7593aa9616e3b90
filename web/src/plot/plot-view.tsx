/** The histogram's plot, drawn by uPlot: axes, bars, zero line, and which bar is pointed at. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { TensorHistogram } from "../../../wasm/js/base/api.js";
import { theme } from "../state/theme.js";
import { colour } from "./colour.js";
import { binAt, binText, countTick, highest, plotData, tickText } from "./plot.js";

interface PlotViewProps {
  histogram: TensorHistogram;
  log: boolean;
  label: string;
  /** Quantiles, marked by lines. */
  marks: readonly number[];
  hovered: number | null;
  /** A part of the axis was chosen. */
  onRange: (range: [number, number]) => void;
  /** The bin under the pointer or chosen with the arrow keys; `null` for none. */
  onHover: (bin: number | null) => void;
}

const height = 220;

const makeBars = uPlot.paths.bars?.({ align: 1, size: [1, Number.POSITIVE_INFINITY] });
const barPaths = makeBars === undefined ? {} : { paths: makeBars };

export function PlotView(props: PlotViewProps) {
  const { histogram, log, label, hovered, onHover } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const colours = theme.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(
      optionsFor(props, element),
      plotData(histogram, log) as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const resize = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
      onHover(null);
    };
  }, [histogram, log, colours]);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || plot.current === null) return;
    event.preventDefault();
    moveToBin(plot.current, histogram, step);
  };
  const bins = histogram.counts.length;
  return (
    <div
      class="plot"
      ref={box}
      role="slider"
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={bins}
      aria-valuenow={(hovered ?? 0) + 1}
      aria-valuetext={hovered === null ? `${bins} bins` : binText(histogram, hovered)}
      tabIndex={0}
      onKeyDown={onKey}
    />
  );
}

/** Puts the cursor on the next or previous bar; from nowhere on the first or last. */
function moveToBin(plot: uPlot, histogram: TensorHistogram, step: number): void {
  const bins = histogram.counts.length;
  const left = plot.cursor.left ?? -1;
  const now = left < 0 ? null : binAt(histogram, plot.posToVal(left, "x"));
  const next =
    now === null ? (step > 0 ? 0 : bins - 1) : Math.max(0, Math.min(bins - 1, now + step));
  const middle = ((histogram.edges[next] as number) + (histogram.edges[next + 1] as number)) / 2;
  plot.setCursor({ left: plot.valToPos(middle, "x"), top: 10 });
}

function optionsFor(
  { histogram, log, marks, onHover, onRange }: PlotViewProps,
  element: HTMLElement,
): uPlot.Options {
  const bars = colour(element, "--bar");
  const { edges } = histogram;
  return {
    width: Math.max(100, element.clientWidth),
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: false, range: [edges[0] as number, edges[edges.length - 1] as number] },
      y: log
        ? { distr: 3, range: [0.7, highest(histogram) * 1.3] }
        : { range: [0, highest(histogram) * 1.05] },
    },
    series: [
      {},
      {
        stroke: bars,
        fill: bars,
        width: 0,
        points: { show: false },
        ...barPaths,
      },
    ],
    axes: [valueAxis(element), countAxis(element, log)],
    hooks: {
      draw: [
        (plot) => drawLine(plot, 0, colour(element, "--zero")),
        (plot) => {
          for (const mark of marks) drawLine(plot, mark, colour(element, "--edge"), 8);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          onRange([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [
        (plot) => {
          const left = plot.cursor.left ?? -1;
          onHover(left < 0 ? null : binAt(histogram, plot.posToVal(left, "x")));
        },
      ],
    },
  };
}

function axisLook(element: HTMLElement): uPlot.Axis {
  const line = colour(element, "--line");
  return {
    stroke: colour(element, "--quiet"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
    gap: 4,
  };
}

function valueAxis(element: HTMLElement): uPlot.Axis {
  return {
    ...axisLook(element),
    grid: { show: false },
    size: 28,
    space: 64,
    values: (_plot, ticks, _axis, _space, step) => ticks.map((tick) => tickText(tick, step)),
  };
}

function countAxis(element: HTMLElement, log: boolean): uPlot.Axis {
  return {
    ...axisLook(element),
    size: 52,
    space: 32,
    // Counts are whole; on a logarithmic axis powers of ten carry the text.
    incrs: wholeSteps,
    values: (_plot, ticks) =>
      ticks.map((tick) => (log && !isPowerOfTen(tick) ? "" : countTick(tick))),
  };
}

const wholeSteps = Array.from({ length: 15 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

const isPowerOfTen = (value: number) => Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6);

/** A vertical line at a value, as long as the plot or so many pixels from its top. */
function drawLine(plot: uPlot, value: number, stroke: string, length?: number): void {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  if (min === null || max === null || min > value || max < value) return;
  const x = Math.round(plot.valToPos(value, "x", true)) + 0.5;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = Math.max(1, devicePixelRatio) * (length === undefined ? 1 : 2);
  if (length === undefined) ctx.setLineDash([4, 3]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + (length === undefined ? bbox.height : length * devicePixelRatio));
  ctx.stroke();
  ctx.restore();
}
