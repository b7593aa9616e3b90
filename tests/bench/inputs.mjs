// The bench's input files: made once, in the system's temporary folder, and kept there.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writer } from "./writer.mjs";

const folder = join(tmpdir(), "torchfile-bench");

/** A random number generator with a seed (mulberry32): every run has the same inputs. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** About normal, like weights: a mebibyte of floats, written again and again from other places. */
const someFloats = (() => {
  let floats;
  return () => {
    if (floats !== undefined) return floats;
    const next = random(1);
    floats = new Float32Array(2 ** 18 + 997);
    for (let i = 0; i < floats.length; i++) {
      floats[i] = (next() + next() + next() + next() + next() + next() - 3) * 0.05;
    }
    return floats;
  };
})();

function writeFloats(writer, length) {
  const floats = someFloats();
  for (let done = 0; done < length; ) {
    const start = ((done / 1000) % 997) | 0;
    const count = Math.min(2 ** 18, length - done);
    writer.bytes(new Uint8Array(floats.buffer, 4 * start, 4 * count));
    done += count;
  }
}

// --- VGG-16 ---

const convolutions = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
const linears = [25088, 4096, 4096, 1000];

/** 13 convolutions and 3 linear layers, weight and bias each, and the mean image: 33 storages. */
function writeVgg(writer) {
  const layers = [];
  let planes = 3;
  for (const width of convolutions) {
    layers.push(["nn.SpatialConvolution", [width, planes, 3, 3]]);
    planes = width;
  }
  for (let i = 0; i < 3; i++) layers.push(["nn.Linear", [linears[i + 1], linears[i]]]);
  writer.object("nn.Sequential");
  writer.table(2);
  writer.string("modules");
  writer.table(layers.length);
  for (const [i, [className, shape]] of layers.entries()) {
    writer.number(i + 1);
    writer.object(className);
    writer.table(3);
    writer.string("weight");
    writer.floatTensor(shape, writeFloats);
    writer.string("bias");
    writer.floatTensor([shape[0]], writeFloats);
    writer.string("train");
    writer.number(0);
  }
  writer.string("mean");
  writer.floatTensor([3], writeFloats);
}

// --- Records ---

export const recordCount = 200_000;

export function makeRecords() {
  const next = random(2);
  const syllables = ["ka", "lo", "mi", "ren", "su", "ta", "vor", "wy", "zel", "qu"];
  const records = [];
  for (let i = 0; i < recordCount; i++) {
    let name = "";
    for (let s = 0; s < 4; s++) name += syllables[(next() * syllables.length) | 0];
    records.push({
      id: i + 1,
      name: `${name}-${(next() * 1e5) | 0}`,
      score: next() * 100,
      n: (next() * 50) | 0,
    });
  }
  return records;
}

function writeRecords(writer) {
  const records = makeRecords();
  writer.table(records.length);
  for (const [i, record] of records.entries()) {
    writer.number(i + 1);
    writer.table(4);
    for (const [key, value] of Object.entries(record)) {
      writer.string(key);
      if (typeof value === "string") writer.string(value);
      else writer.number(value);
    }
  }
}

// --- The others ---

export const tensorCount = 50_000;
export const tensorShape = [3, 4];

function writeTensors(writer) {
  writer.table(tensorCount);
  for (let i = 1; i <= tensorCount; i++) {
    writer.number(i);
    writer.floatTensor(tensorShape, writeFloats);
  }
}

export const chainDepth = 1_000_000;

function writeChain(writer) {
  for (let i = 1; i < chainDepth; i++) {
    writer.table(1);
    writer.string("next");
  }
  writer.table(0);
}

export const kernelElements = 64 * 2 ** 20;

/** One storage of 20 GB and a small graph behind it. */
function writeSparse(writer) {
  writer.table(2);
  writer.string("huge");
  writer.floatTensor([5_000_000, 1000], (_, length) => writer.hole(4 * length));
  writer.string("names");
  writer.table(1000);
  for (let i = 1; i <= 1000; i++) {
    writer.number(i);
    writer.string(`class ${i}`);
  }
}

const asciiBytes = 100e6;

/** A double tensor in ASCII, each number with as many digits as Torch writes. */
function writeAscii(path) {
  const next = random(3);
  const pieces = [];
  let count = 0;
  for (let bytes = 0; bytes < asciiBytes; ) {
    const numbers = [];
    for (let i = 0; i < 10_000; i++) numbers.push((next() - 0.5) * 10);
    const text = numbers.join(" ");
    pieces.push(text);
    bytes += text.length + 1;
    count += numbers.length;
  }
  const head = (index, name) => `4\n${index}\n3\nV 1\n${name.length}\n${name}\n`;
  const fd = openSync(path, "w");
  writeSync(fd, `${head(1, "torch.DoubleTensor")}1\n${count}\n1\n1\n`);
  writeSync(fd, `${head(2, "torch.DoubleStorage")}${count}\n`);
  for (const [i, piece] of pieces.entries()) writeSync(fd, i === 0 ? piece : ` ${piece}`);
  writeSync(fd, "\n");
  closeSync(fd);
}

function withWriter(write) {
  return (path) => {
    const writer = new Writer(path);
    write(writer);
    writer.close();
  };
}

const makers = {
  "vgg16.t7": withWriter(writeVgg),
  "records.t7": withWriter(writeRecords),
  "records.json": (path) => writeFileSync(path, JSON.stringify(makeRecords())),
  "tensors.t7": withWriter(writeTensors),
  "chain.t7": withWriter(writeChain),
  "floats.t7": withWriter((writer) => writer.floatTensor([kernelElements], writeFloats)),
  "sparse.t7": withWriter(writeSparse),
  "numbers.ascii.t7": writeAscii,
};

/** Path of an input, which is made if it is not there yet. */
export function input(name) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  if (existsSync(path)) return path;
  makers[name](`${path}.part`);
  renameSync(`${path}.part`, path);
  return path;
}
