// A file of 20 GB that is mostly one storage, against VGG-16.

import { open } from "../../../dist/index.node.js";
import { input } from "../inputs.mjs";
import { alternate, fresh, mebibyte, mib, ms, row } from "../measure.mjs";

export default async function sparse() {
  const openAndClose = async (path) => (await open(path)).close();
  const [huge, vgg] = [input("sparse.t7"), input("vgg16.t7")];
  const times = await alternate(
    { huge: () => openAndClose(huge), vgg: () => openAndClose(vgg) },
    15,
  );
  const { before, after } = fresh("peak.mjs", "open", huge);
  return [
    row("open, 20 GB", ms(times.huge), `open VGG-16 ${ms(times.vgg)}`, times.huge / times.vgg, {
      atMost: 3,
    }),
    row("memory of it", mib(after), `before ${mib(before)}`, (after - before) / mebibyte, {
      atMost: 32,
      unit: " MiB",
    }),
  ];
}
