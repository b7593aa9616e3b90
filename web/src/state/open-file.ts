/** One open file: which nodes are expanded, which one is selected, and what has been fetched of it. */

import { signal } from "@preact/signals";
import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { Hints } from "../rows/hints.js";
import { Pages } from "../rows/pages.js";
import { allChildren, isArranged, isGroup, modulePartsOf, type Part } from "../rows/parts.js";
import { revealNode, rowOfChild } from "../rows/reveal.js";
import { type Branch, isBelow, type Place, Rows, sourceOf } from "../rows/rows.js";
import { Sparks } from "../rows/sparks.js";
import { isExpandable } from "../words/describe.js";
import { isFileOrder } from "./order.js";
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
  rows: Rows;
  readonly pages: Pages;
  readonly sparks: Sparks;
  readonly hints: Hints;

  private wanted: Place | null = null;
  private isClosed = false;
  /** Rows of modules that were looked at. */
  private readonly arranged = new Map<number, Promise<Part[]>>();

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
    this.openRoot().catch((error) => {
      // Whoever closes a file does not wait for what is still being unfolded.
      if (!this.isClosed) onFailure(error);
    });
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
    return this.pages.get(place);
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
    this.pages.load(place).then((loaded) => {
      if (this.wanted !== place) return;
      this.wanted = null;
      this.selection.value = { place, node: loaded };
    }, this.onFailure);
  }

  expand(place: Place): void {
    const node = this.nodeAt(place);
    if (node === undefined || !isExpandable(node)) return;
    this.open(place, node).catch(this.onFailure);
  }

  /** Expands the node at a place; rejects if what it holds cannot be had. */
  async open(place: Place, node: T7Node): Promise<Branch> {
    const source = sourceOf(place);
    const parts = isGroup(source) ? source.parts : this.plainParts(node);
    const { rows } = this;
    const branch = rows.expand(place, node.id, parts ?? (await this.partsOf(node)));
    if (rows === this.rows) this.changed();
    return branch;
  }

  /** True once the rows of a module were arranged otherwise than they are in the file. */
  get hasModules(): boolean {
    return this.arranged.size > 0;
  }

  /** What the rows below a node are. */
  async partsOf(node: T7Node): Promise<readonly Part[]> {
    const plain = this.plainParts(node);
    if (plain !== null) return plain;
    let parts = this.arranged.get(node.id);
    if (parts === undefined) {
      parts = modulePartsOf(this.file, node);
      this.arranged.set(node.id, parts);
      parts.catch(() => this.arranged.delete(node.id));
    }
    return parts;
  }

  /** The children as they are in the file, unless the node's rows are arranged. */
  private plainParts(node: T7Node): Part[] | null {
    if (isArranged(node) && !isFileOrder.peek()) return null;
    return allChildren(node.id, node.count ?? 0);
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
      const node = this.nodeAt(place) ?? (await this.pages.load(place));
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
    const place = await revealNode(this, id);
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
  async enter(index: number): Promise<void> {
    const selection = this.selection.value;
    if (selection === null || !isExpandable(selection.node)) return;
    const { place, node } = selection;
    if (isGroup(sourceOf(place))) {
      const [child] = await this.file.children(node, index, index + 1);
      if (child !== undefined) await this.reveal(child.id);
      return;
    }
    const child = rowOfChild(this.rows, await this.open(place, node), node.id, index);
    if (child !== null) this.arrive(child);
  }

  /** Draws the tree anew in the order that is wanted now; the selection stays. */
  async reorder(): Promise<void> {
    const id = this.selection.value?.node.id;
    this.rows = new Rows(this.file.roots.length);
    await this.openRoot();
    if (id !== undefined && id !== this.selection.value?.node.id) await this.reveal(id);
  }

  private arrive(place: Place): void {
    this.select(place);
    this.changed();
  }

  close(): void {
    this.isClosed = true;
    void this.file.close();
  }

  private changed(): void {
    this.version.value += 1;
  }

  /** The root and what is worth unfolding of it, as far as there is room for. */
  private async openRoot(): Promise<void> {
    const root = this.file.root;
    if (root === null) return;
    const place = { branch: this.rows.top, index: 0 };
    this.selection.value = { place, node: root };
    if (!isExpandable(root)) return;
    await this.open(place, root);
    if (isFileOrder.peek()) return;
    const { unfold } = await import("../rows/unfold.js");
    await unfold(this, rowsInWindow());
  }
}

/** Rows that about fill the window. */
const rowsInWindow = (): number =>
  typeof innerHeight === "undefined" ? 0 : Math.floor(innerHeight / 24) - 6;
