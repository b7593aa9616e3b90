/** One open file: which nodes are expanded, which one is selected, and what has been fetched of it. */

import { signal } from "@preact/signals";
import type { T7FileApi, T7Node } from "../../wasm/js/api.js";
import { isExpandable } from "./describe.js";
import { Pages } from "./pages.js";
import { type Branch, isBelow, type Place, placeOf, Rows } from "./rows.js";
import { Sparks } from "./sparks.js";

/** The selected node and where it stands. */
export interface Selection {
  place: Place;
  node: T7Node;
}

export interface FileInfo {
  name: string;
  byteLength: number;
}

export class Session {
  /** Counts up whenever rows, nodes or sparklines have changed: views that read it are drawn again. */
  readonly version = signal(0);
  readonly selection = signal<Selection | null>(null);
  readonly rows: Rows;
  readonly pages: Pages;
  readonly sparks: Sparks;

  private wanted: Place | null = null;

  constructor(
    readonly api: T7FileApi,
    readonly info: FileInfo,
    private readonly onFailure: (error: unknown) => void,
  ) {
    const changed = () => this.changed();
    this.rows = new Rows(api.roots.length);
    this.pages = new Pages(api, changed, onFailure);
    this.sparks = new Sparks(api, changed);
    this.openRoot();
  }

  /** The selected row's number; −1 if nothing is selected. */
  get selectedRow(): number {
    const selection = this.selection.value;
    return selection === null ? -1 : this.rows.rowOf(selection.place);
  }

  nodeAt(place: Place): T7Node | undefined {
    return this.pages.get(place.branch, place.index);
  }

  /** Selects a place as soon as its node is here; the last call wins. */
  select(place: Place): void {
    const node = this.nodeAt(place);
    if (node !== undefined) {
      this.wanted = null;
      this.selection.value = { place, node };
      return;
    }
    this.wanted = place;
    this.pages.load(place.branch, place.index).then((loaded) => {
      if (this.wanted !== place) return;
      this.selection.value = { place, node: loaded };
    }, this.onFailure);
  }

  expand(place: Place): void {
    const node = this.nodeAt(place);
    if (node === undefined || !isExpandable(node)) return;
    this.rows.expand(place, node.id, node.count ?? 0);
    this.changed();
  }

  /** Collapses a node; a selection inside it moves to the node itself. */
  collapse(place: Place): void {
    const branch = this.rows.opened(place);
    if (branch === null) return;
    const selection = this.selection.value;
    const inside = selection !== null && isBelow(selection.place, branch);
    this.rows.collapse(branch);
    if (inside) this.select(place);
    this.changed();
  }

  toggle(place: Place): void {
    if (this.rows.opened(place) === null) this.expand(place);
    else this.collapse(place);
  }

  /**
   * Expands the way to a node and selects it. Ids count occurrences in file order, so the child that
   * holds a node is the last one whose id is not above it.
   */
  async reveal(id: number): Promise<void> {
    let branch = this.rows.top;
    for (;;) {
      const index = await this.childHolding(branch, id);
      if (index < 0) return;
      const place = { branch, index };
      const node = await this.pages.load(branch, index);
      if (node.id === id) return this.arrive(place);
      // Inside a key, which has no row: its table is as near as one can get.
      if (!isExpandable(node)) return this.arrive(placeOf(branch) ?? place);
      branch = this.rows.expand(place, node.id, node.count ?? 0);
    }
  }

  /** Goes from the selected node to its child number `index`. */
  enter(index: number): void {
    const selection = this.selection.value;
    if (selection === null || !isExpandable(selection.node)) return;
    const { place, node } = selection;
    this.arrive({ branch: this.rows.expand(place, node.id, node.count ?? 0), index });
  }

  private arrive(place: Place): void {
    this.select(place);
    this.changed();
  }

  close(): void {
    void this.api.close();
  }

  private changed(): void {
    this.version.value += 1;
  }

  private openRoot(): void {
    const root = this.api.root;
    if (root === null) return;
    const place = { branch: this.rows.top, index: 0 };
    if (isExpandable(root)) this.rows.expand(place, root.id, root.count ?? 0);
    this.selection.value = { place, node: root };
  }

  private async childHolding(branch: Branch, id: number): Promise<number> {
    let low = 0;
    let high = branch.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((await this.pages.load(branch, middle)).id <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
