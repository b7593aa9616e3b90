/** Python for what PyTorch lacks; a model has those that it uses. */

import { recurrentHelpers } from "./helpers-recurrent.js";
import { shapeHelpers } from "./helpers-shapes.js";
import { spatialHelpers } from "./helpers-spatial.js";
import { tableHelpers } from "./helpers-tables.js";

const unsupported = `
class Unsupported(nn.Module):
    """Stands for a class of Torch that has no twin here."""

    def __init__(self, name, path):
        super().__init__()
        self.name, self.path = name, path

    def forward(self, x):
        raise NotImplementedError(f"{self.path} is a {self.name}, which has no twin in PyTorch")
`;

/** In the order in which they are written. */
export const helpers: Readonly<Record<string, string>> = {
  ...tableHelpers,
  ...shapeHelpers,
  ...spatialHelpers,
  ...recurrentHelpers,
  Unsupported: unsupported,
};

/** Names that a class or a variable of a model may not have. */
export const reservedNames: readonly string[] = [
  ...Object.keys(helpers),
  "Path",
  "build",
  "load",
  "tie",
  "read_weights",
  "zero_based",
];
