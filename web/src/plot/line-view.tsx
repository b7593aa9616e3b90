/** Curves, drawn by uPlot: a line, or a line within the band of the lowest and highest. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { theme } from "../state/theme.js";
import { formatValue } from "../words/format.js";
import { colour } from "./colour.js";

export interface Curve {
  /** Positions, rising. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Where a point stands for many values. */
  low?: ArrayLike<number>;
  high?: ArrayLike<number>;
}

interface LineViewProps {
  curve: Curve;
  log: boolean;
  label: string;
  /** The point under the pointer; `null` for none. */
  onHover: (point: number | null) => void;
}

const height = 260;

/** uPlot has no place for what is not finite: a gap. */
const gaps = (values: ArrayLike<number>, log: boolean) =>
  Array.from(values, (value) => (Number.isFinite(value) && (!log || value > 0) ? value : null));

export function LineView({ curve, log, label, onHover }: LineViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const colours = theme.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = new uPlot(optionsFor(curve, log, element, onHover), dataOf(curve, log), element);
    const resize = new ResizeObserver(() => {
      if (element.clientWidth > 0) plot.setSize({ width: element.clientWidth, height });
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
      onHover(null);
    };
  }, [curve, log, colours]);
  return <div class="plot line-plot" ref={box} role="img" aria-label={label} />;
}

function dataOf({ x, y, low, high }: Curve, log: boolean): uPlot.AlignedData {
  const lines = low && high ? [high, low, y] : [y];
  return [Array.from(x), ...lines.map((values) => gaps(values, log))] as uPlot.AlignedData;
}

function optionsFor(
  curve: Curve,
  log: boolean,
  element: HTMLElement,
  onHover: LineViewProps["onHover"],
): uPlot.Options {
  const [line, band, quiet, edge] = ["--bar", "--chosen", "--quiet", "--line"].map((name) =>
    colour(element, name),
  ) as [string, string, string, string];
  const isBand = curve.low !== undefined;
  const axis: uPlot.Axis = {
    stroke: quiet,
    grid: { stroke: edge, width: 1 },
    ticks: { stroke: edge, width: 1, size: 4 },
    values: (_plot, ticks) => ticks.map((tick) => (tick === null ? "" : formatValue(tick, 4))),
  };
  const outer: uPlot.Series = { stroke: band, width: 1, points: { show: false } };
  const inner: uPlot.Series = { stroke: line, width: 1.5, points: { show: curve.x.length < 60 } };
  return {
    width: Math.max(100, element.clientWidth),
    height,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: true, y: false } },
    scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
    series: isBand ? [{}, outer, outer, inner] : [{}, inner],
    ...(isBand && { bands: [{ series: [1, 2], fill: band }] }),
    axes: [axis, { ...axis, size: 72 }],
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
  };
}
