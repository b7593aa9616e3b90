/** All tensors below a node as NumPy saves several arrays: a stored zip of `.npy` files, Zip64 where it is large. */

import { makeZip, predictLength } from "client-zip";
import type { Export, ExportOptions, Subject } from "./export-types.js";
import { npy } from "./npy.js";
import { type NamedTensor, tensorsBelow } from "./tensors.js";

/** One date for all, so that the same tensors give the same bytes. */
const DATE = new Date(1980, 0, 1);

/** client-zip takes streams; these give a chunk when it asks for one. */
const streamOf = (chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await iterator.return?.()),
  });
};

const nameOf = ({ name }: NamedTensor) => `${name}.npy`;

async function* chunksOf(tensors: NamedTensor[], options: ExportOptions) {
  const entries = function* () {
    for (const tensor of tensors) {
      const { chunks, byteLength } = npy(tensor, options);
      const size = byteLength as number;
      yield { name: nameOf(tensor), lastModified: DATE, size, input: streamOf(chunks) };
    }
  };
  const reader = makeZip(entries(), { buffersAreUTF8: true }).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel();
  }
}

export async function npz(subject: Subject, options: ExportOptions): Promise<Export> {
  const tensors = await tensorsBelow(subject, options, "npz", options.copies === true);
  const sizes = tensors.map((tensor) => ({
    name: nameOf(tensor),
    size: npy(tensor, options).byteLength as number,
  }));
  return {
    extension: "npz",
    mime: "application/zip",
    byteLength: Number(predictLength(sizes)),
    chunks: chunksOf(tensors, options),
  };
}
