/** The elements around what is visible, fetched block by block and kept while they are near. */

import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";
import type { TypedArray } from "../../../../wasm/js/base/dtype.js";
import { type Cut, columnsOf, placeOf, rowsOf, shapeOf, sliceOf } from "./cut.js";

const blockRows = 64;
const blockColumns = 32;

/** Blocks that are kept: some 200,000 elements. */
const kept = 100;

interface Block {
  size: [rows: number, columns: number];
  elements: TypedArray;
}

export class Blocks {
  private readonly blocks = new Map<string, Block>();
  private readonly asked = new Set<string>();
  private readonly stop = new AbortController();
  /** What went wrong last, in a sentence's words. */
  failure: unknown = null;

  /** `onChange` is called whenever there is more to show. */
  constructor(
    private readonly api: T7FileApi,
    private readonly node: T7Node,
    private readonly cut: Cut,
    private readonly onChange: () => void,
  ) {}

  /** The element of a cell, or nothing while it is not here; asks for it then. */
  element(row: number, column: number): number | bigint | undefined {
    const [top, left] = [Math.floor(row / blockRows), Math.floor(column / blockColumns)];
    const key = `${top} ${left}`;
    const block = this.blocks.get(key);
    if (block === undefined) {
      this.fetch(key, top, left);
      return undefined;
    }
    const place = placeOf(
      this.cut,
      block.size,
      row - top * blockRows,
      column - left * blockColumns,
    );
    return block.elements[place];
  }

  private fetch(key: string, top: number, left: number): void {
    if (this.asked.has(key)) return;
    this.asked.add(key);
    const shape = shapeOf(this.node);
    const range = (at: number, length: number, end: number): [number, number] => [
      at * length,
      Math.min(end, (at + 1) * length),
    ];
    const rows = range(top, blockRows, rowsOf(this.cut, shape));
    const columns = range(left, blockColumns, columnsOf(this.cut, shape));
    const { signal } = this.stop;
    this.api.read(this.node, sliceOf(this.cut, rows, columns), { signal }).then(
      (elements) => {
        const size: Block["size"] = [rows[1] - rows[0], columns[1] - columns[0]];
        this.blocks.set(key, { size, elements });
        this.asked.delete(key);
        const oldest = this.blocks.keys().next().value;
        if (this.blocks.size > kept && oldest !== undefined) this.blocks.delete(oldest);
        this.onChange();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.failure = error;
        this.onChange();
      },
    );
  }

  /** Nobody looks any more. */
  close(): void {
    this.stop.abort();
  }
}
