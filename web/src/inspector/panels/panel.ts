/** What every panel is given. */

import type { T7FileApi, T7Node } from "../../../../wasm/js/base/api.js";

export interface PanelProps {
  api: T7FileApi;
  node: T7Node;
}
