/** What `wasm/bindings.cpp` registers. Addresses and file offsets are numbers, exact to 2^53. */

/** A C++ `t7::Issue`. */
export interface CoreIssue {
  code: string;
  offset: number;
  /** Object id, or 0xffffffff. */
  object: number;
  /** Node id of a key, or 0xffffffff. */
  key: number;
  found: string;
  expected: string;
}

/** One file being opened: `t7::Detect` and the graph of the pass that stands. */
export interface CoreFile {
  setSchema(ops: string, repeatsLast: boolean): void;
  setManual(): void;
  addCustomClass(name: string): void;
  advance(budget: number): number;
  stop(): void;
  wantOffset(): number;
  wantLength(): number;
  prepare(bytes: number): number;
  commit(bytes: number): void;
  hasParser(): boolean;
  position(): number;
  passes(): number;
  ascii(): boolean;
  bigEndian(): boolean;
  longSize(): number;
  longSizeKnown(): boolean;
  carriageReturns(): boolean;
  evidence(): string;
  error(): CoreIssue;
  issueCount(): number;
  issue(i: number): CoreIssue;
  warningCount(): number;
  warning(i: number): CoreIssue;
  nodes(): number;
  nodeCount(): number;
  objects(): number;
  objectCount(): number;
  children(): number;
  childCount(): number;
  longs(): number;
  longCount(): number;
  strings(): number;
  stringCount(): number;
  /** Bit k is set if a node of kind k has been added, bit 31 if a string stays in the file. */
  kinds(): number;
  roots(): number;
  rootCount(): number;
  classes(): number;
  classCount(): number;
  layoutNames(layout: number): string;
  /** Memory that the elements of all storages take together. */
  elementBytes(): number;
  /** They go to `base`, a multiple of 16; `Graph.placeOf` tells where. */
  placeElements(base: number): void;
  /** What to read next of a binary file: into memory at `to`, or into a buffer if that is 0. */
  nextPiece(): { offset: number; length: number; to: number };
  /** The last piece has been read, perhaps into `buffer`. */
  finishPiece(buffer: number): void;
  customObject(): number;
  readObject(): void;
  resumeAt(position: number, readLong: boolean): void;
  endCustom(): void;
  failCustom(): void;
  lastDelivered(): number;
  state(): number;
  delete(): void;
}

export interface CoreModule {
  HEAPU8: Uint8Array;
  File: new (size: number, encoding: number, byteOrder: number, longSize: number) => CoreFile;
  extendMemory(bytes: number): number;
  allocate(bytes: number): number;
  release(address: number): void;
  startSummary(summary: number): void;
  summarize(dtype: number, elements: number, count: number, summary: number): void;
  standardDeviation(summary: number): number;
  histogramBytes(): number;
  defaultLo(summary: number): number;
  defaultHi(summary: number): number;
  startHistogram(
    histogram: number,
    lo: number,
    hi: number,
    bins: number,
    edges: number,
    counts: number,
  ): void;
  addToHistogram(dtype: number, elements: number, count: number, histogram: number): void;
  outsideHistogram(histogram: number, which: number): number;
  distributionBytes(): number;
  startDistribution(distribution: number): void;
  addToDistribution(dtype: number, elements: number, count: number, distribution: number): void;
  finishDistribution(distribution: number): boolean;
  denormals(distribution: number): number;
  quantile(distribution: number, p: number, out: number): void;
  sparkline(distribution: number, counts: number, parts: number): void;
  startDifference(difference: number): void;
  addToDifference(dtype: number, a: number, b: number, count: number, difference: number): void;
  startGrid(
    grid: number,
    rows: number,
    columns: number,
    cellRows: number,
    cellColumns: number,
    cells: number,
    bandStart: number,
    bandRows: number,
  ): void;
  addToGrid(dtype: number, elements: number, first: number, count: number, grid: number): void;
  copyBox(elementBytes: number, ndim: number, view: number, from: number, to: number): void;
  gather(
    storage: number,
    elementBytes: number,
    ndim: number,
    view: number,
    first: number,
    count: number,
    out: number,
  ): void;
  swapElements(elements: number, elementBytes: number, count: number): void;
  widenInt32(elements: number, count: number): void;
  parseNumbers(
    text: number,
    length: number,
    final: boolean,
    dtype: number,
    out: number,
    wanted: number,
  ): { consumed: number; count: number; malformed: boolean };
}

export interface CoreModuleOptions {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => void,
  ): object;
  locateFile(name: string): string;
  onAbort(reason: unknown): void;
  print(text: string): void;
  printErr(text: string): void;
}

export default function createModule(options: CoreModuleOptions): Promise<CoreModule>;
