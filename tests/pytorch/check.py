"""Runs every generated model on Torch's input and compares with Torch's output: check.py FOLDER."""
import importlib.util
import json
import sys
import traceback
from pathlib import Path

import numpy as np
import torch

LIMITS = {torch.float64: 1e-9, torch.float32: 1e-5}


def value_of(spec, folder):
    if isinstance(spec, list):
        return [value_of(each, folder) for each in spec]
    if isinstance(spec, str):
        return torch.from_numpy(np.load(folder / spec))
    return spec


def distance(actual, expected):
    """Largest error relative to the largest element; infinite where the shapes are unlike."""
    if isinstance(expected, list):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
            return float("inf")
        return max((distance(a, b) for a, b in zip(actual, expected)), default=0.0)
    if not torch.is_tensor(actual) or actual.shape != expected.shape:
        return float("inf")
    if expected.numel() == 0:
        return 0.0
    actual, wanted = actual.double(), expected.double()
    if not torch.equal(torch.isfinite(actual), torch.isfinite(wanted)):
        return float("inf")
    finite = torch.isfinite(wanted)
    scale = wanted[finite].abs().max().item() if finite.any() else 0.0
    return ((actual - wanted)[finite].abs().max().item() / (scale or 1.0)) if finite.any() else 0.0


def shapes(value):
    return [shapes(each) for each in value] if isinstance(value, (list, tuple)) else tuple(getattr(value, "shape", ()))


def dtype_of(value):
    return dtype_of(value[0]) if isinstance(value, list) else value.dtype


def check(folder):
    case = json.loads((folder / "case.json").read_text())
    if case["error"]:
        return case["error"]
    if case["unsupported"]:
        return "unsupported: " + ", ".join(each["typename"] for each in case["unsupported"])
    spec = importlib.util.spec_from_file_location("model", folder / "model.py")
    model = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(model)
    net = model.load()
    with torch.no_grad():
        actual = net(value_of(case["input"], folder))
    expected = value_of(case["output"], folder)
    error = distance(actual, expected)
    limit = LIMITS.get(dtype_of(expected), 0.0)
    if error > limit:
        return f"off by {error:.3g}; shapes {shapes(actual)} for {shapes(expected)}"
    if folder.name in NO_SAMPLES:
        return None
    return alternate(net, value_of(case["input"], folder), expected, limit)


singles = []

# Where the first dimension is no batch of samples that are computed each for itself.
NO_SAMPLES = {
    "LayerNormalization": "Torch subtracts the means of other samples",
    "SoftMax_3d": "three dimensions are one sample",
}


def alternate(net, batch, expected, limit):
    """One sample, the batch, another sample, the batch: nothing of one call may stay for the next."""
    if not torch.is_tensor(batch) or not torch.is_tensor(expected):
        return None
    if batch.dim() < 2 or expected.dim() < 1 or batch.shape[0] != expected.shape[0]:
        return None
    for at in (0, batch.shape[0] - 1):
        with torch.no_grad():
            try:
                actual = net(batch[at])
            except (RuntimeError, IndexError, ValueError):
                return None  # the class is for batches only
            again = distance(net(batch), expected)
        if again > limit:
            return f"off by {again:.3g} after a single sample"
        wanted = expected[at].reshape(-1)
        if not torch.is_tensor(actual) or actual.numel() != wanted.numel():
            return None
        error = distance(actual.reshape(-1), wanted)
        if error > max(limit, 1e-12):
            return f"off by {error:.3g} for the single sample {at}; shape {tuple(actual.shape)}"
    singles.append(net)
    return None


folders = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
right = 0
for folder in folders:
    try:
        problem = check(folder)
    except Exception as error:
        problem = "".join(traceback.format_exception_only(type(error), error)).strip()[:300]
    if problem is None:
        right += 1
    else:
        print(f"{folder.name}: {problem}")
print(f"{len(singles)} take a single sample as well, between batches")
print(f"{right} of {len(folders)} right")
sys.exit(0 if right == len(folders) else 1)
