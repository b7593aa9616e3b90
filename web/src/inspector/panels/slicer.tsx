/** Which axes of a tensor are shown, and where in the others. */

import { formatCount } from "../../words/format.js";
import { type Cut, withAxis } from "./cut.js";

interface SlicerProps {
  cut: Cut;
  shape: readonly number[];
  onCut: (cut: Cut) => void;
}

export function Slicer({ cut, shape, onCut }: SlicerProps) {
  if (shape.length < 2) return null;
  const others = shape.flatMap((_, d) => (d === cut.down || d === cut.across ? [] : [d]));
  return (
    <div class="controls slicer">
      <Axis name="down" which="down" cut={cut} shape={shape} onCut={onCut} />
      <Axis name="across" which="across" cut={cut} shape={shape} onCut={onCut} />
      {others.map((d) => (
        <Index
          key={d}
          dimension={d}
          value={cut.at[d] ?? 0}
          length={shape[d] ?? 0}
          onValue={(value) =>
            onCut({ ...cut, at: cut.at.map((old, i) => (i === d ? value : old)) })
          }
        />
      ))}
    </div>
  );
}

function Axis({
  name,
  which,
  cut,
  shape,
  onCut,
}: SlicerProps & { name: string; which: "down" | "across" }) {
  return (
    <label>
      {name}{" "}
      <select
        value={cut[which] ?? 0}
        onChange={(event) => onCut(withAxis(cut, which, Number(event.currentTarget.value)))}
      >
        {shape.map((length, d) => (
          <option key={`${d} ${length}`} value={d}>
            {`dim ${d + 1} (${formatCount(length)})`}
          </option>
        ))}
      </select>
    </label>
  );
}

interface IndexProps {
  dimension: number;
  value: number;
  length: number;
  onValue: (value: number) => void;
}

/** Typed or dragged; counted from 1 as everything that the page says of a file. */
export function Index({ dimension, value, length, onValue }: IndexProps) {
  const set = (text: string) => {
    const number = Math.trunc(Number(text)) - 1;
    if (Number.isFinite(number)) onValue(Math.max(0, Math.min(length - 1, number)));
  };
  const name = `dim ${dimension + 1}`;
  return (
    <label class="index">
      {name}{" "}
      <input
        type="number"
        min={1}
        max={length}
        value={value + 1}
        onChange={(event) => set(event.currentTarget.value)}
      />
      <input
        type="range"
        aria-label={`${name}, slider`}
        min={1}
        max={length}
        value={value + 1}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <span class="quiet">of {formatCount(length)}</span>
    </label>
  );
}
