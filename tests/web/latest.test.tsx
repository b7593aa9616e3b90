// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import { useLatest } from "../../web/src/state/latest.js";

it("never shows an answer that belongs to something else", async () => {
  const asked = new Map<number, (text: string) => void>();
  const Shown = ({ id }: { id: number }) => {
    const answer = useLatest(() => new Promise<string>((resolve) => asked.set(id, resolve)), [id]);
    return <p>{answer.state === "here" ? answer.value : answer.state}</p>;
  };
  const target = document.createElement("div");
  const show = (id: number) => act(() => render(<Shown id={id} />, target));
  await show(1);
  await show(2);
  expect(target.textContent).toBe("waiting");
  await act(async () => asked.get(1)?.("one"));
  expect(target.textContent).toBe("waiting");
  await act(async () => asked.get(2)?.("two"));
  expect(target.textContent).toBe("two");
  await show(3);
  expect(target.textContent).toBe("waiting");
});

it("cancels what nobody waits for any more", async () => {
  const signals: AbortSignal[] = [];
  const Shown = ({ id }: { id: number }) => {
    useLatest(
      (signal) => {
        signals.push(signal);
        return new Promise<string>(() => {});
      },
      [id],
    );
    return <p />;
  };
  const target = document.createElement("div");
  await act(() => render(<Shown id={1} />, target));
  await act(() => render(<Shown id={1} />, target));
  await act(() => render(<Shown id={2} />, target));
  expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
  await act(() => render(null, target));
  expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
});
