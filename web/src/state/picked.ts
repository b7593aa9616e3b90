/** A file as the user chose it: enough to open it again in another way. */
export interface Picked {
  blob: Blob;
  name: string;
  /** What the file holds, as the user says; empty unless it was written by hand. */
  schema: string;
}
