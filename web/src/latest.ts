/** Answers from the worker for what is on screen now; one that comes late for something else is dropped. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export type Answer<T> =
  | { state: "waiting" }
  | { state: "here"; value: T }
  | { state: "failed"; error: unknown };

/** Calls `ask` when one of `inputs` has changed; until the answer to *that* call is here, it is waiting. */
export function useLatest<T>(ask: () => Promise<T>, inputs: unknown[]): Answer<T> {
  const answer = useSignal<{ inputs: unknown[]; answer: Answer<T> }>({
    inputs: [],
    answer: { state: "waiting" },
  });
  useEffect(() => {
    let current = true;
    const settle = (settled: Answer<T>) => {
      if (current) answer.value = { inputs, answer: settled };
    };
    ask().then(
      (value) => settle({ state: "here", value }),
      (error: unknown) => settle({ state: "failed", error }),
    );
    return () => {
      current = false;
    };
  }, inputs);
  const known = answer.value;
  const isCurrent =
    known.inputs.length === inputs.length && known.inputs.every((input, i) => input === inputs[i]);
  return isCurrent ? known.answer : { state: "waiting" };
}
