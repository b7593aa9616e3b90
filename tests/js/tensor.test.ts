import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { TensorHistogram, TensorStats } from "../../wasm/js/base/api.js";
import type { Dtype } from "../../wasm/js/base/dtype.js";
import { T7Error } from "../../wasm/js/base/errors.js";
import { convertHalf, halfToNumber } from "../../wasm/js/compute/half.js";
import { isContiguous } from "../../wasm/js/compute/strided.js";
import {
  arrayTypes,
  type ElementsView,
  Storage,
  type TensorOps,
} from "../../wasm/js/values/storage.js";
import { Tensor } from "../../wasm/js/values/tensor.js";

/** Operations that only remember what they were asked. */
class Recorder implements TensorOps {
  calls: unknown[][] = [];
  constructor(readonly buffer: ArrayBuffer) {}
  stats(view: ElementsView): TensorStats {
    this.calls.push(["stats", view]);
    return { count: view.size } as TensorStats;
  }
  histogram(view: ElementsView, bins: number, range: [number, number] | null): TensorHistogram {
    this.calls.push(["histogram", view, bins, range]);
    return {} as TensorHistogram;
  }
  summary(): never {
    throw new Error("not asked for");
  }
  quantiles(): never {
    throw new Error("not asked for");
  }
  grid(): never {
    throw new Error("not asked for");
  }
  difference(): never {
    throw new Error("not asked for");
  }
  tile(): never {
    throw new Error("not asked for");
  }
  over(buffer: ArrayBuffer): TensorOps {
    return new Recorder(buffer);
  }
}

/** A storage of 0, 1, 2 … at address 64 of a memory of its own. */
function storageOf(dtype: Dtype, length: number, error: T7Error | null = null): Storage {
  const Type = arrayTypes[dtype];
  const buffer = new ArrayBuffer(64 + length * Type.BYTES_PER_ELEMENT);
  const values = new Type(buffer, 64, length);
  for (let i = 0; i < length; i++) values[i] = dtype === "int64" ? BigInt(i) : i;
  const ops = new Recorder(buffer);
  return new Storage({ ops, typename: "torch.XStorage", dtype, length, address: 64, error });
}

function tensorOf(
  shape: number[],
  strides: number[],
  storageOffset: number,
  storage: Storage | null,
  error: T7Error | null = null,
): Tensor {
  const ops = new Recorder(new ArrayBuffer(0));
  const dtype = storage?.dtype ?? "float32";
  const typename = "torch.XTensor";
  const known = { ops, typename, dtype, shape, strides, storageOffset, storage, error };
  return new Tensor(() => known, 0);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof T7Error) return error.code;
    throw error;
  }
  return "no error";
}

describe("a contiguous tensor", () => {
  const storage = storageOf("float64", 12);
  const tensor = tensorOf([2, 3], [3, 1], 4, storage);

  it("is a view over its storage", () => {
    expect(tensor.data).toEqual(new Float64Array([4, 5, 6, 7, 8, 9]));
    expect(tensor.data.buffer).toBe(storage.data.buffer);
    expect(tensor.data.byteOffset).toBe(64 + 4 * 8);
    expect(tensor.data).toBe(tensor.data);
    expect(tensor.raw).toBeUndefined();
  });

  it("has size, ndim, get, toArray", () => {
    expect([tensor.size, tensor.ndim, tensor.contiguous]).toEqual([6, 2, true]);
    expect(tensor.get(0, 0)).toBe(4);
    expect(tensor.get(1, 2)).toBe(9);
    expect(tensor.toArray()).toEqual([
      [4, 5, 6],
      [7, 8, 9],
    ]);
  });

  it("passes ops the place of its elements", () => {
    const ops = new Recorder(new ArrayBuffer(0));
    const { typename, dtype, shape, strides, storageOffset } = tensor;
    const place = { shape, strides, storageOffset, storage };
    const recorded = new Tensor(() => ({ ops, typename, dtype, ...place, error: null }), 0);
    expect(recorded.stats().count).toBe(6);
    recorded.histogram();
    recorded.histogram({ bins: 5, range: [-1, 2] });
    const view = {
      ...{ dtype: "float64", address: 64, storageLength: 12, size: 6 },
      ...{ shape: [2, 3], strides: [3, 1], storageOffset: 4 },
    };
    expect(ops.calls).toEqual([
      ["stats", view],
      ["histogram", view, 128, null],
      ["histogram", view, 5, [-1, 2]],
    ]);
  });
});

describe("strides", () => {
  it("ignores those of dimensions of size 1", () => {
    expect(isContiguous([2, 1, 3], [3, 77, 1])).toBe(true);
    expect(isContiguous([1, 1], [0, -5])).toBe(true);
    expect(isContiguous([2, 3], [1, 2])).toBe(false);
    expect(isContiguous([0, 5], [9, 9])).toBe(true);
  });

  it("gathers transposed, gappy, expanded and backward views once", () => {
    const storage = storageOf("int16", 60);
    const transposed = tensorOf([3, 2], [1, 3], 0, storage);
    expect(Array.from(transposed.data as Int16Array)).toEqual([0, 3, 1, 4, 2, 5]);
    expect(transposed.data).toBe(transposed.data);
    expect(transposed.data.buffer).not.toBe(storage.data.buffer);
    expect(tensorOf([2, 2], [10, 4], 1, storage).toArray()).toEqual([
      [1, 5],
      [11, 15],
    ]);
    expect(tensorOf([5], [0], 7, storage).toArray()).toEqual([7, 7, 7, 7, 7]);
    expect(tensorOf([3], [-2], 9, storage).toArray()).toEqual([9, 7, 5]);
    // Rows long enough to be copied as runs.
    const rows = tensorOf([2, 20], [30, 1], 5, storage).data as Int16Array;
    expect([rows[0], rows[19], rows[20], rows[39]]).toEqual([5, 24, 35, 54]);
  });

  it("agrees with get() on random views", () => {
    const storage = storageOf("int32", 1000);
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return (seed >> 8) % n;
    };
    for (let round = 0; round < 200; round++) {
      const shape = Array.from({ length: 1 + random(4) }, () => 1 + random(4));
      const strides = shape.map(() => random(40));
      const tensor = tensorOf(shape, strides, random(400), storage);
      let n = 0;
      const walk = (index: number[]): void => {
        if (index.length === shape.length) {
          expect(tensor.data[n++]).toBe(tensor.get(...index));
          return;
        }
        for (let i = 0; i < shape[index.length]; i++) walk([...index, i]);
      };
      walk([]);
      expect(n).toBe(tensor.size);
    }
  });
});

describe("element types", () => {
  it("keeps int64 as bigint", () => {
    const storage = storageOf("int64", 3);
    (storage.data as BigInt64Array)[1] = 2n ** 53n + 1n;
    const tensor = tensorOf([3], [1], 0, storage);
    expect(tensor.get(1)).toBe(9007199254740993n);
    expect(tensor.data).toBeInstanceOf(BigInt64Array);
  });

  it("converts float16 and keeps it raw", () => {
    const storage = storageOf("float16", 6);
    storage.raw?.set([0x3c00, 0xc000, 0x7c00, 0x0001, 0x8000, 0x7e00]);
    expect(Array.from(storage.data as Float32Array)).toEqual([1, -2, Infinity, 2 ** -24, -0, NaN]);
    const every = tensorOf([3], [2], 0, storage);
    expect(every.raw).toEqual(new Uint16Array([0x3c00, 0x7c00, 0x8000]));
    expect(Array.from(every.data as Float32Array)).toEqual([1, Infinity, -0]);
    expect(every.get(2)).toBe(-0);
    expect(every.data).toBe(every.data);
  });

  it("converts every half exactly", () => {
    const all = convertHalf(
      Uint16Array.from({ length: 65536 }, (_, i) => i),
      new Float32Array(65536),
    );
    for (let half = 0; half < 65536; half++) {
      const sign = half & 0x8000 ? -1 : 1;
      const exponent = (half >> 10) & 31;
      const mantissa = half & 1023;
      let expected = sign * 2 ** (exponent - 15) * (1 + mantissa / 1024);
      if (exponent === 0) expected = sign * 2 ** -14 * (mantissa / 1024);
      if (exponent === 31) expected = mantissa ? NaN : sign * Infinity;
      if (!Object.is(all[half], expected)) expect(all[half]).toBe(expected);
    }
    expect(halfToNumber(0x3555)).toBeCloseTo(1 / 3, 3);
  });
});

describe("empty tensors", () => {
  it("have no elements, with and without a storage", () => {
    for (const storage of [null, storageOf("float32", 3)]) {
      const tensor = tensorOf([0], [1], 0, storage);
      expect([tensor.ndim, tensor.size]).toEqual([1, 0]);
      expect(tensor.storage).toBe(storage);
      expect(tensor.data).toEqual(new Float32Array(0));
      expect(tensor.toArray()).toEqual([]);
      expect(tensor.copy().size).toBe(0);
      expect(tensor.stats().count).toBe(0);
      expect(codeOf(() => tensor.get(0))).toBe("bad_index");
    }
  });
});

describe("copy", () => {
  it("has memory of its own and is contiguous", () => {
    const storage = storageOf("float32", 6);
    const copy = tensorOf([3, 2], [1, 3], 0, storage).copy();
    expect(copy.strides).toEqual([2, 1]);
    expect(copy.contiguous).toBe(true);
    expect(copy.data.buffer).not.toBe(storage.data.buffer);
    expect(copy.data.buffer.byteLength).toBe(24);
    expect(copy.storage?.typename).toBe("torch.XStorage");
    (storage.data as Float32Array)[3] = 99;
    expect(copy.get(0, 1)).toBe(3);
    expect(copy.stats().count).toBe(6);
  });
});

describe("errors", () => {
  const tensor = tensorOf([2, 3], [3, 1], 0, storageOf("float64", 6));

  it("names wrong indices", () => {
    expect(() => tensor.get(1)).toThrow("1 indices; expected 2: one per dimension");
    expect(() => tensor.get(2, 0)).toThrow("index 2 in dimension 0; expected 0 … 1");
    for (const bad of [-1, 0.5, NaN]) expect(codeOf(() => tensor.get(0, bad))).toBe("bad_index");
  });

  it("checks the options of histogram", () => {
    for (const bins of [0, 65537, 1.5, NaN]) {
      expect(codeOf(() => tensor.histogram({ bins }))).toBe("bad_option");
    }
    for (const range of [
      [1, 1],
      [2, 1],
      [0, Infinity],
      [NaN, 1],
    ] as [number, number][]) {
      expect(codeOf(() => tensor.histogram({ range }))).toBe("bad_option");
    }
  });

  it("throws its own error from everything that needs elements", () => {
    const error = new T7Error("view_out_of_range", "leaves its storage");
    const broken = tensorOf([9], [1], 0, storageOf("float64", 6), error);
    const cut = tensorOf([3], [1], 0, storageOf("float64", 6, error));
    for (const t of [broken, cut]) {
      const uses = [
        () => t.data,
        () => t.raw,
        () => t.get(0),
        () => t.toArray(),
        () => t.copy(),
        () => t.stats(),
        () => t.histogram(),
      ];
      // `raw` is undefined for float64 whatever happened to it.
      expect(uses.map(codeOf)).toEqual(
        uses.map((_, i) => (i === 1 ? "no error" : "view_out_of_range")),
      );
      expect([t.shape.length, t.ndim]).toEqual([1, 1]);
      expect(inspect(t)).toContain("unusable");
    }
  });

  it("refuses to expand one element to 10^12 before it allocates", () => {
    const huge = tensorOf([1e6, 1e6], [0, 0], 2, storageOf("float32", 3));
    expect(huge.size).toBe(1e12);
    expect(huge.get(999_999, 5)).toBe(2);
    for (const use of [() => huge.data, () => huge.toArray(), () => huge.copy()]) {
      expect(codeOf(use)).toBe("too_large");
    }
    const many = tensorOf([2 ** 20, 2 ** 20, 0], [0, 0, 1], 0, storageOf("float32", 3));
    expect(codeOf(() => many.toArray())).toBe("too_large");
    const half = tensorOf([2 ** 30, 2], [0, 0], 0, storageOf("float16", 1));
    expect(codeOf(() => half.data)).toBe("too_large");
  });
});

describe("printing", () => {
  it("is one short line", () => {
    const storage = storageOf("float32", 100);
    expect(inspect(storage)).toBe("Storage float32 100");
    expect(inspect(tensorOf([10, 10], [1, 10], 0, storage))).toBe(
      "Tensor float32 10×10 [0, 10, 20, 30, 40, 50, …]",
    );
    expect(inspect(tensorOf([0], [1], 0, null))).toBe("Tensor float32 0 []");
    expect(inspect({ a: { b: tensorOf([1], [1], 3, storageOf("int64", 4)) } })).toContain("[3n]");
  });
});
