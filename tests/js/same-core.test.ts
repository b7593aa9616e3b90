/**
 * The core in WebAssembly reads the very graph that the native build reads, in whatever pieces the
 * file comes: digests of every fixture's graph, compared with those of tests/core/digest_test.cpp.
 */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Graph, Kind, none } from "../../wasm/js/index/graph.js";
import { type Instance, takeInstance } from "../../wasm/js/index/instance.js";
import type { Source } from "../../wasm/js/source/source-types.js";
import "../../wasm/js/index.node.js";
import { createFile, State } from "../../wasm/js/index/parse.js";
import type { CoreFile, CoreIssue } from "../../wasm/js/index/t7.mjs";

const folder = new URL("../../testfiles_x86_64/", import.meta.url);

/** FNV-1a over 32-bit words. */
class Digest {
  #state = 2166136261;

  word(word: number): void {
    this.#state = Math.imul(this.#state ^ word, 16777619);
  }

  wide(value: number | bigint): void {
    const bits = BigInt.asUintN(64, BigInt(value));
    this.word(Number(bits & 0xffffffffn));
    this.word(Number(bits >> 32n));
  }

  bytes(bytes: Uint8Array): void {
    this.word(bytes.length);
    for (const byte of bytes) this.word(byte);
  }

  text(text: string): void {
    this.bytes(Buffer.from(text, "latin1"));
  }

  toString(): string {
    return (this.#state >>> 0).toString(16).padStart(8, "0");
  }
}

const double = new DataView(new ArrayBuffer(8));

function addNode(digest: Digest, graph: Graph, node: number): void {
  const kind = graph.kind(node);
  digest.word(kind);
  digest.word(graph.isBackReference(node) ? 1 : 0);
  digest.wide(graph.offset(node));
  if (kind === Kind.number) {
    double.setFloat64(0, graph.number(node));
    digest.wide(double.getBigUint64(0));
  } else if (kind === Kind.integer) {
    digest.wide(graph.integer(node));
  } else if (kind !== Kind.string) {
    digest.word(graph.ref(node));
  } else if (graph.isLocated(graph.ref(node))) {
    digest.wide(graph.stringOffset(graph.ref(node)));
    digest.word(graph.stringLength(graph.ref(node)));
  } else {
    digest.bytes(graph.stringBytes(graph.ref(node)));
  }
}

function addObject(digest: Digest, graph: Graph, object: number): void {
  const count = graph.count(object);
  for (const word of [graph.node(object), graph.index(object), graph.parent(object), count]) {
    digest.word(word);
  }
  digest.word(graph.flags(object));
  const kind = graph.kind(graph.node(object));
  if (kind >= Kind.object && kind !== Kind.function) digest.text(graph.classOf(object).name);
  const first = graph.first(object);
  if (first === none) return;
  if (kind === Kind.tensor || kind === Kind.storage || kind === Kind.function) {
    const longs = kind === Kind.tensor ? 1 + 2 * count : 3;
    for (let i = 0; i < longs; i++) digest.wide(graph.long(first + i));
    return;
  }
  for (let i = 0; i < count; i++) digest.word(graph.child(first + i));
}

function addIssues(digest: Digest, issues: CoreIssue[]): void {
  for (const { code, offset, found } of issues) {
    digest.text(code);
    digest.wide(offset);
    digest.text(found);
  }
}

function digestOf(file: CoreFile, graph: Graph): string {
  const digest = new Digest();
  digest.word(file.ascii() ? 1 : 0);
  digest.word(file.bigEndian() ? 1 : 0);
  digest.word(file.longSize());
  for (let node = 0; node < graph.nodeCount; node++) addNode(digest, graph, node);
  for (let object = 0; object < graph.objectCount; object++) addObject(digest, graph, object);
  for (const root of graph.roots) digest.word(root);
  addIssues(digest, graph.issues);
  addIssues(digest, graph.warnings);
  if (file.state() === State.failed) addIssues(digest, [file.error()]);
  return String(digest);
}

/** Gives a file to the core in pieces of so many bytes. */
function readInPieces(instance: Instance, bytes: Uint8Array, piece: number): string {
  const source = { byteLength: bytes.length } as Source;
  const file = createFile(instance, source, {});
  for (;;) {
    const state = file.advance(65536);
    if (state === State.paused) continue;
    if (state !== State.needBytes) break;
    const offset = file.wantOffset();
    expect(file.wantLength()).toBeGreaterThan(0);
    const part = bytes.subarray(offset, offset + piece);
    const address = file.prepare(part.length);
    new Uint8Array(instance.memory.buffer, address, part.length).set(part);
    file.commit(part.length);
  }
  const digest = digestOf(file, new Graph(instance, file));
  file.delete();
  return digest;
}

const lines = readFileSync(new URL("../core/graphs.tsv", import.meta.url), "utf8").trim();
const native = new Map(lines.split("\n").map((line) => line.split("\t") as [string, string]));

test.each([1, 2, 7, 4096, 2 ** 30])("pieces of %d bytes give the native graphs", async (piece) => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".t7"));
  expect([...native.keys()].sort()).toEqual(names.sort());
  const instance = await takeInstance();
  const different = names.filter((name) => {
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
    return readInPieces(instance, bytes, piece) !== native.get(name);
  });
  expect(different).toEqual([]);
});
