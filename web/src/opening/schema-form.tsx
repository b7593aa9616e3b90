/** For files written by hand: the field in which the user says what the file holds. */

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Picked } from "../state/picked.js";
import { openFile, schemaError } from "../state/store.js";
import { openPicked } from "./open.js";

export function SchemaForm({ picked }: { picked: Picked }) {
  const typed = useSignal(picked.schema);
  const id = useId();
  const wrong = schemaError.value;
  const submit = (event: Event) => {
    event.preventDefault();
    // The same file in another way: it takes the place of the one that is shown.
    const shown = openFile.value;
    const replaced = shown?.picked.input === picked.input ? shown : null;
    void openPicked({ ...picked, schema: typed.value.trim() }, replaced);
  };
  return (
    <form class="schema" onSubmit={submit}>
      <label for={id}>What does the file hold?</label>
      <input
        id={id}
        class="schema-text"
        value={typed.value}
        placeholder="bool,object,int"
        spellcheck={false}
        autocomplete="off"
        aria-invalid={wrong !== ""}
        aria-describedby={`${id}-help ${id}-wrong`}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="button small">
        Read it this way
      </button>
      <p id={`${id}-wrong`} class="schema-wrong" role="status">
        {wrong}
      </p>
      <p id={`${id}-help`} class="quiet schema-help">
        For files written by hand, one word for each value in the order of writing: {wordList}.{" "}
        <code>object</code> is what writeObject wrote, <code>float[10]</code> ten floats, a{" "}
        <code>*</code> behind the last word repeats it to the end.
      </p>
    </form>
  );
}

/** The words of a schema; a test compares them with the package. */
export const wordList = "object, bool, byte, char, short, int, long, float, double, string";
