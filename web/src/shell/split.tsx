/** An open file: its tree, or what was found in it, beside the selected value. */

import { Inspector } from "../inspector/inspector.js";
import { Hits } from "../search/hits.js";
import { query } from "../search/search.js";
import type { OpenFile } from "../state/open-file.js";
import { Tree } from "../tree/tree.js";
import { Splitter, treeShare } from "./splitter.js";

export function Split({ openFile }: { openFile: OpenFile }) {
  return (
    <main class="split" style={{ "--tree": `${treeShare.value}%` }}>
      {query.value.trim() === "" ? <Tree openFile={openFile} /> : <Hits file={openFile} />}
      <Splitter />
      <Inspector openFile={openFile} />
    </main>
  );
}
