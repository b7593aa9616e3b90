"""Reads what write-cases.mjs wrote with numpy, and compares with what Torch had: check.py ORACLES OUT."""
import json
import re
import sys
from pathlib import Path

import numpy as np

DTYPES = {
    "Byte": "uint8", "Char": "int8", "Short": "int16", "Int": "int32", "Long": "int64",
    "Float": "float32", "Double": "float64", "Half": "float16", "Cuda": "float32",
    "CudaByte": "uint8", "CudaChar": "int8", "CudaShort": "int16", "CudaInt": "int32",
    "CudaLong": "int64", "CudaDouble": "float64", "CudaHalf": "float16",
}


def tensors(value, found):
    """All tensors that the oracle describes, by their number."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("kind") == "tensor" and isinstance(value.get("id"), int):
                found[value["id"]] = value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return found


def wanted(values, dtype):
    if dtype == "int64":
        return np.array([int(each) for each in values], dtype)
    return np.array([float(each) for each in values], "float64").astype(dtype)


def problem(array, tensor):
    dtype = DTYPES[re.match(r"torch\.(\w*)Tensor", tensor["class"])[1]]
    shape = tuple(tensor["size"]) or (0,)
    if array.dtype != np.dtype(dtype):
        return f"dtype {array.dtype} instead of {dtype}"
    if array.shape != shape:
        return f"shape {array.shape} instead of {shape}"
    flat = array.reshape(-1)
    for part, values in (
        (flat, tensor.get("values")),
        (flat[:50], tensor.get("valuesFirst")),
        (flat[-50:], tensor.get("valuesLast")),
    ):
        if values is None:
            continue
        expected = wanted(values, dtype)
        same = np.array_equal(part, expected, equal_nan=dtype.startswith("float"))
        # Minus zero is not zero; the sign of a NaN says nothing.
        signs = [np.signbit(each[each == each]) for each in (part, expected)]
        if not same or not np.array_equal(*signs):
            return "other elements"
    return None


oracles, out = (Path(each) for each in sys.argv[1:3])
arrays = archives = wrong = 0
for folder in sorted(out.iterdir()):
    content = re.sub(r"(\.(ascii|b32|be|be32))?\.t7$", "", folder.name)
    known = tensors(json.loads((oracles / f"{content}.json").read_text()), {})
    for path in sorted(folder.glob("*.npy")):
        arrays += 1
        found = problem(np.load(path), known[int(path.stem)])
        if found:
            wrong += 1
            print(f"{folder.name} #{path.stem}: {found}")
    for path in folder.glob("*.npz"):
        archives += 1
        with np.load(path) as archive:
            for name in archive.files:
                archive[name].sum()
print(f"{arrays} arrays and {archives} archives, {wrong} wrong")
sys.exit(1 if wrong or arrays == 0 else 0)
