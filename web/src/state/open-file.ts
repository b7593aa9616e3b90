/** One open file: which nodes are expanded, which one is selected, and what has been fetched of it. */

import { signal } from "@preact/signals";
import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { Hints } from "../rows/hints.js";
import { Pages } from "../rows/pages.js";
import { revealNode } from "../rows/reveal.js";
import { isBelow, type Place, Rows } from "../rows/rows.js";
import { Sparks } from "../rows/sparks.js";
import { isExpandable } from "../words/describe.js";
import type { Picked } from "./picked.js";

/** The selected node and where it stands. */
export interface Selection {
  place: Place;
  node: T7Node;
}

/** A branch of at most as many entries is expanded along with others. */
const smallBranch = 50;
/** Rows that typing a key looks at. */
const searchedRows = 4096;

export class OpenFile {
  /** Counts up whenever rows, nodes or sparklines have changed: views that read it are drawn again. */
  readonly version = signal(0);
  readonly selection = signal<Selection | null>(null);
  /** Counts jumps: selections of something that is not near, to which one wants to go back. */
  readonly jumps = signal(0);
  readonly rows: Rows;
  readonly pages: Pages;
  readonly sparks: Sparks;
  readonly hints: Hints;

  private wanted: Place | null = null;

  constructor(
    readonly file: T7FileApi,
    readonly picked: Picked,
    private readonly onFailure: (error: unknown) => void,
  ) {
    const changed = () => this.changed();
    this.rows = new Rows(file.roots.length);
    this.pages = new Pages(file, changed, onFailure);
    this.sparks = new Sparks(file, changed);
    this.hints = new Hints(file, changed);
    this.openRoot();
  }

  /** The row to move from: the one that is asked for, while it is on its way; −1 for none. */
  get currentRow(): number {
    return this.wanted === null ? this.selectedRow : this.rows.rowOf(this.wanted);
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
      this.wanted = null;
      this.selection.value = { place, node: loaded };
    }, this.onFailure);
  }

  expand(place: Place): void {
    const node = this.nodeAt(place);
    if (node === undefined || !isExpandable(node)) return;
    this.rows.expand(place, node.id, node.count ?? 0);
    this.changed();
  }

  /** Expands all branches beside a place that are small, as far as they have been fetched. */
  expandSiblings({ branch }: Place): void {
    for (let index = 0; index < Math.min(branch.count, smallBranch); index += 1) {
      const node = this.nodeAt({ branch, index });
      if (node !== undefined && (node.count ?? 0) <= smallBranch) this.expand({ branch, index });
    }
  }

  /**
   * Selects the next row, from `row` on and round to it, whose key begins with some text. Looks at
   * a few thousand rows, which are fetched where they are not here.
   */
  async selectByKey(text: string, row: number): Promise<void> {
    const { length } = this.rows;
    const wanted = text.toLowerCase();
    for (let step = 0; step < Math.min(length, searchedRows); step += 1) {
      const place = this.rows.at((row + step) % length);
      const node = this.nodeAt(place) ?? (await this.pages.load(place.branch, place.index));
      if (length !== this.rows.length) return;
      const key = (node.key ?? "").replace(/^\[/, "").toLowerCase();
      if (key.startsWith(wanted)) {
        this.select(place);
        return;
      }
    }
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

  /** Expands the way to a node and selects it, or what is nearest to it. */
  async reveal(id: number): Promise<void> {
    const place = await revealNode(this.rows, this.pages, id);
    if (place === null) return;
    if (this.selection.value?.node.id !== id) this.jumps.value += 1;
    this.arrive(place);
  }

  /** Selects the value at a path of the file, if there is one. */
  async goTo(path: string): Promise<void> {
    const node = await this.file.node(path);
    if (node !== null) await this.reveal(node.id);
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
    void this.file.close();
  }

  private changed(): void {
    this.version.value += 1;
  }

  private openRoot(): void {
    const root = this.file.root;
    if (root === null) return;
    const place = { branch: this.rows.top, index: 0 };
    if (isExpandable(root)) this.rows.expand(place, root.id, root.count ?? 0);
    this.selection.value = { place, node: root };
  }
}
