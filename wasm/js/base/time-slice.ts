/** Long work in one thread: letting others have their turn, and telling how far it is. */

/** Longest time in which nothing else of the thread runs. */
const sliceMs = 20;

const turns: Array<() => void> = [];
let channel: MessageChannel | undefined;

/** Lets everything that waits for the thread run: timers, messages, a click on «cancel». */
export function yieldThread(): Promise<void> {
  // setTimeout would wait 4 ms in browsers; Node's message ports would keep the process alive.
  const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void };
  if (setImmediate !== undefined) return new Promise((resolve) => setImmediate(resolve));
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => turns.shift()?.();
  }
  const { port2 } = channel;
  return new Promise((resolve) => {
    turns.push(resolve);
    port2.postMessage(null);
  });
}

/** The time that long work may take before it must let others run. */
export class TimeSlice {
  #began = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#began >= sliceMs;
  }

  /** Lets others run; then the next slice begins. */
  async yieldThread(): Promise<void> {
    await yieldThread();
    this.#began = performance.now();
  }
}
