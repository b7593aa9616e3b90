/** One of each kind of file that is no whole `.t7` file, and what its banner must speak of. */

import { gzipSync } from "node:zlib";
import { fixture } from "./browser.js";

export interface BadFile {
  /** As a student would have it in the downloads folder. */
  name: string;
  bytes: Uint8Array;
  /** Must stand in what happened. */
  what: RegExp;
  /** Must stand in what to do. */
  todo: RegExp;
  /** Is there a tree of what could be read? */
  tree?: true;
  /** Is the user asked what the file holds? */
  asks?: true;
}

const text = (content: string) => new TextEncoder().encode(content);
const bytes = (...values: number[]) => Uint8Array.from(values);

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

const padded = (start: Uint8Array) => joined(start, new Uint8Array(600).fill(0x5a));

const lfsPointer = `version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 574769405
`;

/** Local header of a zip archive whose first file is empty and has this name. */
function zip(name: string): Uint8Array {
  const header = new Uint8Array(30);
  header.set([0x50, 0x4b, 3, 4, 20]);
  header[26] = name.length;
  return joined(header, text(name), new Uint8Array(40));
}

/** A network with the bytes of `at` … replaced: damage in the middle. */
function corrupted(): Uint8Array {
  const whole = Uint8Array.from(fixture("nn_mlp_double.t7"));
  // The type code of some value in the middle, such as a flipped block of a disk would leave it.
  const at = Buffer.from(whole).indexOf("gradBias") + "gradBias".length;
  whole.set([0x17, 0x2b, 0xc4, 0x41], at);
  return whole;
}

const gzipped = gzipSync(fixture("nn_linear.t7"));

export const badFiles: BadFile[] = [
  { name: "empty.t7", bytes: bytes(), what: /empty/, todo: /again/ },
  { name: "lfs.t7", bytes: text(lfsPointer), what: /Git LFS pointer/, todo: /git lfs pull/ },
  {
    name: "model.pth",
    bytes: zip("archive/data.pkl"),
    what: /PyTorch file/,
    todo: /torch\.load/,
  },
  {
    name: "features.pkl",
    bytes: padded(bytes(0x80, 4, 0x95, 0x20, 0, 0, 0, 0, 0, 0, 0, 0x7d)),
    what: /Python pickle/,
    todo: /pickle\.load/,
  },
  {
    name: "weights.h5",
    bytes: padded(joined(bytes(0x89), text("HDF\r\n"), bytes(0x1a, 0x0a))),
    what: /HDF5/,
    todo: /h5py/,
  },
  {
    name: "array.npy",
    bytes: padded(joined(bytes(0x93), text("NUMPY"), bytes(1, 0, 118, 0))),
    what: /NumPy array/,
    todo: /numpy\.load/,
  },
  {
    name: "model.t7.xz",
    bytes: padded(joined(bytes(0xfd), text("7zXZ"), bytes(0, 0, 4))),
    what: /xz archive/,
    todo: /Unpack/,
  },
  {
    name: "half.t7.gz",
    bytes: gzipped.subarray(0, gzipped.length >> 1),
    what: /gzip/,
    todo: /again/,
  },
  {
    name: "picture.png",
    bytes: padded(joined(bytes(0x89), text("PNG\r\n"), bytes(0x1a, 0x0a, 0, 0, 0, 13))),
    what: /picture \(PNG\)/,
    todo: /pictures/,
  },
  {
    name: "download.t7",
    bytes: text("<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"),
    what: /web page \(HTML\)/,
    todo: /download again/,
  },
  {
    name: "answer.t7",
    bytes: text('{"message": "Not Found", "status": "404"}'),
    what: /JSON/,
    todo: /server/,
  },
  {
    name: "notes.t7",
    bytes: text("Weights of the second run, see the other folder.\n"),
    what: /text file that begins with "Weights/,
    todo: /not readable text/,
    asks: true,
  },
  { name: "zeros.t7", bytes: new Uint8Array(5000), what: /zeros/, todo: /again/ },
  {
    name: "noise.t7",
    bytes: bytes(0xc3, 0x91, 0x07, 0xfe, 0x88, 0x10, 0x9b, 0xe2, 0x5d, 0xaa),
    what: /not a Torch7 file/,
    todo: /right file.*schema/,
    asks: true,
  },
  {
    name: "cut.t7",
    bytes: fixture("nn_vgg_small_float.t7").subarray(0, -5000),
    what: /^Truncated: [\d,]+ of [\d,]+ bytes of root\.[\w.[\]]+ are missing/,
    todo: /incomplete download/,
    tree: true,
  },
  {
    name: "corrupted.t7",
    bytes: corrupted(),
    what: /No value begins here/,
    todo: /damaged/,
    tree: true,
    asks: true,
  },
  {
    name: "class_custom_layout.t7",
    bytes: fixture("class_custom_layout.t7"),
    what: /fixture\.CustomLayout/,
    todo: /readers/,
    tree: true,
  },
  {
    name: "class_custom_layout_in_table.t7",
    bytes: fixture("class_custom_layout_in_table.t7"),
    what: /fixture\.CustomLayout/,
    todo: /readers/,
    tree: true,
  },
  {
    name: "stream_multi.t7",
    bytes: fixture("stream_multi.t7"),
    what: /no Torch values/,
    todo: /schema/,
    tree: true,
    asks: true,
  },
];

/** A tensor of eight elements in a storage of two. */
export function tensorOutsideItsStorage(): Uint8Array {
  const out: number[] = [];
  const view = new DataView(new ArrayBuffer(8));
  const word = (value: number) => {
    view.setInt32(0, value, true);
    out.push(...new Uint8Array(view.buffer, 0, 4));
  };
  const long = (value: number) => {
    view.setBigInt64(0, BigInt(value), true);
    out.push(...new Uint8Array(view.buffer));
  };
  const string = (value: string) => {
    word(value.length);
    out.push(...text(value));
  };
  const object = (index: number, name: string) => {
    word(4);
    word(index);
    string("V 1");
    string(name);
  };
  // { good = true, weight = the tensor }
  [3, 1, 2, 2].forEach(word);
  string("good");
  [5, 1, 2].forEach(word);
  string("weight");
  object(2, "torch.FloatTensor");
  word(1);
  [8, 1, 1].forEach(long);
  object(3, "torch.FloatStorage");
  long(2);
  long(0);
  return Uint8Array.from(out);
}
