/** The warnings of a file: code, sentence, what it means, and the place, which is gone to by a click. */

import type { T7ErrorInfo } from "../../../wasm/js/base/api.js";
import type { OpenFile } from "../state/open-file.js";
import { whatHappened, whereText } from "../state/problem.js";
import { formatCount } from "../words/format.js";

/** More than these would be a page of its own; the count says how many there are. */
const shownWarnings = 200;

export function WarningList({ openFile }: { openFile: OpenFile }) {
  const { warnings } = openFile.file;
  const rest = warnings.length - shownWarnings;
  return (
    <>
      <ul class="warnings">
        {warnings.slice(0, shownWarnings).map((warning, i) => (
          <li key={i}>
            <p>
              <code class="code">{warning.code}</code> {whatHappened(warning)}{" "}
              <Where warning={warning} openFile={openFile} />
            </p>
            {warning.hint !== null && <p class="quiet">{warning.hint}</p>}
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="quiet">and {formatCount(rest)} more</p>}
    </>
  );
}

function Where({ warning, openFile }: { warning: T7ErrorInfo; openFile: OpenFile }) {
  const text = whereText(warning, "");
  const { path } = warning;
  if (path === null) return <span class="quiet">{text}</span>;
  return (
    <button type="button" class="link" onClick={() => void openFile.goTo(path)}>
      {text}
    </button>
  );
}
