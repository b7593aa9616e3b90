/** Small pieces of text as chunks of bytes. */

/** Characters that are held back. */
const CHUNK = 1 << 16;

const encoder = new TextEncoder();

export async function* encoded(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let text = "";
  for await (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}
