import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { explainTypeCode, sniff } from "../../wasm/js/foreign/sniff.js";

/** Bytes of Latin-1 text, padded with 0xee to 512 so that no end helps to decide. */
function binary(text: string): Uint8Array {
  const bytes = new Uint8Array(512).fill(0xee);
  bytes.set(Buffer.from(text, "latin1"));
  return bytes;
}

/** The start of a zip archive whose first file has this name. */
function zip(name: string): Uint8Array {
  const header = Buffer.alloc(30);
  header.write("PK\x03\x04", "latin1");
  header.writeUInt16LE(name.length, 26);
  return binary(header.toString("latin1") + name);
}

const text = (content: string) => new TextEncoder().encode(content);

const lfs =
  "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 553432\n";

const files: [string, Uint8Array, found: string, hint: string][] = [
  ["Git LFS", text(lfs), "a Git LFS pointer to a file of 553,432 bytes", "git lfs pull"],
  ["PyTorch zip", zip("archive/data.pkl"), "a PyTorch file (version 1.6 or later)", "torch.load"],
  ["PyTorch zip", zip("resnet18/data.pkl"), "a PyTorch file (version 1.6", "torch.load"],
  ["plain zip", zip("model/net.t7"), "a zip archive", "Unpack it first"],
  ["npz", zip("weights.npy"), "NumPy arrays (.npz)", "numpy.load"],
  ["Keras zip", zip("metadata.json"), "a Keras model", "keras"],
  [
    "PyTorch pickle",
    binary("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."),
    "a PyTorch file of the old kind",
    "torch.load",
  ],
  ["pickle 2", binary("\x80\x02}q\0"), "a Python pickle (protocol 2)", "pickle.load"],
  ["pickle 3", binary("\x80\x03}q\0"), "a Python pickle (protocol 3)", "pickle.load"],
  ["pickle 4", binary("\x80\x04\x95\x07"), "a Python pickle (protocol 4)", "pickle.load"],
  ["pickle 5", binary("\x80\x05\x95\x07"), "a Python pickle (protocol 5)", "pickle.load"],
  ["pickle 0", text("(dp0\nS'a'\np1\n"), "a Python pickle (protocol 0)", "pickle.load"],
  ["HDF5", binary("\x89HDF\r\n\x1a\n"), "an HDF5 file", "h5py"],
  ["npy", binary("\x93NUMPY\x01\0"), "a NumPy array (.npy)", "numpy.load"],
  ["MATLAB", binary("MATLAB 5.0 MAT-file"), "a MATLAB file (.mat)", "scipy"],
  ["gzip", gzipSync("x".repeat(600)), "a gzip archive", "Unpack"],
  ["xz", binary("\xfd7zXZ\0\0\x04"), "an xz archive", "Unpack"],
  ["zstd", binary("\x28\xb5\x2f\xfd"), "a Zstandard archive", "Unpack"],
  ["bzip2", binary("BZh91AY&SY"), "a bzip2 archive", "Unpack"],
  ["7z", binary("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive", "Unpack"],
  ["tar", binary(`model.t7${"\0".repeat(249)}ustar\x0000`), "a tar archive", "Unpack"],
  ["HTML", text("\n <!DOCTYPE html><html><title>Sign in"), "a web page (HTML)", "web page"],
  ["HTML", text("\ufeff<html lang='en'>"), "a web page (HTML)", "web page"],
  ["XML error", text("<?xml version='1.0'?>\n<Error><Code>AccessDenied"), "an error message", ""],
  ["XML", text("<?xml version='1.0'?><x/>"), "an XML file", ""],
  ["OpenCV", text('<?xml version="1.0"?>\n<opencv_storage>\n'), "an OpenCV file (XML)", "OpenCV"],
  ["JSON", text('{"message": "Not Found"}'), "a JSON file", "JSON"],
  ["JSON", text("[1, 2]"), "a JSON file", "JSON"],
  ["Lua", text("require 'torch'\nlocal x = 5\n"), "a Lua program in source form", "th file.lua"],
  ["Lua", text("-- train.lua\n"), "a Lua program", ""],
  ["Lua", text("#!/usr/bin/env th\n"), "a Lua program", ""],
  ["shell", text("#!/bin/sh\n"), "a script", ""],
  ["text", text("This is the captions file"), 'that begins with "This is the captions fil…"', ""],
  ["text", text("größe\n".repeat(100)), "a text file", "schema"],
  ["text cut inside a character", text("größe".repeat(9)).subarray(0, 3), "a text file", ""],
  ["UTF-16", binary("\xff\xfeh\0i\0"), "a text file", ""],
  ["LuaJIT", binary("\x1bLJ\x02\0"), "LuaJIT bytecode", "Lua"],
  ["Lua bytecode", binary("\x1bLuaQ\0"), "Lua bytecode", "Lua"],
  ["PNG", binary("\x89PNG\r\n\x1a\n"), "a picture (PNG)", "pictures"],
  ["JPEG", binary("\xff\xd8\xff\xe0\0\x10JFIF"), "a picture (JPEG)", "pictures"],
  ["MP4", binary("\0\0\0\x18ftypmp42"), "a film", ""],
  ["safetensors", binary('\x40\x1f\0\0\0\0\0\0{"__metadata__":'), "a safetensors file", ""],
  ["ELF", binary("\x7fELF\x02"), "a Linux program", ""],
  ["SQLite", binary("SQLite format 3\0"), "an SQLite database", "sqlite3"],
  ["empty", new Uint8Array(0), "an empty file (0 bytes)", "again"],
  ["zeros", new Uint8Array(512), "a file of zeros", "again"],
];

describe("sniff", () => {
  it.each(files)("names %s", (_, bytes, found, hint) => {
    const error = sniff(bytes, "model.t7");
    expect(error?.code).toBe("not_t7");
    expect(error?.found).toContain(found);
    expect(error?.message).toBe(`model.t7 is not a .t7 file: it is ${error?.found}`);
    expect(error?.hint).toContain(hint);
    expect(error?.hint?.length).toBeGreaterThan(15);
    expect(error?.offset).toBe(0);
  });

  it("takes a few zeros for nil, and any cut of a file without a crash", () => {
    for (const n of [1, 4, 8, 63]) expect(sniff(new Uint8Array(n))).toBeNull();
    for (const [, bytes] of files) {
      for (let n = 1; n < 40; n++) expect(sniff(bytes.subarray(0, n))?.found).not.toBe("");
    }
  });

  it("says nothing about unknown bytes", () => {
    expect(sniff(binary("\xde\xad\xbe\xef"))).toBeNull();
    expect(sniff(binary("ONNX?\0\x08"))).toBeNull();
  });

  it("names no real .t7 file as something else", () => {
    const names = readdirSync("testfiles_x86_64").filter((name) => name.endsWith(".t7"));
    expect(names.length).toBeGreaterThan(300);
    const wrong = names.filter((name) => {
      const bytes = readFileSync(`testfiles_x86_64/${name}`);
      return sniff(bytes.subarray(0, 512)) !== null || sniff(bytes) !== null;
    });
    expect(wrong).toEqual([]);
  });
});

describe("explainTypeCode", () => {
  it.each([
    [1936876918, "76 65 72 73 begin a Git LFS pointer."],
    [1936287828, '54 68 69 73 are the text "This": this is a text file, not a .t7 file.'],
    [127206528, "80 04 95 07 begin a Python pickle (protocol 4)."],
    [176816768, "80 02 8a 0a begin a PyTorch file of the old kind"],
    [67324752, "50 4b 03 04 begin a zip archive; PyTorch's files (version 1.6 or later)"],
    [170986035, "33 0a 31 0a begin a .t7 file written as text (ASCII)"],
    [170986036, "34 0a 31 0a begin a .t7 file written as text (ASCII)"],
    [171248178, "32 0a 35 0a begin a .t7 file written as text (ASCII)"],
    [33554432, "00 00 00 02 begin a .t7 file of a big-endian machine"],
    [50331648, "big-endian"],
    [67108864, "big-endian"],
    [1072693248, "are the second half of the number 1: the reader is 4 bytes out of step"],
    [-1112529805, "(float32): the reader is in the middle of a tensor's elements"],
    [968499410, "(float32): the reader is in the middle of a tensor's elements"],
    [0x464c457f, "begin a Linux program."],
    [0x3c0a0a0a, 'are the text "\\n\\n\\n<"'],
    [-1, "ff ff ff ff begin no kind of file that we know"],
    [4294967295, "ff ff ff ff begin no kind"],
    [1e300, "is not a number of four bytes."],
    [4, "4 is a type code of .t7 files."],
  ])("explains %d", (code, expected) => {
    const sentence = explainTypeCode(code);
    expect(sentence).toContain(expected);
    expect(sentence).toMatch(/[^.]\.$/);
  });
});
