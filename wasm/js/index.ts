/** The package in browsers: the public names, nothing else. */

export type * from "./base/api.js";
export type { Dtype, DtypeArrays, TypedArray } from "./base/dtype.js";
export { T7Error, type T7ErrorCode, type T7ErrorDetails } from "./base/errors.js";
export { type ExportFormat, exportFormats, exportTo } from "./export/export.js";
export type { Export, ExportOptions, ExportProgress } from "./export/export-types.js";
export { configure } from "./index/instance.js";
export { type LoadOptions, load } from "./load/load.js";
export {
  type ClassReader,
  type ClassReaders,
  T7Reader,
  type T7ReaderOptions,
} from "./load/t7-reader.js";
export { type Parameter, parametersOf, printModule } from "./nn/nn.js";
export { type LoadNodeOptions, open, T7File } from "./open/file.js";
export type { Unsupported } from "./pytorch/code-writer.js";
export { type PyTorchModel, type PyTorchOptions, toPyTorch } from "./pytorch/to-pytorch.js";
export {
  type ModuleShape,
  type NetworkShape,
  type NetworkShapes,
  type ShapesOptions,
  shapesOf,
} from "./shapes/shapes.js";
export type { DumpHeader } from "./values/dump.js";
export { Storage } from "./values/storage.js";
export { Tensor } from "./values/tensor.js";
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
} from "./values/values.js";
