/**
 * Children of expanded nodes, fetched in pages and kept for a while. Asking is synchronous: what is
 * not here yet is `undefined`, a fetch is started by `want`, and `onArrival` tells when it is here.
 */

import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { isGroup } from "./parts.js";
import { type Place, sourceOf } from "./rows.js";

const pageSize = 128;
/** About 130,000 nodes; the page on screen is asked for again when it was dropped. */
const pageLimit = 1024;

/** A node whose children are asked for: −1 for the top, whose children are the file's values. */
interface Parent {
  id: number;
  count: number;
}

export class Pages {
  /** In order of use: the first is the one unused for longest. */
  private readonly pages = new Map<string, T7Node[]>();
  private readonly underWay = new Map<string, Promise<T7Node[]>>();

  constructor(
    private readonly api: T7FileApi,
    private readonly onArrival: () => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** The node at a place, if it has been fetched. */
  get(place: Place): T7Node | undefined {
    const source = sourceOf(place);
    return isGroup(source) ? source.node : this.here(source, source.from);
  }

  /** Starts to fetch what is missing. */
  want(place: Place): void {
    const source = sourceOf(place);
    if (isGroup(source) || source.id < 0 || this.pages.has(pageName(source.id, source.from)))
      return;
    this.fetchPage(source, source.from).catch(this.onFailure);
  }

  /** The node at a place; rejects if it cannot be had. */
  async load(place: Place): Promise<T7Node> {
    const source = sourceOf(place);
    return isGroup(source) ? source.node : this.child(source, source.from);
  }

  /** A child of a node; rejects if it cannot be had. */
  async child(parent: Parent, index: number): Promise<T7Node> {
    const here = this.here(parent, index);
    if (here !== undefined) return here;
    const node = (await this.fetchPage(parent, index))[index % pageSize];
    if (node === undefined) throw new RangeError(`no child ${index}`);
    return node;
  }

  private here({ id }: Parent, index: number): T7Node | undefined {
    if (id < 0) return this.api.roots[index];
    const name = pageName(id, index);
    const page = this.pages.get(name);
    if (page === undefined) return undefined;
    this.pages.delete(name);
    this.pages.set(name, page);
    return page[index % pageSize];
  }

  private fetchPage({ id, count }: Parent, index: number): Promise<T7Node[]> {
    const name = pageName(id, index);
    let fetching = this.underWay.get(name);
    if (fetching === undefined) {
      const from = index - (index % pageSize);
      fetching = this.api
        .children(id, from, Math.min(from + pageSize, count))
        .then((nodes) => this.keep(name, nodes))
        .finally(() => this.underWay.delete(name));
      this.underWay.set(name, fetching);
    }
    return fetching;
  }

  private keep(name: string, nodes: T7Node[]): T7Node[] {
    this.pages.set(name, nodes);
    if (this.pages.size > pageLimit) {
      const oldest = this.pages.keys().next().value;
      if (oldest !== undefined) this.pages.delete(oldest);
    }
    this.onArrival();
    return nodes;
  }
}

const pageName = (id: number, index: number): string => `${id}/${Math.floor(index / pageSize)}`;
