/** What was found, in the place of the tree. */

import { isNarrow } from "../state/narrow.js";
import type { OpenFile } from "../state/open-file.js";
import { screen } from "../state/store.js";
import { describe } from "../words/describe.js";
import { elideMiddle, formatCount, plural } from "../words/format.js";
import {
  complaint,
  current,
  endSearch,
  goToHit,
  type Hit,
  hits,
  isSearching,
  mostHits,
} from "./search.js";

export function Hits({ file }: { file: OpenFile }) {
  const found = hits.value;
  const onKey = (event: KeyboardEvent) => {
    const rows = [...document.querySelectorAll<HTMLElement>(".hit")];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (event.key === "Escape") endSearch(file);
    else if (to === undefined) return;
    else if (to < 0) document.querySelector<HTMLElement>(".search-field")?.focus();
    else rows[Math.min(to, rows.length - 1)]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section class="hits" aria-label="What was found" onKeyDown={onKey}>
      <p class="hits-count numeric" role="status">
        {countText(found.length)}
      </p>
      <ul>
        {found.map((hit, at) => (
          <li key={`${hit.node.id} ${at}`}>
            <Row hit={hit} isCurrent={at === current.value} onChoose={() => goToHit(file, at)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function countText(count: number): string {
  if (complaint.value !== "") return complaint.value;
  if (count >= mostHits)
    return `The first ${formatCount(mostHits)} of more: say more of what you look for.`;
  const text = count === 0 ? "Nothing" : plural(count, "hit");
  return isSearching.value ? `${count === 0 ? "" : `${text}, `}searching…` : text;
}

function Row({ hit, isCurrent, onChoose }: { hit: Hit; isCurrent: boolean; onChoose: () => void }) {
  const text = describe(hit.node, 0);
  return (
    <button
      type="button"
      class="hit"
      aria-current={isCurrent ? "true" : undefined}
      onClick={() => {
        onChoose();
        if (isNarrow()) screen.value = "detail";
      }}
      onFocus={onChoose}
    >
      <span class="hit-path" title={elideMiddle(hit.path, 600)}>
        <bdi>{elideMiddle(hit.path, 160)}</bdi>
      </span>
      <span class={`hit-value ${text.tone}`}>
        {text.type !== "" && <span class="quiet">{text.type} </span>}
        {text.fact}
      </span>
    </button>
  );
}
