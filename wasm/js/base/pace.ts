/** Long work in one thread: letting others have their turn, and telling how far it is. */

/** Longest time in which nothing else of the thread runs. */
const sliceMs = 20;

const turns: Array<() => void> = [];
let channel: MessageChannel | undefined;

/** Lets everything that waits for the thread run: timers, messages, a click on «cancel». */
export function breathe(): Promise<void> {
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

/** A look at the clock that says when it is time to breathe. */
export class Pace {
  #rested = performance.now();

  get tired(): boolean {
    return performance.now() - this.#rested >= sliceMs;
  }

  async rest(): Promise<void> {
    await breathe();
    this.#rested = performance.now();
  }
}
