/** Answers from the worker for what is on screen now; one that comes late for something else is dropped. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export type Answer<T> =
  | { state: "waiting" }
  | { state: "here"; value: T }
  | { state: "failed"; error: unknown };

/**
 * Calls `ask` when one of `inputs` has changed; until the answer to *that* call is here, it is
 * waiting. The signal fires when nobody waits for the answer any more.
 */
export function useLatest<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  inputs: unknown[],
): Answer<T> {
  const answer = useSignal<{ inputs: unknown[]; answer: Answer<T> }>({
    inputs: [],
    answer: { state: "waiting" },
  });
  useEffect(() => {
    const controller = new AbortController();
    const settle = (settled: Answer<T>) => {
      if (!controller.signal.aborted) answer.value = { inputs, answer: settled };
    };
    ask(controller.signal).then(
      (value) => settle({ state: "here", value }),
      (error: unknown) => settle({ state: "failed", error }),
    );
    return () => controller.abort();
  }, inputs);
  const known = answer.value;
  const isCurrent =
    known.inputs.length === inputs.length && known.inputs.every((input, i) => input === inputs[i]);
  return isCurrent ? known.answer : { state: "waiting" };
}
