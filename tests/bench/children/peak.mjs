// Peak resident memory of this process after `load` or `open` of a file, and before.

import { load, open } from "../../../dist/index.node.js";

const [what, path] = process.argv.slice(2);
const peak = () => process.resourceUsage().maxRSS * 1024;
const before = peak();
const kept = await (what === "load" ? load(path) : open(path));
console.log(JSON.stringify({ before, after: peak(), kept: typeof kept }));
await kept?.close?.();
