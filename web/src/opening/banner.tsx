/** What went wrong, over whatever could be read: three lines, the technical detail folded away. */

import { problem } from "../state/store.js";
import { SchemaForm } from "./schema-form.js";

export function Banner() {
  const shown = problem.value;
  if (shown === null) return null;
  return (
    <section class={shown.isCancel ? "banner calm" : "banner"} role="alert">
      <div class="banner-text">
        <p class="banner-what">{shown.what}</p>
        {shown.where !== "" && <p class="banner-where">{shown.where}</p>}
        {shown.todo !== "" && <p class="banner-todo">{shown.todo}</p>}
        {shown.canRetryWithSchema !== null && (
          <details open={shown.likelyByHand}>
            <summary>Was it written by hand?</summary>
            <SchemaForm key={shown.canRetryWithSchema.name} picked={shown.canRetryWithSchema} />
          </details>
        )}
        <details>
          <summary>Technical detail</summary>
          <dl class="facts">
            {shown.details.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
      <button
        type="button"
        class="button icon-button"
        aria-label="Dismiss"
        title="Dismiss"
        onClick={() => {
          problem.value = null;
        }}
      >
        ✕
      </button>
    </section>
  );
}
