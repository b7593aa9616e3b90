/** The package in browsers: the public names, nothing else. */

export type * from "./api.js";
export type { Dtype, DtypeArrays, TypedArray } from "./dtype.js";
export { T7Error, type T7ErrorDetails } from "./errors.js";
export { open, T7File } from "./file.js";
export { type LoadOptions, load } from "./load.js";
export { T7Reader, type T7ReaderOptions } from "./reader.js";
export type { ClassReader, ClassReaders } from "./readers.js";
export { Storage } from "./storage.js";
export { Tensor } from "./tensor.js";
export {
  fields,
  LuaFunction,
  type LuaKey,
  type LuaObject,
  LuaTable,
  type LuaUpvalue,
  type LuaValue,
  TorchObject,
  typename,
  version,
} from "./values.js";
