/** A `.t7` file inside something else: text that stands for bytes, or a header before them. */

/** What stands around or instead of the file. */
export interface Wrapping {
  is: string;
  hint: string;
}

const count = (bytes: number) => bytes.toLocaleString("en-US");

/** The first bytes of a `.t7` file in binary: a type code, and for objects the number 1. */
function beginsT7(bytes: ArrayLike<number>): boolean {
  const zero = (from: number) =>
    bytes[from] === 0 && bytes[from + 1] === 0 && bytes[from + 2] === 0;
  return (zero(1) && bytes[0] <= 8) || (zero(0) && bytes[3] <= 8);
}

/** `text` is the first half kilobyte as Latin-1, `byteLength` the length of the whole file. */
export function findWrapping(text: string, byteLength: number): Wrapping | null {
  return (
    httpHeader(text) ??
    chunked(text) ??
    dataUrl(text) ??
    quoted(text) ??
    hexDump(text) ??
    base64(text, byteLength) ??
    symbolicLink(text, byteLength)
  );
}

function httpHeader(text: string): Wrapping | null {
  if (!/^HTTP\/\d(\.\d)? \d{3}/.test(text)) return null;
  const end = /\r?\n\r?\n/.exec(text);
  const length = end === null ? null : end.index + end[0].length;
  const header = length === null ? "an HTTP header" : `an HTTP header of ${count(length)} bytes`;
  return {
    is: `the answer of a server: ${header} stands before the data`,
    hint:
      length === null
        ? "Save the body without the header (curl without -i)."
        : `Remove the header (tail -c +${length + 1}), or save the body alone (curl without -i).`,
  };
}

/** Chunks of HTTP/1.1: a length in hexadecimal on a line, then the bytes. */
function chunked(text: string): Wrapping | null {
  const found = /^([0-9a-f]{1,8})(;[^\r\n]*)?\r\n/i.exec(text);
  if (found === null) return null;
  const rest = text.slice(found[0].length, found[0].length + 8);
  if (!beginsT7(Array.from(rest, (c) => c.charCodeAt(0)))) return null;
  return {
    is: "the raw body of a server's answer, in chunks with their lengths between the bytes",
    hint: "Save the file with a program that takes the chunks apart (curl does unless --raw is given).",
  };
}

function dataUrl(text: string): Wrapping | null {
  if (!/^data:[^,]{0,200},/i.test(text)) return null;
  return {
    is: "a data: address as text",
    hint: "Decode what stands behind the comma from base64, or open the address itself: load(address).",
  };
}

function quoted(text: string): Wrapping | null {
  if (!/^"(\\u000\d|\\[0-9nrtbf]|[A-Za-z0-9+/]{16})/.test(text)) return null;
  return {
    is: "a string of JSON that holds the file's content",
    hint: "Parse the JSON and write its string as bytes; if it is base64, decode that.",
  };
}

function hexDump(text: string): Wrapping | null {
  const dump = /^(?:[0-9a-f]{6,8}:?\s+)?((?:[0-9a-f]{2}\s?){4})/i.exec(text);
  if (dump === null || !/^[\x20-\x7e\s]*$/.test(text)) return null;
  const bytes = (dump[1].match(/[0-9a-f]{2}/gi) ?? []).map((pair) => Number.parseInt(pair, 16));
  if (!beginsT7(bytes)) return null;
  return {
    is: "a hex dump of a .t7 file",
    hint: "Turn it into bytes again, such as with xxd -r (xxd -r -p where there are only digits).",
  };
}

function base64(text: string, byteLength: number): Wrapping | null {
  const body = text.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]{8,}={0,2}$/.test(body)) return null;
  let first: string;
  try {
    first = atob(body.slice(0, 8));
  } catch {
    return null;
  }
  if (!beginsT7(Array.from(first, (c) => c.charCodeAt(0)))) return null;
  // Of a longer file only the beginning is here: lines end as often everywhere.
  const digits = Math.round(
    (byteLength * body.replace(/=+$/, "").length) / Math.max(1, text.length),
  );
  const bytes = Math.floor((digits * 3) / 4);
  return {
    is: `base64; decoded it is a .t7 file of ${byteLength > text.length ? "about " : ""}${count(bytes)} bytes`,
    hint: "Decode it: base64 -d file > decoded.t7.",
  };
}

function symbolicLink(text: string, byteLength: number): Wrapping | null {
  if (byteLength > 260 || byteLength !== text.length) return null;
  if (!/^[\w.~-]*(\/[\w.~ -]+)+$/.test(text) && !/^[\w.-]+\.t7$/.test(text)) return null;
  return {
    is: `a symbolic link to ${text}, checked out as text`,
    hint: `Open the file that it names. In git: git config core.symlinks true, then check it out again.`,
  };
}
