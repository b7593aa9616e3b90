/** The first bytes of a `string.dump`: which Lua wrote it and what it says about itself. */

/** What the header of a dump tells; `null` where it does not. */
export interface DumpHeader {
  /** Such as `LuaJIT 2.1` or `Lua 5.1`. */
  producer: string;
  byteOrder: "little" | "big" | null;
  /** True if names and line numbers were removed. Only LuaJIT says so. */
  stripped: boolean | null;
  /** True if the function holds C data. Only LuaJIT says so. */
  ffi: boolean | null;
  /** True if it needs a LuaJIT with 64-bit pointers (GC64). Only LuaJIT 2.1 says so. */
  gc64: boolean | null;
  /** The chunk's name as Lua has it: `@file.lua`, `=text`, or the source itself. */
  source: string | null;
}

const text = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads numbers from a dump and never past its end: then `failed` is set and zeros come. */
class Cursor {
  failed = false;
  constructor(
    readonly bytes: Uint8Array,
    public position: number,
  ) {}

  byte(): number {
    if (this.position >= this.bytes.length) this.failed = true;
    return this.failed ? 0 : this.bytes[this.position++];
  }

  /** LuaJIT's ULEB128 of at most 32 bits. */
  uleb(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    this.failed = true;
    return 0;
  }

  unsigned(width: number, order: "little" | "big"): number {
    let value = 0;
    for (let i = 0; i < width; i++) {
      const byte = this.byte();
      value = order === "big" ? value * 256 + byte : value + byte * 256 ** i;
    }
    return value;
  }

  string(length: number): string | null {
    if (this.failed || length < 1 || length > this.bytes.length - this.position) return null;
    return text.decode(this.bytes.subarray(this.position, this.position + length));
  }
}

function readLuaJit(bytes: Uint8Array): DumpHeader {
  const version = bytes[3];
  const cursor = new Cursor(bytes, 4);
  const flags = cursor.uleb();
  const stripped = (flags & 2) !== 0;
  return {
    producer: version === 1 || version === 2 ? `LuaJIT 2.${version - 1}` : `LuaJIT (${version})`,
    byteOrder: flags & 1 ? "big" : "little",
    stripped,
    ffi: (flags & 4) !== 0,
    gc64: version === 2 ? (flags & 8) !== 0 : null,
    source: stripped ? null : cursor.string(cursor.uleb()),
  };
}

/** Lua 5.1 has the source's name right after its 12 bytes of header; 5.2 has it at the end. */
function readLua51(bytes: Uint8Array): Pick<DumpHeader, "byteOrder" | "source"> {
  const byteOrder = bytes[6] === 0 ? "big" : "little";
  const cursor = new Cursor(bytes, 12);
  const length = cursor.unsigned(bytes[8] === 4 ? 4 : 8, byteOrder);
  return { byteOrder, source: cursor.string(length - 1) };
}

/** Lua 5.3 tells its byte order by writing 0x5678, and has the name after 33 bytes and a count. */
function readLua53(bytes: Uint8Array): Pick<DumpHeader, "byteOrder" | "source"> {
  const integerSize = bytes[15];
  const byteOrder = bytes[17] === 0x78 ? "little" : "big";
  const cursor = new Cursor(bytes, 17 + integerSize + bytes[16] + 1);
  let length = cursor.byte();
  if (length === 255) length = cursor.unsigned(bytes[13] === 4 ? 4 : 8, byteOrder);
  return { byteOrder, source: cursor.string(length - 1) };
}

function readLua(bytes: Uint8Array): DumpHeader {
  const version = bytes[4];
  let rest: Pick<DumpHeader, "byteOrder" | "source"> = {
    byteOrder: bytes[6] === 0 ? "big" : "little",
    source: null,
  };
  if (version === 0x51) rest = readLua51(bytes);
  if (version === 0x53) rest = readLua53(bytes);
  const producer = `Lua ${version >> 4}.${version & 15}`;
  return { producer, stripped: null, ffi: null, gc64: null, ...rest };
}

/** What a dump's header says; `null` if the bytes do not start like any Lua's dump. */
export function readDumpHeader(bytes: Uint8Array): DumpHeader | null {
  if (bytes.length < 5 || bytes[0] !== 0x1b || bytes[1] !== 0x4c) return null;
  if (bytes[2] === 0x4a) return readLuaJit(bytes);
  if (bytes[2] === 0x75 && bytes[3] === 0x61 && bytes.length >= 12) return readLua(bytes);
  return null;
}
