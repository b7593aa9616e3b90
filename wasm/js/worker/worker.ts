/** The worker's entry. Bundles as one classic script: module workers do not start from `file://`. */

import { expose } from "comlink";
import { workerApi } from "./worker-api.js";

expose(workerApi);
