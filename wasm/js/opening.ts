/** From whatever the user gives to a source that can be parsed. */

import type { OpenOptions, SourceInput } from "./api.js";
import { platform } from "./platform.js";
import type { Source } from "./reading.js";

/** A source for the input, unpacked if it is gzip. The caller closes it. */
export async function openSource(input: SourceInput, options: OpenOptions): Promise<Source> {
  const { signal, onProgress } = options;
  return platform.toSource(input, {
    signal,
    onBytes: (loaded, total) =>
      onProgress?.({ position: loaded, byteLength: total ?? loaded, bytesRead: loaded, values: 0 }),
  });
}
