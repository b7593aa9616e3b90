/** What is wrong with a storage of an ASCII file in which something is no number. */

import type { Dtype } from "../base/dtype.js";
import { T7Error } from "../base/errors.js";
import type { Graph } from "../index/graph.js";
import { pathText } from "../index/locate.js";
import { Tree } from "../index/tree.js";

/** `storage` is its object id, `offset` that of the text in the file. */
export function badNumber(graph: Graph, storage: number, dtype: Dtype, offset: number): T7Error {
  const path = pathText(new Tree(graph), graph.node(storage));
  const at = `at byte ${offset.toLocaleString("en-US")}`;
  return new T7Error("bad_number", `there is no ${dtype} ${at}, in ${path}`, {
    offset,
    path,
    found: "text that is no number of this type",
    expected: `${graph.lengthOf(storage)} numbers`,
    hint: "The file is damaged here, or a text editor changed it.",
  });
}
