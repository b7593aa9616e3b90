/** How Torch prints a module. A module of its own, so that it need not be here before the first file is. */

export { printModule } from "../../../wasm/js/worker/client.js";
