/** Files that were changed on their way: what happened, how it shows, and what to do. */

import type { Source } from "../source/source-types.js";

/** Bytes that are looked at: a change shows everywhere. */
const lookedAt = 2 ** 18;
/** Zeros that are no accident. */
const manyZeros = 64;

/** What happened to a file, and what to do. */
export interface Change {
  what: string;
  hint: string;
}

/**
 * What happened to a damaged file on its way, as far as its bytes tell; `null` if they do not.
 * `offset` is where the reading ended, `null` if it went through or the file simply ends: what is too
 * short was not filled up. Reads at most half a megabyte.
 */
export async function explainChange(
  source: Source,
  offset: number | null,
  signal?: AbortSignal,
): Promise<Change | null> {
  const { byteLength } = source;
  const head = await source.slice(0, Math.min(lookedAt, byteLength), signal);
  const change = textMode(head) ?? reencoded(head);
  if (change !== null || offset === null) return change;
  const from = Math.min(offset, byteLength);
  const rest = await source.slice(from, Math.min(from + lookedAt, byteLength), signal);
  const zeros = rest.length >= manyZeros && rest.subarray(4).every((byte) => byte === 0);
  if (!zeros) return null;
  return {
    what: `there are only zeros from byte ${from.toLocaleString("en-US")} on`,
    hint: "Room was made for the file, but the download or copy did not fill it: get the file again.",
  };
}

/** A transfer in text mode puts 0D before every 0A. */
function textMode(bytes: Uint8Array): Change | null {
  let feeds = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (at === 0 || bytes[at - 1] !== 13) return null;
    feeds++;
  }
  if (feeds === 0) return null;
  const count = feeds === 1 ? "its only byte 0A follows" : `all of its ${feeds} bytes 0A follow`;
  return {
    what: "the file was changed by a transfer in text mode",
    hint: `It shows in that ${count} a 0D, which such a transfer adds. Fetch the file again in binary mode (FTP: type binary; git: mark *.t7 as binary).`,
  };
}

/** Bytes that were taken for text and written as UTF-8: the whole is valid, which tensors never are. */
function reencoded(bytes: Uint8Array): Change | null {
  const text = decodeUtf8(bytes);
  if (text === null) return null;
  let lost = 0;
  let high = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd) lost++;
    else if (code > 0x7f) high++;
  }
  if (lost > 0) {
    return {
      what: "the file was read as text, and bytes that are no text were lost",
      hint: `It shows in ${lost} replacement characters (EF BF BD). Nothing brings the bytes back: fetch the file again as bytes (response.arrayBuffer(), not text()).`,
    };
  }
  if (high < 4) return null;
  return {
    what: "the file was re-encoded as UTF-8",
    hint: `It shows in that every byte above 7F is part of a character of UTF-8 (${high} of them). Fetch it again as bytes, or decode it from UTF-8 to Latin-1.`,
  };
}

/** The text of bytes that may be cut inside a character; `null` if they are no UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | null {
  for (let cut = 0; cut < 4; cut++) {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(
        bytes.subarray(0, Math.max(0, bytes.length - cut)),
      );
    } catch {
      // Perhaps only the last character is incomplete.
    }
  }
  return null;
}
