/** One row of the tree: disclosure, key, class or type, the fact, and a size or sparkline. */

import type { T7Node } from "../../../wasm/js/base/api.js";
import { Sparkline } from "../plot/sparkline.js";
import type { Group } from "../rows/parts.js";
import type { Place } from "../rows/rows.js";
import type { Spark } from "../rows/sparks.js";
import { describe, isExpandable } from "../words/describe.js";
import { exactBytes } from "../words/format.js";

export interface TreeRowProps {
  place: Place;
  /** Absent while it is being fetched. */
  node: T7Node | undefined;
  /** Set where the row stands for several. */
  group: Group | null;
  spark: Spark | null;
  /** What it holds, in a few words. */
  hint: string | null;
  expanded: boolean;
  selected: boolean;
  /** Position below the tree's top edge, in pixels. */
  top: number;
  /** Its number among all rows, for the tree's mouse handlers. */
  row: number;
}

/** Deeper than this the row is not moved further to the right; its level stands before the key. */
const deepest = 24;

export function TreeRow(props: TreeRowProps) {
  const { place, node, expanded, selected } = props;
  const { branch, index } = place;
  const expandable = node !== undefined && isExpandable(node);
  const style = { top: `${props.top}px`, "--depth": Math.min(branch.depth, deepest) };
  return (
    <div
      class={`row ${node === undefined || props.group !== null ? "" : rowClasses(node)}`}
      role="treeitem"
      aria-level={branch.depth + 1}
      aria-setsize={branch.count}
      aria-posinset={index + 1}
      aria-expanded={expandable ? expanded : undefined}
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      style={style}
      data-row={props.row}
    >
      <span class="indent" />
      {expandable ? <Disclosure expanded={expanded} /> : <span class="disclosure" />}
      {branch.depth > deepest && <span class="level">{branch.depth}</span>}
      {props.group !== null ? (
        <GroupContent group={props.group} />
      ) : node === undefined ? (
        <span class="waiting">…</span>
      ) : (
        <Content {...props} node={node} />
      )}
    </div>
  );
}

function rowClasses(node: T7Node): string {
  const classes: string[] = [];
  if (node.sameAs !== undefined) classes.push("reference");
  if (node.error !== undefined) classes.push("broken");
  if (node.incomplete) classes.push("incomplete");
  return classes.join(" ");
}

/** The row itself carries the state and the keys: this is for the mouse only. */
function Disclosure({ expanded }: { expanded: boolean }) {
  return (
    <span class="disclosure" data-does="toggle">
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path class={expanded ? "stroke turned" : "stroke"} d="M6 4l4 4-4 4" />
      </svg>
    </span>
  );
}

function GroupContent({ group }: { group: Group }) {
  return (
    <>
      <span class={group.text === "" ? "key quiet" : "key"}>{group.key}</span>
      {group.text !== "" && <span class="type structure">{group.text}</span>}
      <span class="hint">
        <bdi>{group.hint}</bdi>
      </span>
    </>
  );
}

function Content({ node, place, spark, hint, selected }: TreeRowProps & { node: T7Node }) {
  const text = describe(node, place.index);
  return (
    <>
      <span class="key">{text.key}</span>
      {text.type !== "" && <span class={`type ${text.tone}`}>{text.type}</span>}
      {text.fact !== "" && <span class={`fact ${text.tone}`}>{text.fact}</span>}
      {hint !== null && hint !== "" && (
        <span class="hint">
          <bdi>{hint}</bdi>
        </span>
      )}
      {node.sameAs !== undefined && (
        <span class="follow" data-does="follow" title="Go to where this object stands first">
          <span class="hidden-text">same object as before</span>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M3 3h10M8 14V6M4.5 9.5 8 6l3.5 3.5" class="stroke" />
          </svg>
        </span>
      )}
      {node.guessed && (
        <span class="mark" title="This class writes its own layout, which was guessed">
          guessed
        </span>
      )}
      {node.incomplete && (
        <span class="mark warn" title="Not all of it was read">
          incomplete
        </span>
      )}
      {node.error !== undefined && (
        <span class="mark bad" title={node.error.message}>
          unusable
        </span>
      )}
      {selected && isExpandable(node) && (
        <span class="to-detail" data-does="detail">
          Details ›
        </span>
      )}
      <span class="end">
        {spark !== null ? (
          <Sparkline spark={spark} />
        ) : (
          <span class="size" title={exactBytes(node.byteLength ?? 0)}>
            {text.size}
          </span>
        )}
      </span>
    </>
  );
}
