/** What is made for the rows in sight, one after the other, while nothing else is asked for. */

import type { T7Node } from "../../../wasm/js/base/api.js";

export abstract class Wanted<T> {
  private readonly made = new Map<number, T | null>();
  private queue: T7Node[] = [];
  private running = false;
  /** The one that is being made. */
  private current: { id: number; cancel: () => void } | null = null;

  constructor(
    private readonly canHave: (node: T7Node) => boolean,
    private readonly onArrival: () => void,
  ) {}

  /** A node that cannot have one after all has none: the inspector says why. */
  protected abstract make(node: T7Node, signal: AbortSignal): Promise<T>;

  /** What was made, if it is here by now. */
  get(node: T7Node): T | null {
    return this.made.get(identity(node)) ?? null;
  }

  /** Says which rows are in sight; what was wanted before and is not in sight any more is forgotten. */
  want(nodes: T7Node[]): void {
    this.queue = nodes.filter((node) => this.canHave(node) && !this.made.has(identity(node)));
    const { current } = this;
    const isWanted = this.queue.some((node) => identity(node) === current?.id);
    if (current !== null && !isWanted) current.cancel();
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let node = this.queue.shift(); node !== undefined; node = this.queue.shift()) {
      if (this.made.has(identity(node))) continue;
      const controller = new AbortController();
      this.current = { id: identity(node), cancel: () => controller.abort() };
      const made = await this.make(node, controller.signal).catch(() => null);
      this.current = null;
      if (controller.signal.aborted) continue;
      this.made.set(identity(node), made);
      this.onArrival();
    }
    this.running = false;
  }
}

/** Occurrences of one object have one. */
const identity = (node: T7Node) => node.sameAs ?? node.id;
