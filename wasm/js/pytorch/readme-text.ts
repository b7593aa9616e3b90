/** The README beside `model.py`. */

import type { NetworkCode } from "./network-code.js";
import { pyComment } from "./python-text.js";

export function readmeText(source: string, path: string, { writer }: NetworkCode): string {
  const { unsupported } = writer;
  const missing = unsupported.map(
    (each) => `- ${pyComment(each.path)}: ${pyComment(each.typename)} (${pyComment(each.reason)})`,
  );
  return `${[
    `# ${pyComment(path)} of ${pyComment(source)}, for PyTorch`,
    "",
    "```python",
    "from model import load",
    "",
    "net = load()  # reads weights.safetensors beside model.py",
    "```",
    "",
    "Needs nothing but `torch`. Tables of Torch are lists; dtype and mode are as saved.",
    ...(missing.length > 0
      ? ["", "These have no twin, and raise an error when they are called:", "", ...missing]
      : []),
  ].join("\n")}\n`;
}
