/** Writes chunks to a file of the person's choice: streamed to disk where the browser can, else as a download. */

interface Sink {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

interface Picker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<{
    createWritable(): Promise<Sink>;
  }>;
}

/** Asks where to; `null` where the person thinks better of it. Must be called from a click. */
export async function chooseSink(name: string): Promise<Sink | null> {
  const { showSaveFilePicker } = window as Picker;
  if (showSaveFilePicker === undefined) return download(name);
  try {
    const handle = await showSaveFilePicker({ suggestedName: name });
    return await handle.createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    // Not allowed here: in a frame, or by the browser's settings.
    return download(name);
  }
}

/** The browser keeps the parts of a blob on disk where they are many. */
function download(name: string): Sink {
  let parts: Blob[] = [];
  return {
    async write(chunk) {
      parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
    },
    async close() {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(parts));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    async abort() {
      parts = [];
    },
  };
}

/** Writes all of them, or nothing. */
export async function saveChunks(sink: Sink, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let written = 0;
  try {
    for await (const chunk of chunks) {
      await sink.write(chunk);
      written += chunk.length;
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return written;
}
