/** Convolutions, pooling, padding and sizes of pictures, sequences and volumes. */

import type { NnModule } from "../nn/values.js";
import {
  elementsOf,
  isTensorShape,
  type NetworkShape,
  type ShapeRule,
  tensorOf,
  unknown,
  whole,
  withLength,
} from "./flow.js";

/** Sizes of a picture or volume at the end of its shape, what is before, and its planes. */
interface Planes {
  /** The batch, if there is one. */
  batch: number[];
  planes: number;
  sizes: number[];
}

function planesOf(module: NnModule, input: NetworkShape, dimensions: number): Planes {
  const shape = tensorOf(module, input);
  const more = shape.length - dimensions - 1;
  if (more !== 0 && more !== 1) {
    throw unknown(module, `its input has ${shape.length} dimensions`);
  }
  return {
    batch: shape.slice(0, more),
    planes: shape[more] as number,
    sizes: shape.slice(more + 1),
  };
}

/** Planes that a module is made for. */
function expectPlanes(module: NnModule, { planes }: Planes, field = "nInputPlane"): void {
  const wanted = module.number(field);
  if (wanted !== undefined && wanted !== planes) {
    throw unknown(module, `it takes ${wanted} planes and is given ${planes}`);
  }
}

function positive(module: NnModule, size: number, input: number): number {
  if (size >= 1) return size;
  throw unknown(module, `its window is larger than its input of ${input}`);
}

/** `padding` is what old files have for both. */
const padOf = (module: NnModule, axis: string): number =>
  whole(module, `pad${axis}`, module.number("padding") ?? 0);

/** Places of a window on one axis. */
function placesOf(module: NnModule, size: number, axis: string): number {
  const kernel = whole(module, `dilation${axis}`, 1) * (whole(module, `k${axis}`) - 1) + 1;
  const room = size + 2 * padOf(module, axis) - kernel;
  return positive(module, Math.floor(room / whole(module, `d${axis}`, 1)) + 1, size);
}

/** As Torch has it: with padding, the last window begins inside. */
function pooledPlaces(module: NnModule, size: number, axis: string): number {
  if (module.get("ceil_mode") !== true) return placesOf(module, size, axis);
  const kernel = whole(module, `dilation${axis}`, 1) * (whole(module, `k${axis}`) - 1) + 1;
  const pad = padOf(module, axis);
  const step = whole(module, `d${axis}`, 1);
  const places = Math.ceil((size + 2 * pad - kernel) / step) + 1;
  const isOutside = pad > 0 && (places - 1) * step >= size + pad;
  return positive(module, isOutside ? places - 1 : places, size);
}

const kernelOf = (module: NnModule, axes: string): number[] =>
  [...axes].map((axis) => whole(module, `k${axis}`));

/** Axes as the tensor has them: `HW`, `THW`. */
const convolution =
  (axes: string, outputs = "nOutputPlane"): ShapeRule =>
  (module, input, run) => {
    const planes = planesOf(module, input, axes.length);
    expectPlanes(module, planes);
    const sizes = planes.sizes.map((size, at) => placesOf(module, size, axes[at] as string));
    const output = [...planes.batch, whole(module, outputs), ...sizes];
    const inside =
      (planes.planes / whole(module, "groups", 1)) * elementsOf(kernelOf(module, axes));
    run.multiplyAdds(elementsOf(output) * inside);
    return output;
  };

const transposed =
  (axes: string): ShapeRule =>
  (module, input, run) => {
    // A second tensor in the input says how large the output is to be.
    const isPair = !isTensorShape(input);
    const [first, like] = isPair ? (input as NetworkShape[]) : [input];
    const planes = planesOf(module, first as NetworkShape, axes.length);
    expectPlanes(module, planes);
    const outputs = whole(module, "nOutputPlane");
    const sizes = planes.sizes.map((size, at) => {
      const axis = axes[at] as string;
      if (isPair) return tensorOf(module, like).at(at - axes.length) as number;
      const window = whole(module, `dilation${axis}`, 1) * (whole(module, `k${axis}`) - 1) + 1;
      const more = whole(module, `adj${axis}`, 0) - 2 * padOf(module, axis);
      return positive(module, (size - 1) * whole(module, `d${axis}`, 1) + window + more, size);
    });
    const each = (outputs / whole(module, "groups", 1)) * elementsOf(kernelOf(module, axes));
    run.multiplyAdds(elementsOf(planes.batch) * planes.planes * elementsOf(planes.sizes) * each);
    return [...planes.batch, outputs, ...sizes];
  };

const pooling =
  (axes: string): ShapeRule =>
  (module, input) => {
    const { batch, planes, sizes } = planesOf(module, input, axes.length);
    return [
      ...batch,
      planes,
      ...sizes.map((size, at) => pooledPlaces(module, size, axes[at] as string)),
    ];
  };

const adaptive: ShapeRule = (module, input) => {
  const { batch, planes, sizes } = planesOf(module, input, 2);
  return [...batch, planes, whole(module, "H", sizes[0]), whole(module, "W", sizes[1])];
};

/** What is added before and behind each axis, from the outermost of them. */
const padded =
  (fields: Array<[string, string]>): ShapeRule =>
  (module, input) => {
    const { batch, planes, sizes } = planesOf(module, input, fields.length);
    const larger = sizes.map((size, at) => {
      const [before, behind] = fields[at] as [string, string];
      return positive(module, size + whole(module, before, 0) + whole(module, behind, 0), size);
    });
    return [...batch, planes, ...larger];
  };

const flatPadding = padded([
  ["pad_t", "pad_b"],
  ["pad_l", "pad_r"],
]);

const upsampling: ShapeRule = (module, input) => {
  const { batch, planes, sizes } = planesOf(module, input, 2);
  const scale = module.number("scale_factor");
  const larger =
    scale === undefined
      ? [whole(module, "oheight"), whole(module, "owidth")]
      : sizes.map((size) => size * whole(module, "scale_factor"));
  return [...batch, planes, ...larger];
};

/** Kernels that connect some planes only; the table's rows are such pairs. */
const connected =
  (isTransposed: boolean): ShapeRule =>
  (module, input, run) => {
    const planes = planesOf(module, input, 2);
    expectPlanes(module, planes);
    const sizes = planes.sizes.map((size, at) => {
      const axis = "HW"[at] as string;
      const step = whole(module, `d${axis}`, 1);
      const kernel = whole(module, `k${axis}`);
      const places = isTransposed
        ? (size - 1) * step + kernel
        : Math.floor((size - kernel) / step) + 1;
      return positive(module, places, size);
    });
    const places = isTransposed ? planes.sizes : sizes;
    const pairs = run.rowsOf(module, "connTable");
    const each = pairs * elementsOf(kernelOf(module, "HW"));
    run.multiplyAdds(elementsOf(planes.batch) * elementsOf(places) * each);
    return [...planes.batch, whole(module, "nOutputPlane"), ...sizes];
  };

/** Steps of a sequence, and the features of each. */
function sequenceOf(module: NnModule, input: NetworkShape, features?: number) {
  const shape = tensorOf(module, input);
  if (shape.length !== 2 && shape.length !== 3) {
    throw unknown(module, `its input has ${shape.length} dimensions`);
  }
  const found = shape.at(-1) as number;
  if (features !== undefined && found !== features) {
    throw unknown(module, `it takes ${features} features and is given ${found}`);
  }
  return { batch: shape.slice(0, -2), steps: shape.at(-2) as number, features: found };
}

const temporal =
  (outputs: (module: NnModule, features: number) => number, isWeighted: boolean): ShapeRule =>
  (module, input, run) => {
    const sequence = sequenceOf(module, input, module.number("inputFrameSize"));
    const kernel = whole(module, "kW");
    const places = Math.floor((sequence.steps - kernel) / whole(module, "dW", 1)) + 1;
    const steps = positive(module, places, sequence.steps);
    const features = outputs(module, sequence.features);
    if (isWeighted) {
      const each = features * kernel * sequence.features;
      run.multiplyAdds(elementsOf(sequence.batch) * steps * each);
    }
    return [...sequence.batch, steps, features];
  };

const rowConvolution: ShapeRule = (module, input, run) => {
  const shape = tensorOf(module, input);
  const axis = module.get("featFirst") === true ? shape.length - 1 : shape.length - 2;
  const size = shape[axis];
  if (size === undefined) throw unknown(module, "its input is no sequence");
  const output = withLength(shape, axis, placesOf(module, size, "W"));
  run.multiplyAdds(elementsOf(output) * whole(module, "kW"));
  return output;
};

export const convolutionRules: Readonly<Record<string, ShapeRule>> = {
  SpatialConvolution: convolution("HW"),
  SpatialConvolutionMM: convolution("HW"),
  SpatialDilatedConvolution: convolution("HW"),
  SpatialFullConvolution: transposed("HW"),
  SpatialConvolutionMap: connected(false),
  SpatialFullConvolutionMap: connected(true),
  SpatialDepthWiseConvolution: (module, input, run) => {
    const planes = planesOf(module, input, 2);
    expectPlanes(module, planes);
    // Torch reads the picture's two sizes in the other order.
    const [height, width] = planes.sizes as [number, number];
    const sizes = [placesOf(module, width, "H"), placesOf(module, height, "W")];
    const output = [...planes.batch, planes.planes * whole(module, "nOutputPlane"), ...sizes];
    run.multiplyAdds(elementsOf(output) * elementsOf(kernelOf(module, "HW")));
    return output;
  },
  SpatialConvolutionLocal: (module, input, run) => {
    const planes = planesOf(module, input, 2);
    expectPlanes(module, planes);
    const sizes = [whole(module, "oH"), whole(module, "oW")];
    const output = [...planes.batch, whole(module, "nOutputPlane"), ...sizes];
    run.multiplyAdds(elementsOf(output) * planes.planes * elementsOf(kernelOf(module, "HW")));
    return output;
  },
  VolumetricConvolution: convolution("THW"),
  VolumetricConvolutionMM: convolution("THW"),
  VolumetricDilatedConvolution: convolution("THW"),
  VolumetricFullConvolution: transposed("THW"),
  TemporalConvolution: temporal((module) => whole(module, "outputFrameSize"), true),
  TemporalRowConvolution: rowConvolution,
  // Pooling
  SpatialMaxPooling: pooling("HW"),
  SpatialDilatedMaxPooling: pooling("HW"),
  SpatialAveragePooling: pooling("HW"),
  VolumetricMaxPooling: pooling("THW"),
  VolumetricDilatedMaxPooling: pooling("THW"),
  VolumetricAveragePooling: pooling("THW"),
  SpatialAdaptiveMaxPooling: adaptive,
  SpatialAdaptiveAveragePooling: adaptive,
  SpatialSubSampling: pooling("HW"),
  TemporalMaxPooling: temporal((_module, features) => features, false),
  TemporalSubSampling: temporal((_module, features) => features, false),
  TemporalDynamicKMaxPooling: (module, input) => {
    const { batch, steps, features } = sequenceOf(module, input);
    const share = Math.ceil((module.number("factor") ?? 0) * steps);
    return [...batch, Math.max(whole(module, "minK"), share), features];
  },
  SpatialMaxUnpooling: (module, input, run) => {
    const { batch, planes } = planesOf(module, input, 2);
    const before = run.inputOf(module.module("pooling"));
    if (before === undefined) throw unknown(module, "its pooling is not before it");
    return [...batch, planes, ...tensorOf(module, before).slice(-2)];
  },
  // Sizes
  SpatialUpSamplingNearest: upsampling,
  SpatialUpSamplingBilinear: upsampling,
  UpSampling: upsampling,
  PixelShuffle: (module, input) => {
    const { batch, planes, sizes } = planesOf(module, input, 2);
    const factor = whole(module, "upscaleFactor");
    return [...batch, planes / (factor * factor), ...sizes.map((size) => size * factor)];
  },
  SpatialZeroPadding: flatPadding,
  SpatialReflectionPadding: flatPadding,
  SpatialReplicationPadding: flatPadding,
  VolumetricReplicationPadding: padded([
    ["pfront", "pback"],
    ["ptop", "pbottom"],
    ["pleft", "pright"],
  ]),
};
