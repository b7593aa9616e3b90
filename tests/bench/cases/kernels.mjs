// Statistics and a histogram of 64 M floats against a loop in JavaScript, a copy, and numpy.

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "../../../dist/index.node.js";
import { input, kernelElements } from "../inputs.mjs";
import { alternate, ms, rate, row } from "../measure.mjs";

const bins = 256;

/** The plain loop for the same statistics. */
function statsLoop(x) {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [sum, squares, nan, posInf, negInf, zeros] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const v = x[i];
    if (v - v !== 0) {
      if (v > 0) posInf++;
      else if (v < 0) negInf++;
      else nan++;
      continue;
    }
    if (v === 0) zeros++;
    if (v < min) min = v;
    if (v > max) max = v;
    sum += v;
    squares += v * v;
  }
  const n = x.length - nan - posInf - negInf;
  const std = Math.sqrt((squares - (sum * sum) / n) / (n - 1));
  return { min, max, mean: sum / n, std, zeros };
}

function histogramLoop(x, lo, hi) {
  const counts = new Float64Array(bins);
  const scale = bins / (hi - lo);
  for (let i = 0; i < x.length; i++) {
    const v = x[i];
    if (!(v >= lo && v <= hi)) continue;
    const bin = ((v - lo) * scale) | 0;
    counts[bin < bins ? bin : bins - 1]++;
  }
  return counts;
}

function numpy(path) {
  const script = fileURLToPath(new URL("../children/numpy_times.py", import.meta.url));
  // The elements are the last in the file.
  const offset = statSync(path).size - 4 * kernelElements;
  const args = [script, path, String(offset), String(kernelElements)];
  for (const python of ["python3", "/usr/bin/python3"]) {
    const child = spawnSync(python, args, { encoding: "utf8" });
    if (child.status === 0) return JSON.parse(child.stdout);
  }
  return null;
}

export default async function kernels() {
  const path = input("floats.t7");
  const tensor = await load(path);
  const x = tensor.data;
  const copy = new Float32Array(x.length);
  const { min, max } = tensor.stats();
  const times = await alternate(
    {
      stats: () => tensor.stats(),
      summary: () => tensor.summary(),
      loop: () => statsLoop(x),
      copy: () => copy.set(x),
      // memcpy in WebAssembly: half of the memory over the other half.
      memcpy: () => x.copyWithin(0, kernelElements / 2),
      histogram: () => tensor.histogram({ bins, range: [min, max] }),
      histogramLoop: () => histogramLoop(x, min, max),
      ownRange: () => tensor.histogram({ bins }),
    },
    5,
  );
  const bytes = 4 * kernelElements;
  const fast = rate(bytes, times.stats);
  const name = "histogram, 256 bins";
  const memcpy = rate(bytes / 2, times.memcpy);
  const copied = rate(bytes, times.copy);
  const rows = [
    row("statistics, 64 M floats", fast, `memcpy ${memcpy}`, (2 * times.memcpy) / times.stats, {
      atLeast: 0.6,
    }),
    row(
      "summary: quantiles and sparkline with it",
      rate(bytes, times.summary),
      `memcpy ${memcpy}`,
      (2 * times.memcpy) / times.summary,
      { atLeast: 0.6 },
    ),
    row("statistics", fast, `TypedArray.set ${copied}`, times.copy / times.stats),
    row("statistics", fast, `loop ${rate(bytes, times.loop)}`, times.loop / times.stats, {
      atLeast: 4,
    }),
    row(
      name,
      ms(times.histogram),
      `loop ${ms(times.histogramLoop)}`,
      times.histogramLoop / times.histogram,
      { atLeast: 1.8 },
    ),
  ];
  const other = numpy(path);
  if (other === null) return rows;
  const label = `numpy ${other.version}`;
  rows.push(
    row("statistics", ms(times.stats), `${label} ${ms(other.stats)}`, other.stats / times.stats, {
      atLeast: 3,
    }),
    row(
      `${name}, range from the data`,
      ms(times.ownRange),
      `${label} ${ms(other.histogram)}`,
      other.histogram / times.ownRange,
      { atLeast: 8 },
    ),
  );
  return rows;
}
