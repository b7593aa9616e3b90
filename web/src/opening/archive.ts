/** The files inside a zip archive, unpacked one at a time. Loaded when the first archive is dropped. */

import { BlobReader, configure, type Entry, ZipReader } from "@zip.js/zip.js";

/** Unpacked, a file lies in memory: a larger one is to be unpacked by other means. */
const maxBytes = 2 ** 31;

export interface ArchiveEntry {
  name: string;
  /** Unpacked, in bytes, as the archive says. */
  size: number;
  extract: () => Promise<Blob>;
}

// Its own workers would need an address of their own; unpacking is the browser's work anyway.
configure({ useWebWorkers: false });

/** Lists the files of an archive; only its directory is read. Rejects if it is no archive. */
export async function entriesOf(archive: Blob): Promise<ArchiveEntry[]> {
  const reader = new ZipReader(new BlobReader(archive));
  const entries = await reader.getEntries();
  return entries.flatMap((entry) =>
    entry.directory
      ? []
      : [{ name: entry.filename, size: entry.uncompressedSize, extract: () => extract(entry) }],
  );
}

/** Unpacks one file, and stops where it is larger than the archive says: such archives are traps. */
async function extract(entry: Entry): Promise<Blob> {
  const { uncompressedSize: size } = entry;
  if (entry.directory) throw new Error("it is a folder");
  if (entry.encrypted) throw new Error("it is encrypted; unpack the archive first");
  if (size > maxBytes) throw new Error("it is larger than 2 GB; unpack the archive first");
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let written = 0;
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(piece) {
      written += piece.length;
      if (written > size) throw new Error("it unpacks to more than the archive says");
      pieces.push(piece);
    },
  });
  await entry.getData(sink);
  return new Blob(pieces);
}
