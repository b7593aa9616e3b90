/** What is directly inside the selected table or object: its first entries, each leading to its row. */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { useLatest } from "../state/latest.js";
import type { OpenFile } from "../state/open-file.js";
import { describe } from "../words/describe.js";
import { formatCount } from "../words/format.js";

/** The tree has them all; this is for a look without expanding. */
const shownEntries = 100;

export function Entries({ openFile, node }: { openFile: OpenFile; node: T7Node }) {
  const { file } = openFile;
  const count = node.count ?? 0;
  const answer = useLatest(
    () => file.children(node, 0, Math.min(count, shownEntries)),
    [file, node.id],
  );
  if (count === 0) return <p class="quiet note">Nothing is inside.</p>;
  const children = answer.state === "here" ? answer.value : [];
  return (
    <>
      <ul class="entries numeric">
        {children.map((child, index) => (
          <Entry key={child.id} child={child} index={index} openFile={openFile} />
        ))}
      </ul>
      {count > shownEntries && (
        <p class="quiet note">and {formatCount(count - shownEntries)} more in the tree</p>
      )}
    </>
  );
}

interface EntryProps {
  child: T7Node;
  index: number;
  openFile: OpenFile;
}

function Entry({ child, index, openFile }: EntryProps) {
  const text = describe(child, index);
  return (
    <li>
      <button type="button" class="entry" onClick={() => void openFile.enter(index)}>
        <span class="entry-key">{text.key}</span>
        <span class={`entry-value ${text.tone}`}>
          {text.type !== "" && <span class="quiet">{text.type} </span>}
          {text.fact}
        </span>
        <span class="quiet">{text.size}</span>
      </button>
    </li>
  );
}
