/** The whole of `model.py`. */

import type { NnModule } from "../nn/values.js";
import { helpers } from "./helpers.js";
import type { NetworkCode } from "./network-code.js";
import { indented, pyBoolean, pyComment, pyString } from "./python-text.js";

const reading = `
_dtypes = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8,
}


def read_weights(path):
    """The tensors of a safetensors file, by name."""
    data = bytearray(Path(path).read_bytes())
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(data[start:end], dtype=_dtypes[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors
`;

const tying = `
def tie(net, name, first):
    """Makes the parameter \`name\` the very one that \`first\` names."""
    owner, _, field = name.rpartition(".")
    setattr(net.get_submodule(owner), field, net.get_parameter(first))
`;

const dtypes: Record<string, string> = {
  Double: "torch.float64",
  Half: "torch.float16",
  CudaDouble: "torch.float64",
  CudaHalf: "torch.float16",
};

/** What the network computes in. */
function dtypeOf(module: NnModule): string {
  const type = module.get("_type");
  const name = typeof type === "string" ? (/^torch\\.?(\\w*)Tensor$/.exec(type)?.[1] ?? "") : "";
  const plain = typeof type === "string" ? type.replace(/^torch\./, "").replace(/Tensor$/, "") : "";
  return dtypes[name] ?? dtypes[plain] ?? "torch.float32";
}

function loading({ writer }: NetworkCode, module: NnModule, zeroBased: boolean): string {
  const ties = writer.ties.map(
    ([name, first]) => `    tie(net, ${pyString(name)}, ${pyString(first)})`,
  );
  const argument = zeroBased ? ", zero_based=False" : "";
  return [
    `def load(folder=None${argument}):`,
    `    """The network with its weights, in ${module.get("train") === false ? "evaluation" : "training"} mode as it was saved."""`,
    `    net = build(${zeroBased ? "zero_based" : ""}).to(${dtypeOf(module)})`,
    ...ties,
    '    weights = read_weights(Path(folder or Path(__file__).parent) / "weights.safetensors")',
    "    state = net.state_dict(keep_vars=True)",
    "    first = {}  # parameters that are shared have several names, and are in the file under the first",
    "    for name, tensor in state.items():",
    "        first.setdefault(id(tensor), name)",
    "    state = {name: weights.get(first[id(tensor)], tensor) for name, tensor in state.items()}",
    "    missing = {name for name in first.values() if name not in weights} - set(_counters(net))",
    "    unused = set(weights) - set(first.values())",
    "    if missing or unused:",
    '        raise ValueError(f"weights.safetensors: missing {sorted(missing)}, unused {sorted(unused)}")',
    "    net.load_state_dict(state, strict=True)",
    `    return net.train(${pyBoolean(module.get("train") !== false)})`,
    "",
    "",
    "def _counters(net):",
    '    """Buffers that PyTorch has and Torch had not."""',
    '    return [name for name, _ in net.named_buffers() if name.endswith("num_batches_tracked")]',
    "",
  ].join("\n");
}

/** `sample` is the shape of the input that the shapes in comments belong to, if there are any. */
export function modelText(
  code: NetworkCode,
  module: NnModule,
  source: string,
  sample: string | null,
): string {
  const { writer, expression } = code;
  const names = Object.keys(helpers).filter((name) => writer.helpers.has(name));
  const zeroBased = [expression, ...writer.statements, ...writer.classes].some((text) =>
    /\bzero_based\b/.test(text),
  );
  const says = zeroBased
    ? "\n\nIndices count from 1, as in Torch; load(zero_based=True) makes them count from 0."
    : "";
  const shapes =
    sample === null
      ? ""
      : `\n\nShapes in comments are those of outputs for one sample of ${sample}, which was inferred from the layers.`;
  const build = [
    `def build(${zeroBased ? "zero_based=False" : ""}):`,
    '    """The network with weights of no meaning."""',
    ...writer.statements.map((line) => `    ${indented(line, "    ")}`),
    `    return ${indented(expression, "    ")}`,
    "",
  ].join("\n");
  const parts = [
    `"""${pyComment(module.typename)} of ${pyComment(source)}, ${pyComment(module.path)}, for PyTorch. Written by torchfile.\n\nInputs and outputs that are tables in Torch are lists here.${says}${shapes}\n"""`,
    "import json\nimport math\nimport struct\nfrom pathlib import Path\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n",
    ...names.map((name) => (helpers[name] as string).trim().concat("\n")),
    ...writer.classes,
    build,
    ...(writer.ties.length > 0 ? [tying.trim().concat("\n")] : []),
    reading.trim().concat("\n"),
    loading(code, module, zeroBased),
  ];
  const [docstring, imports, ...rest] = parts;
  return `${docstring}\n${imports}\n\n${rest.join("\n\n")}`;
}
