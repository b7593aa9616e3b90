// A writer of little-endian 64-bit `.t7` files, as large as wanted: what the bench's inputs need.

import { closeSync, openSync, writeSync } from "node:fs";

const bufferBytes = 2 ** 20;

export class Writer {
  #fd;
  #buffer = Buffer.alloc(bufferBytes);
  #used = 0;
  #flushed = 0;
  #objects = 0;

  constructor(path) {
    this.#fd = openSync(path, "w");
  }

  get position() {
    return this.#flushed + this.#used;
  }

  close() {
    this.#flush();
    closeSync(this.#fd);
  }

  // --- Values ---

  number(value) {
    this.#int(1);
    this.#room(8);
    this.#used = this.#buffer.writeDoubleLE(value, this.#used);
  }

  string(text) {
    this.#int(2);
    this.#text(text);
  }

  /** The header of a table; its keys and values follow. */
  table(entries) {
    this.#int(3);
    this.#int(++this.#objects);
    this.#int(entries);
  }

  /** The header of a torch object; its body follows. */
  object(className) {
    this.#int(4);
    this.#int(++this.#objects);
    this.#text("V 1");
    this.#text(className);
  }

  /** A contiguous float tensor over a storage of its own; `elements(writer)` writes the elements. */
  floatTensor(shape, elements) {
    this.object("torch.FloatTensor");
    this.#int(shape.length);
    for (const size of shape) this.#long(size);
    let stride = shape.reduce((product, size) => product * size, 1);
    const length = stride;
    for (const size of shape) {
      stride /= size;
      this.#long(stride);
    }
    this.#long(1);
    this.object("torch.FloatStorage");
    this.#long(length);
    elements(this, length);
  }

  /** Raw bytes. */
  bytes(bytes) {
    if (bytes.length > bufferBytes - this.#used) this.#flush();
    if (bytes.length > bufferBytes) {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#flushed + at);
      }
      this.#flushed += bytes.length;
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** A hole of zeros, which takes no place on the disk. */
  hole(bytes) {
    this.#flush();
    this.#flushed += bytes;
  }

  // --- Primitives ---

  #int(value) {
    this.#room(4);
    this.#used = this.#buffer.writeInt32LE(value, this.#used);
  }

  #long(value) {
    this.#room(8);
    this.#used = this.#buffer.writeBigInt64LE(BigInt(value), this.#used);
  }

  #text(text) {
    const bytes = Buffer.from(text);
    this.#int(bytes.length);
    this.bytes(bytes);
  }

  #room(bytes) {
    if (this.#used + bytes > bufferBytes) this.#flush();
  }

  #flush() {
    for (let at = 0; at < this.#used; ) {
      at += writeSync(this.#fd, this.#buffer, at, this.#used - at, this.#flushed + at);
    }
    this.#flushed += this.#used;
    this.#used = 0;
  }
}
