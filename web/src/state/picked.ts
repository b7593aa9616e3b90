/** A file as the user chose it: enough to open it again in another way. */
export interface Picked {
  /** The file itself, or the address that it is read from by ranges. */
  input: Blob | string;
  name: string;
  /** What the file holds, as the user says; empty unless it was written by hand. */
  schema: string;
  /** One of the page's own files. */
  isSample?: boolean;
  /** Where the browser gives one: with it the file can be opened again on another day. */
  handle?: FileSystemFileHandle;
}

/** In bytes; 0 while it is not known. */
export const sizeOf = ({ input }: Picked): number => (typeof input === "string" ? 0 : input.size);
