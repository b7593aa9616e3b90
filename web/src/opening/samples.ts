/** The three files on offer before anything was dropped. */

import { isOneFile } from "./core.js";

export interface Sample {
  title: string;
  note: string;
  file: string;
  url: string;
}

/** The one-file page has none: it asks for no other file. */
export const samples: Sample[] = isOneFile
  ? []
  : [
      {
        title: "A small VGG network",
        note: "nn, convolutions and their weights",
        file: "nn_vgg_small_float.t7",
        url: new URL("../../../testfiles_x86_64/nn_vgg_small_float.t7", import.meta.url).href,
      },
      {
        title: "An LSTM after one forward pass",
        note: "rnn, shared weights, buffers still filled",
        file: "rnn_lookup_fastlstm_forwarded.t7",
        url: new URL("../../../testfiles_x86_64/rnn_lookup_fastlstm_forwarded.t7", import.meta.url)
          .href,
      },
      {
        title: "A picture",
        note: "image, one tensor of 3×24×32",
        file: "image_float_3x24x32.t7",
        url: new URL("../../../testfiles_x86_64/image_float_3x24x32.t7", import.meta.url).href,
      },
    ];
