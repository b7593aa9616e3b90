/** The warnings of a file: code, sentence, what it means, and the place, which is gone to by a click. */

import type { T7ErrorInfo } from "../../../wasm/js/base/api.js";
import { whatHappened, whereText } from "../state/problem.js";
import type { Session } from "../state/session.js";
import { formatCount } from "../words/format.js";

/** More than these would be a page of its own; the count says how many there are. */
const shownWarnings = 200;

export function WarningList({ session }: { session: Session }) {
  const { warnings } = session.api;
  const rest = warnings.length - shownWarnings;
  return (
    <>
      <ul class="warnings">
        {warnings.slice(0, shownWarnings).map((warning, i) => (
          <li key={i}>
            <p>
              <code class="code">{warning.code}</code> {whatHappened(warning)}{" "}
              <Where warning={warning} session={session} />
            </p>
            {warning.hint !== null && <p class="quiet">{warning.hint}</p>}
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="quiet">and {formatCount(rest)} more</p>}
    </>
  );
}

function Where({ warning, session }: { warning: T7ErrorInfo; session: Session }) {
  const text = whereText(warning, "");
  const { path } = warning;
  if (path === null) return <span class="quiet">{text}</span>;
  return (
    <button type="button" class="link" onClick={() => void session.goTo(path)}>
      {text}
    </button>
  );
}
