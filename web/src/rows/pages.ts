/**
 * Children of expanded nodes, fetched in pages and kept for a while. Asking is synchronous: what is
 * not here yet is `undefined`, a fetch is started by `want`, and `onArrival` tells when it is here.
 */

import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import type { Branch } from "./rows.js";

const pageSize = 128;
/** About 130,000 nodes; the page on screen is asked for again when it was dropped. */
const pageLimit = 1024;

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
  get(branch: Branch, index: number): T7Node | undefined {
    if (branch.parent === null) return this.api.roots[index];
    const name = pageName(branch, index);
    const page = this.pages.get(name);
    if (page === undefined) return undefined;
    this.pages.delete(name);
    this.pages.set(name, page);
    return page[index % pageSize];
  }

  /** Starts to fetch what is missing. */
  want(branch: Branch, index: number): void {
    if (branch.parent === null || this.pages.has(pageName(branch, index))) return;
    this.fetchPage(branch, index).catch(this.onFailure);
  }

  /** The node at a place; rejects if it cannot be had. */
  async load(branch: Branch, index: number): Promise<T7Node> {
    const here = this.get(branch, index);
    if (here !== undefined) return here;
    const node = (await this.fetchPage(branch, index))[index % pageSize];
    if (node === undefined) throw new RangeError(`no child ${index}`);
    return node;
  }

  private fetchPage(branch: Branch, index: number): Promise<T7Node[]> {
    const name = pageName(branch, index);
    let fetching = this.underWay.get(name);
    if (fetching === undefined) {
      const from = index - (index % pageSize);
      fetching = this.api
        .children(branch.id, from, Math.min(from + pageSize, branch.count))
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

function pageName(branch: Branch, index: number): string {
  return `${branch.id}/${Math.floor(index / pageSize)}`;
}
