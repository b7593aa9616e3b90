/** Which values hold a mixture of things, each of which has a card. Pure. */

import type { T7Node } from "../../../../wasm/js/base/api.js";

/** Tables and objects, but no networks and no lists. */
export const isMixture = ({ kind, typename, list, count = 0, incomplete }: T7Node): boolean =>
  !incomplete &&
  count > 1 &&
  (kind === "hash" ||
    (kind === "table" && list !== true) ||
    (kind === "object" && !/^(nn|cudnn)\./.test(typename ?? "")));
