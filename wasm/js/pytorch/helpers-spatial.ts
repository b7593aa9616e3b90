/** Python: images, volumes and sequences. */

export const spatialHelpers: Readonly<Record<string, string>> = {
  MaxPool2d: `
class MaxPool2d(nn.MaxPool2d):
    """Keeps where the maxima were, for the unpooling that belongs to it."""

    def forward(self, x):
        self.size = x.shape[-2:]
        y, self.indices = F.max_pool2d(
            x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, True
        )
        return y
`,
  MaxUnpool2d: `
class MaxUnpool2d(nn.Module):
    """Puts values back to where the maxima of \`pool\` were."""

    def __init__(self, pool):
        super().__init__()
        self.pool = (pool,)  # not a module of this one

    def forward(self, x):
        (pool,) = self.pool
        y = x.new_zeros(*x.shape[:-2], pool.size[0] * pool.size[1])
        y.scatter_(-1, pool.indices.flatten(-2), x.flatten(-2))
        return y.reshape(*x.shape[:-2], *pool.size)
`,
  UpsampleNearest: `
class UpsampleNearest(nn.Module):
    def __init__(self, scale, dims=2):
        super().__init__()
        self.scale, self.dims = scale, dims

    def forward(self, x):
        for dim in range(-self.dims, 0):
            x = x.repeat_interleave(self.scale, dim)
        return x
`,
  UpsampleLinear: `
class UpsampleLinear(nn.Module):
    """To a size, or by a factor; the corners stay where they are. Places are floats, as in Torch."""

    def __init__(self, size=None, scale=None, dims=2):
        super().__init__()
        self.size, self.scale, self.dims = size, scale, dims

    def forward(self, x):
        for at in range(self.dims):
            dim = x.dim() - self.dims + at
            length = x.shape[dim]
            count = self.size[at] if self.size else length * self.scale
            step = torch.tensor(length - 1.0) / max(count - 1, 1)
            places = step * torch.arange(count, dtype=torch.float32)
            low = places.long()
            part = (places - low).to(x).reshape(-1, *[1] * (x.dim() - 1 - dim))
            high = (low + 1).clamp(max=length - 1)
            x = x.index_select(dim, low) * (1 - part) + x.index_select(dim, high) * part
        return x
`,
  CrossMapLRN: `
class CrossMapLRN(nn.Module):
    """Each value divided by what the channels around it hold at its place."""

    def __init__(self, size, alpha, beta, k):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x):
        side = (self.size - 1) // 2
        squares = F.pad(x * x, (0, 0, 0, 0, side, side))
        around = squares.unfold(-3, 2 * side + 1, 1).sum(-1)
        return x * (self.k + around * (self.alpha / self.size)).pow(-self.beta)
`,
  Pad: `
class Pad(nn.Module):
    """left, right, top, bottom (front, back); negative ones crop."""

    def __init__(self, *pads, mode="constant"):
        super().__init__()
        self.pads, self.mode = pads, mode

    def forward(self, x):
        return F.pad(x, self.pads, mode=self.mode)
`,
  DepthWiseConv2d: `
class DepthWiseConv2d(nn.Module):
    """\`outputs\` filters for each channel, side by side. Reads h × w as w × h, as Torch does."""

    def __init__(self, channels, outputs, kernel, stride, padding, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, channels, *kernel))
        self.bias = nn.Parameter(torch.zeros(outputs, channels)) if bias else None
        self.stride, self.padding = stride, padding

    def forward(self, x):
        x = x.reshape(*x.shape[:-2], x.shape[-1], x.shape[-2])
        weight = self.weight.transpose(0, 1)
        bias = None if self.bias is None else self.bias.t().reshape(-1)
        weight = weight.reshape(-1, 1, *weight.shape[2:])
        return F.conv2d(x, weight, bias, self.stride, self.padding, groups=self.weight.shape[1])
`,
  LocalConv2d: `
class LocalConv2d(nn.Module):
    """A convolution with weights of its own at every place."""

    def __init__(self, channels, outputs, size, kernel, stride, padding):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*size, outputs, channels, *kernel))
        self.bias = nn.Parameter(torch.zeros(outputs, *size))
        self.kernel, self.stride, self.padding = kernel, stride, padding

    def forward(self, x):
        (kh, kw), (dh, dw), (ph, pw) = self.kernel, self.stride, self.padding
        windows = F.pad(x, (pw, pw, ph, ph)).unfold(-2, kh, dh).unfold(-2, kw, dw)
        return torch.einsum("...chwij,hwocij->...ohw", windows, self.weight) + self.bias
`,
  ConnectedConv2d: `
class ConnectedConv2d(nn.Module):
    """A filter for each pair of an input and an output plane that are connected (from 1)."""

    def __init__(self, table, inputs, outputs, kernel, stride, transposed=False):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(len(table), *kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.table, self.planes = table, (inputs, outputs)
        self.stride, self.transposed = stride, transposed

    def forward(self, x):
        inputs, outputs = self.planes
        weight = self.weight.new_zeros(outputs, inputs, *self.weight.shape[1:])
        for kernel, (source, target) in zip(self.weight, self.table):
            weight[target - 1, source - 1] += kernel
        if self.transposed:
            return F.conv_transpose2d(x, weight.transpose(0, 1), self.bias, self.stride)
        return F.conv2d(x, weight, self.bias, self.stride)
`,
  SubtractiveNorm: `
class SubtractiveNorm(nn.Module):
    """The input without its local mean."""

    def __init__(self, mean):
        super().__init__()
        self.mean = mean

    def forward(self, x):
        share = self.mean(torch.ones_like(x)).reshape(x.shape)
        return x - self.mean(x).reshape(x.shape) / share
`,
  DivisiveNorm: `
class DivisiveNorm(nn.Module):
    """The input divided by its local deviation, where that is not too small."""

    def __init__(self, mean, deviation, threshold):
        super().__init__()
        self.mean, self.deviation, self.threshold = mean, deviation, threshold

    def forward(self, x):
        share = self.mean(torch.ones_like(x)).reshape(x.shape)
        return x / self.threshold(self.deviation(x).reshape(x.shape) / share)
`,
  SubSampling2d: `
class SubSampling2d(nn.Module):
    """The sum of each window, scaled and shifted channel by channel."""

    def __init__(self, channels, kernel, stride):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        y = F.avg_pool2d(x, self.kernel, self.stride, divisor_override=1)
        return y * self.weight.reshape(-1, 1, 1) + self.bias.reshape(-1, 1, 1)
`,
  TemporalConv: `
class TemporalConv(nn.Module):
    """A convolution over frames; inputs are frames × features, with or without a batch."""

    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, kernel * inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        windows = x.unfold(-2, self.kernel, self.stride).transpose(-1, -2).flatten(-2)
        return F.linear(windows, self.weight, self.bias)
`,
  TemporalRowConv: `
class TemporalRowConv(nn.Module):
    """A convolution over frames, feature by feature."""

    def __init__(self, features, kernel, stride, padding, features_first, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(features, 1, kernel))
        self.bias = nn.Parameter(torch.zeros(features)) if bias else None
        self.stride, self.padding, self.features_first = stride, padding, features_first

    def forward(self, x):
        x = x if self.features_first else x.transpose(-1, -2)
        groups = self.weight.shape[0]
        y = F.conv1d(x, self.weight, self.bias, self.stride, self.padding, groups=groups)
        return y if self.features_first else y.transpose(-1, -2)
`,
  TemporalMaxPool: `
class TemporalMaxPool(nn.Module):
    def __init__(self, kernel, stride):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        return x.unfold(-2, self.kernel, self.stride).max(-1)[0]
`,
  TemporalSubSampling: `
class TemporalSubSampling(nn.Module):
    def __init__(self, features, kernel, stride):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.kernel, self.stride = kernel, stride

    def forward(self, x):
        return x.unfold(-2, self.kernel, self.stride).sum(-1) * self.weight + self.bias
`,
  DynamicKMax: `
class DynamicKMax(nn.Module):
    """The largest frames of each feature, in the order in which they come."""

    def __init__(self, least, factor):
        super().__init__()
        self.least, self.factor = least, factor

    def forward(self, x):
        count = max(self.least, math.ceil(self.factor * x.shape[-2]))
        indices = x.topk(count, -2)[1].sort(-2)[0]
        return x.gather(-2, indices)
`,
};
