#include "graph/body_layouts.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace t7 {

namespace {

// Sorted by name. Most of it is Torch5 and the year 2011, when every class wrote its fields one
// by one; the rest are classes that today write something else than one table.
constexpr Rule kRules[] = {
    {"Integral", Form::trial, "O nWindows h w xMin xMax yMin yMax"},
    {"dp.Postgres", Form::trial, "O connectionString autocommit"},
    {"nn.Abs", Form::fields_first, "O gradInput output"},
    {"nn.AbsCriterion", Form::fields_first, "O gradInput D output B sizeAverage"},
    {"nn.Add", Form::fields_first, "O gradInput output bias gradBias"},
    {"nn.CAddTable", Form::fields_first, "O gradInput output"},
    {"nn.CDivTable", Form::fields_first, "O gradInput output"},
    {"nn.CMul", Form::fields_first, "O gradInput output weight gradWeight"},
    {"nn.CMulTable", Form::fields_first, "O gradInput output"},
    {"nn.CSubTable", Form::fields_first, "O gradInput output"},
    {"nn.Concat", Form::fields_first, "O gradInput output modules size I dimension"},
    {"nn.ConcatTable", Form::fields_first, "O gradInput output modules"},
    {"nn.ConfusionMatrix", Form::fields_first,
     "O mat valids I nclasses totalValid averageValid O classes"},
    {"nn.CosineDistance", Form::fields_first, "O gradInput output"},
    {"nn.CosineEmbeddingCriterion", Form::fields_first, "O gradInput D output margin"},
    {"nn.Criterion", Form::fields_first, "O gradInput D output"},
    {"nn.CriterionTable", Form::fields_first, "O gradInput output criterion"},
    {"nn.DataParallelTable", Form::since_version_2, "O gpuAssignments *"},
    {"nn.DataParallelTable", Form::trial, "O gpuAssignments *"},
    {"nn.DataSet", Form::always, "B resized n # O items+"},
    {"nn.DistNLLCriterion", Form::fields_first,
     "O gradInput D output B part1 part2 part3 O targetSoftMax inputLogSoftMax gradLogInput"},
    {"nn.DotProduct", Form::fields_first, "O gradInput output"},
    {"nn.Euclidean", Form::fields_first, "O gradInput output weight gradWeight"},
    {"nn.GPU", Form::always, "O header *"},
    {"nn.HingeEmbeddingCriterion", Form::fields_first, "O gradInput D output margin"},
    {"nn.Identity", Form::fields_first, "O gradInput output"},
    {"nn.JoinTable", Form::fields_first, "O gradInput output size I dimension"},
    {"nn.L1HingeEmbeddingCriterion", Form::fields_first, "O gradInput D output margin"},
    {"nn.Linear", Form::fields_first,
     "O gradInput output D weightDecay O weight bias gradWeight gradBias"},
    {"nn.LogSigmoid", Form::fields_first, "O gradInput output buffer"},
    {"nn.LookupTable", Form::fields_first,
     "O gradInput output size weight currentInputs currentGradWeights"},
    {"nn.MSECriterion", Form::fields_first, "O gradInput D output B sizeAverage"},
    {"nn.MarginCriterion", Form::fields_first, "O gradInput D output margin"},
    {"nn.MarginRankingCriterion", Form::fields_first, "O gradInput D output margin"},
    {"nn.Max", Form::fields_first, "O gradInput output I dimension O indices"},
    {"nn.Mean", Form::fields_first, "O gradInput output I dimension"},
    {"nn.Min", Form::fields_first, "O gradInput output I dimension O indices"},
    {"nn.ModelParallelTable", Form::since_version_2, "O gpuAssignments *"},
    {"nn.ModelParallelTable", Form::trial, "M gpuAssignments O modules+ *"},
    {"nn.Module", Form::fields_first, "O gradInput output"},
    {"nn.Mul", Form::fields_first, "O gradInput output weight gradWeight"},
    {"nn.MultiCriterion", Form::fields_first, "O gradInput D output O criterions weights"},
    {"nn.Narrow", Form::fields_first, "O gradInput output I dimension l index length"},
    {"nn.Narrow", Form::trial, "O * I dimension l index length"},
    {"nn.OnlineTrainer", Form::fields_first, "D part1 part2 I part3 O module criterion"},
    {"nn.OnlineTrainer", Form::fields_first, "D part1 part2 I part3 B part4 O module criterion"},
    {"nn.PairwiseDistance", Form::fields_first, "O gradInput output D norm"},
    {"nn.Parallel", Form::fields_first,
     "O gradInput output modules size I inputDimension outputDimension"},
    {"nn.ParallelTable", Form::fields_first, "O gradInput output modules"},
    {"nn.Power", Form::fields_first, "O gradInput output D pow"},
    {"nn.Power", Form::trial, "O * D pow"},
    {"nn.Probe", Form::fields_first, "O gradInput output name B content display size backw"},
    {"nn.Probe", Form::trial, "O * name B content display size backw"},
    {"nn.PyramidPacker", Form::fields_first, "O gradInput output d # D scales+"},
    {"nn.PyramidPacker", Form::trial, "O * d # D scales+"},
    {"nn.PyramidUnPacker", Form::fields_first, "O gradInput output d # D scales+"},
    {"nn.PyramidUnPacker", Form::trial, "O * d # D scales+"},
    {"nn.Replicate", Form::fields_first, "O gradInput output I nfeatures"},
    {"nn.Replicate", Form::trial, "O * I nfeatures"},
    {"nn.Reshape", Form::fields_first, "O gradInput output size"},
    {"nn.Select", Form::fields_first, "O gradInput output I dimension l index"},
    {"nn.Sequential", Form::fields_first, "O gradInput output modules"},
    {"nn.SoftMax", Form::fields_first, "O gradInput output D shift B computeShift"},
    {"nn.SparseCriterion", Form::fields_first, "O gradInput D output B sizeAverage"},
    {"nn.SparseLinear", Form::fields_first,
     "O gradInput output D weightDecay O weight bias gradWeight gradBias"},
    {"nn.SpatialBackConvolution", Form::fields_first,
     "O gradInput output I dW dH O weight gradWeight"},
    {"nn.SpatialBackConvolution", Form::trial, "O * I dW dH O weight gradWeight"},
    {"nn.SpatialClassNLLCriterion", Form::fields_first,
     "O gradInput D output resampleTarget I nbGradients B sizeAverage"},
    {"nn.SpatialColorTransform", Form::fields_first,
     "O gradInput output type ? islinear O linear+"},
    {"nn.SpatialColorTransform", Form::trial, "O * type ? islinear O linear+"},
    {"nn.SpatialConvolution", Form::fields_first,
     "O gradInput output I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight "
     "gradBias"},
    {"nn.SpatialConvolutionMap", Form::fields_first,
     "O gradInput output I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight "
     "gradBias connTable"},
    {"nn.SpatialConvolutionMap", Form::trial,
     "O * I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias connTable"},
    {"nn.SpatialConvolutionSparse", Form::fields_first,
     "O gradInput output I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight "
     "gradBias connTable"},
    {"nn.SpatialConvolutionSparse", Form::trial,
     "O * I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias connTable"},
    {"nn.SpatialConvolutionTable", Form::fields_first,
     "O gradInput output I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight "
     "gradBias connTable"},
    {"nn.SpatialConvolutionTable", Form::trial,
     "O * I kW kH dW dH nInputPlane nOutputPlane O weight bias gradWeight gradBias connTable"},
    {"nn.SpatialFovea", Form::fields_first,
     "O gradInput output I nInputPlane padding fov sub B bilinear O ratios downsamplers "
     "padders upsamplers processors preProcessors pyramid preProcessed padded narrowed "
     "processed upsampled"},
    {"nn.SpatialFovea", Form::fields_first,
     "O gradInput output I nInputPlane padding fov sub O ratios downsamplers padders "
     "upsamplers processors preProcessors pyramid preProcessed padded narrowed processed "
     "upsampled"},
    {"nn.SpatialFovea", Form::trial,
     "O * I nInputPlane padding fov sub B bilinear O ratios downsamplers padders upsamplers "
     "processors preProcessors pyramid preProcessed padded narrowed processed upsampled"},
    {"nn.SpatialFovea", Form::trial,
     "O * I nInputPlane padding fov sub O ratios downsamplers padders upsamplers processors "
     "preProcessors pyramid preProcessed padded narrowed processed upsampled"},
    {"nn.SpatialGraph", Form::fields_first, "O gradInput output I connex dist normalize"},
    {"nn.SpatialGraph", Form::trial, "O * I connex dist normalize"},
    {"nn.SpatialLinear", Form::fields_first,
     "O gradInput output I fanin fanout D weightDecay O weight bias gradWeight gradBias"},
    {"nn.SpatialLinear", Form::trial,
     "O * I fanin fanout D weightDecay O weight bias gradWeight gradBias"},
    {"nn.SpatialMSECriterion", Form::fields_first,
     "O gradInput D output resampleTarget I nbGradients"},
    {"nn.SpatialMSECriterion", Form::fields_first,
     "O gradInput D output resampleTarget I nbGradients ignoreClass"},
    {"nn.SpatialMSECriterion", Form::fields_first,
     "O gradInput D output resampleTarget I nbUpdates B distribution I ignoreClass B meanError"},
    {"nn.SpatialMaxPooling", Form::fields_first, "O gradInput output I kW kH dW dH O indices"},
    {"nn.SpatialMaxPooling", Form::trial, "O * I kW kH dW dH O indices"},
    {"nn.SpatialNormalization", Form::fields_first,
     "O gradInput output kernel I nfeatures padW padH kerWisPair kerHisPair O convo convostd "
     "squareMod sqrtMod subtractMod meanDiviseMod stdDiviseMod thresMod diviseMod coef K pad2+ I "
     "fixedThres"},
    {"nn.SpatialNormalization", Form::fields_first,
     "O gradInput output kernel I nfeatures padW padH kerWisPair kerHisPair O convo convostd "
     "squareMod sqrtMod subtractMod meanDiviseMod stdDiviseMod thresMod diviseMod coef"},
    {"nn.SpatialNormalization", Form::trial,
     "O * kernel I nfeatures padW padH kerWisPair kerHisPair O convo convostd squareMod "
     "sqrtMod subtractMod meanDiviseMod stdDiviseMod thresMod diviseMod coef I pad2W pad2H "
     "ker2WisPair ker2HisPair fixedThres"},
    {"nn.SpatialNormalization", Form::trial,
     "O * kernel I nfeatures padW padH kerWisPair kerHisPair O convo convostd squareMod "
     "sqrtMod subtractMod meanDiviseMod stdDiviseMod thresMod diviseMod coef"},
    {"nn.SpatialPadding", Form::fields_first, "O gradInput output I pad_l pad_r pad_t pad_b"},
    {"nn.SpatialPadding", Form::trial, "O * I pad_l pad_r pad_t pad_b"},
    {"nn.SpatialReSampling", Form::fields_first, "O gradInput output I owidth oheight"},
    {"nn.SpatialReSampling", Form::trial, "O * I owidth oheight"},
    {"nn.SpatialRecursiveFovea", Form::fields_first,
     "O gradInput output I nInputPlane nRecursivePlane fov sub O part1 part2 part3 part4 part5 "
     "part6 part7 part8 part9 part10 part11 part12 part13 part14 part15 part16 part17 part18 "
     "part19 part20"},
    {"nn.SpatialRecursiveFovea", Form::trial,
     "O * I nInputPlane nRecursivePlane fov sub O part1 part2 part3 part4 part5 part6 part7 "
     "part8 part9 part10 part11 part12 part13 part14 part15 part16 part17 part18 part19 part20"},
    {"nn.SpatialSparseCriterion", Form::fields_first, "O gradInput D output part1 I part2"},
    {"nn.SpatialSubSampling", Form::fields_first,
     "O gradInput output I kW kH dW dH nInputPlane O weight bias gradWeight gradBias"},
    {"nn.SpatialUpSampling", Form::fields_first, "O gradInput output I dW dH"},
    {"nn.SpatialUpSampling", Form::fields_first, "O gradInput output I dW dH nInputPlane"},
    {"nn.SpatialUpSampling", Form::trial, "O * I dW dH"},
    {"nn.SpatialUpSampling", Form::trial, "O * I dW dH nInputPlane"},
    {"nn.SplitTable", Form::fields_first, "O gradInput output modules I dimension"},
    {"nn.Sqrt", Form::fields_first, "O gradInput output"},
    {"nn.Square", Form::fields_first, "O gradInput output"},
    {"nn.StochasticGradient", Form::fields_first,
     "D learningRate learningRateDecay I maxIteration B shuffleIndices O module criterion"},
    {"nn.StochasticTrainer", Form::fields_first, "D part1 part2 I part3 O module criterion"},
    {"nn.StochasticTrainer", Form::fields_first,
     "D part1 part2 I part3 B part4 O module criterion"},
    {"nn.Sum", Form::fields_first, "O gradInput output I dimension"},
    {"nn.TemporalConvolution", Form::fields_first,
     "O gradInput output I kW dW inputFrameSize outputFrameSize O weight bias gradWeight "
     "gradBias"},
    {"nn.TemporalSubSampling", Form::fields_first,
     "O gradInput output I kW dW inputFrameSize O weight bias gradWeight gradBias"},
    {"nn.Threshold", Form::fields_first, "O gradInput output D threshold val"},
    {"nn.Threshold", Form::trial, "O * D threshold val"},
    {"nn.Trainer", Form::fields_first, "D part1 part2 I part3"},
    {"nn.Trainer", Form::fields_first, "D part1 part2 I part3 B part4"},
    {"nn.WeightedMSECriterion", Form::fields_first, "O gradInput D output B sizeAverage O weight"},
    {"tds.AtomicCounter", Form::always, "L value"},
    {"tds.Hash", Form::always, "p"},
    {"tds.Vec", Form::always, "v"},
    {"tds_hash", Form::always, "p"},
    {"tds_vec", Form::always, "v"},
    {"torch.Generator", Form::always, "G"},
    {"torch.MultiCudaTensor", Form::always, "O * N # O tensors+"},
    {"torch.Timer", Form::always, ""},
    {"torch.ZDoubleStorage", Form::always, "Z"},
    {"torch.ZDoubleTensor", Form::always, "O size stride l storageOffset O storage"},
    {"torch.ZFloatStorage", Form::always, "Z"},
    {"torch.ZFloatTensor", Form::always, "O size stride l storageOffset O storage"},
    {"unsup.CriterionModule", Form::fields_first, "O criterion target"},
    {"unsup.Fista", Form::fields_first, "B verbose D .L Lstep I maxiter D errthres"},
    {"unsup.FunctionCost", Form::fields_first, "O module cost"},
    {"unsup.Kmeans", Form::fields_first, "O dictionary"},
    {"unsup.LinearFista", Form::fields_first, "O fista D lambda O code"},
    {"unsup.UnsupTrainer", Form::fields_first,
     "D learningRate learningRateDecay I maxIteration B shuffleIndices O module criterion"},
};

struct ElementType {
  std::string_view name;
  Dtype dtype;
};

// `torch.` + one of these + `Tensor` or `Storage`. CUDA's plain type is float.
constexpr ElementType kElementTypes[] = {
    {"Byte", Dtype::uint8},        {"Char", Dtype::int8},      {"Short", Dtype::int16},
    {"Int", Dtype::int32},         {"Long", Dtype::int64},     {"Float", Dtype::float32},
    {"Double", Dtype::float64},    {"Half", Dtype::float16},   {"Cuda", Dtype::float32},
    {"CudaByte", Dtype::uint8},    {"CudaChar", Dtype::int8},  {"CudaShort", Dtype::int16},
    {"CudaInt", Dtype::int32},     {"CudaLong", Dtype::int64}, {"CudaDouble", Dtype::float64},
    {"CudaHalf", Dtype::float16},  {"Cl", Dtype::float32},     {"MKLFloat", Dtype::float32},
    {"MKLDouble", Dtype::float64}, {"MKLLong", Dtype::int64},
};

// Packages in which FORMAT's survey found no private layout beyond the rules above.
constexpr std::string_view kKnownPackages[] = {
    "autograd.", "cudnn.", "dp.",    "fbcunn.", "fbnn.",  "graph.", "inn.",  "nn.",
    "nngraph.",  "onmt.",  "optim.", "tnt.",    "torch.", "unsup.", "w2nn.",
};

}  // namespace

Rules rules_for(std::string_view class_name) {
  const auto less = [](const Rule& rule, std::string_view name) { return rule.name < name; };
  const Rule* first = std::lower_bound(std::begin(kRules), std::end(kRules), class_name, less);
  const Rule* last = first;
  while (last != std::end(kRules) && class_name == last->name) ++last;
  return {first, last};
}

ArrayClass array_class(std::string_view class_name) {
  ArrayClass result;
  constexpr std::string_view kPrefix = "torch.";
  constexpr std::string_view kTensor = "Tensor";
  constexpr std::string_view kStorage = "Storage";
  if (class_name.substr(0, kPrefix.size()) != kPrefix) return result;
  std::string_view type = class_name.substr(kPrefix.size());
  if (type == kTensor) return {true, false, true, false, Dtype::float64};
  const bool tensor = type.ends_with(kTensor);
  if (!tensor && !type.ends_with(kStorage)) return result;
  type.remove_suffix(tensor ? kTensor.size() : kStorage.size());
  if (!tensor && (type == "ZFloat" || type == "ZDouble")) {
    return {false, true, false, true, type == "ZFloat" ? Dtype::float32 : Dtype::float64};
  }
  for (const ElementType& element : kElementTypes) {
    if (element.name == type) return {tensor, !tensor, false, false, element.dtype};
  }
  return result;
}

std::string storage_class_for(std::string_view tensor_class) {
  if (tensor_class == "torch.Tensor") return "torch.DoubleStorage";
  constexpr std::string_view kTensor = "Tensor";
  return std::string(tensor_class.substr(0, tensor_class.size() - kTensor.size())) + "Storage";
}

bool layout_is_known(std::string_view class_name) {
  return std::any_of(std::begin(kKnownPackages), std::end(kKnownPackages),
                     [&](std::string_view prefix) { return class_name.starts_with(prefix); });
}

bool writes_nothing(std::string_view class_name) { return class_name.starts_with("package."); }

}  // namespace t7
