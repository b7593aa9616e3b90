/** The path of the selected value as the inspector's title, to be copied. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { T7FileApi, T7Node } from "../../../wasm/js/base/api.js";
import { copyText } from "../state/clipboard.js";
import { useLatest } from "../state/latest.js";
import { rootName } from "../words/describe.js";
import { elideMiddle } from "../words/format.js";

const nameOfRoot = (api: T7FileApi, node: T7Node) =>
  rootName(
    Math.max(
      0,
      api.roots.findIndex(({ id }) => id === node.id),
    ),
  );

export function PathTitle({ api, node }: { api: T7FileApi; node: T7Node }) {
  const path = useLatest(() => api.path(node), [api, node.id]);
  const copied = useSignal<"" | "copied" | "not allowed">("");
  useEffect(() => {
    copied.value = "";
  }, [node.id]);
  const text = path.state === "here" ? path.value : (node.key ?? nameOfRoot(api, node));
  const copy = () => {
    void copyText(text).then((done) => {
      copied.value = done ? "copied" : "not allowed";
    });
  };
  return (
    <div class="path-line">
      <h2 class="path">{elideMiddle(text, 600)}</h2>
      <button type="button" class="button small" onClick={copy} disabled={path.state !== "here"}>
        {copied.value === "" ? "Copy path" : copied.value}
      </button>
      <span class="hidden-text" role="status">
        {copied.value === "copied" ? "Path copied" : ""}
      </span>
    </div>
  );
}
