/** In the place of the numbers of a tensor that cannot be used: why not. */

import type { T7ErrorInfo } from "../../../../wasm/js/base/api.js";
import { whatHappened, whereText } from "../../state/problem.js";

export function NodeError({ error }: { error: T7ErrorInfo }) {
  const where = whereText(error, "");
  return (
    <div class="node-error" role="note">
      <p class="banner-what">{whatHappened(error)}</p>
      {error.expected !== null && <p>Expected: {error.expected}.</p>}
      {where !== "" && <p class="banner-where">{where}</p>}
      {error.hint !== null && <p>{error.hint}</p>}
    </div>
  );
}
