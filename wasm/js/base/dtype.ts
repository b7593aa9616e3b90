/** The element types of tensors and storages, and the JavaScript arrays that hold them. */

/** Element type, in numpy's words. On disk the width can differ: see `docs/format.md` § Storage body. */
export type Dtype =
  | "uint8"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float32"
  | "float64"
  | "float16";

/** What holds the elements of each dtype in JavaScript; float16 is converted to float32. */
export interface DtypeArrays {
  uint8: Uint8Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  float32: Float32Array;
  float64: Float64Array;
  float16: Float32Array;
}

/** The typed array of some dtype. */
export type TypedArray = DtypeArrays[Dtype];

/** In the order of `enum class Dtype` in `wasm/core/base/dtype.h`. */
export const dtypes: readonly Dtype[] = [
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float32",
  "float64",
  "float16",
];

/** Bytes of one element in memory (native, aligned; float16 as stored). */
export const dtypeBytes: Readonly<Record<Dtype, number>> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float32: 4,
  float64: 8,
  float16: 2,
};
