/** Python: shapes, parts, sums and elements. */

export const shapeHelpers: Readonly<Record<string, string>> = {
  Apply: `
class Apply(nn.Module):
    """A function of x, written as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)
`,
  View: `
class View(nn.Module):
    """A shape of \`size\`, with the batch in front where there is one."""

    def __init__(self, *size, dims=0):
        super().__init__()
        self.size, self.dims = size, dims

    def forward(self, x):
        dims = self.dims or x.dim()
        outer = math.prod(x.shape[: x.dim() - dims])
        inner = math.prod(x.shape[x.dim() - dims :])
        batch = outer if -1 in self.size else outer * (inner // math.prod(self.size))
        if batch == 1 and (not self.dims or x.dim() <= self.dims):
            return x.reshape(self.size)
        return x.reshape(batch, *self.size)
`,
  Reshape: `
class Reshape(nn.Module):
    """A shape of \`size\`; the first dimension is a batch where the elements are more, or \`batch\` says so."""

    def __init__(self, *size, batch=None):
        super().__init__()
        self.size, self.batch = size, batch

    def forward(self, x):
        whole = x.numel() == math.prod(self.size) and x.shape[0] != 1
        if self.batch is False or (self.batch is None and whole):
            return x.reshape(self.size)
        return x.reshape(x.shape[0], *self.size)
`,
  Replicate: `
class Replicate(nn.Module):
    def __init__(self, count, dim, dims=0):
        super().__init__()
        self.count, self.dim, self.dims = count, dim, dims

    def forward(self, x):
        dim = axis(x, self.dim, self.dims)
        return x.unsqueeze(dim).expand(*x.shape[:dim], self.count, *x.shape[dim:])
`,
  Transpose: `
class Transpose(nn.Module):
    """Pairs of dimensions that change places, one after the other."""

    def __init__(self, *pairs, dims=0):
        super().__init__()
        self.pairs, self.dims = pairs, dims

    def forward(self, x):
        more = x.dim() - self.dims if self.dims else 0
        for a, b in self.pairs:
            x = x.transpose(a - 1 + more, b - 1 + more)
        return x
`,
  Unsqueeze: `
class Unsqueeze(nn.Module):
    def __init__(self, dim, dims=0):
        super().__init__()
        self.dim, self.dims = dim, dims

    def forward(self, x):
        return x.unsqueeze(self.dim - 1 + (x.dim() - self.dims if self.dims else 0))
`,
  Squeeze: `
class Squeeze(nn.Module):
    def __init__(self, dim=0, dims=0):
        super().__init__()
        self.dim, self.dims = dim, dims

    def forward(self, x):
        y = x.squeeze(axis(x, self.dim, self.dims)) if self.dim else x.squeeze()
        return y if y.dim() else y.reshape(1)
`,
  Select: `
class Select(nn.Module):
    """\`index\` counts from 1, or back from -1."""

    def __init__(self, dim, index):
        super().__init__()
        self.dim, self.index = dim, index

    def forward(self, x):
        y = x.select(axis(x, self.dim), self.index - 1 if self.index > 0 else self.index)
        return y if y.dim() else y.reshape(1)
`,
  Narrow: `
class Narrow(nn.Module):
    """\`length\` slices from \`index\` on, which counts from 1; a negative length leaves some at the end."""

    def __init__(self, dim, index, length):
        super().__init__()
        self.dim, self.index, self.length = dim, index, length

    def forward(self, x):
        dim = axis(x, self.dim)
        first = self.index - 1 if self.index > 0 else x.shape[dim] + self.index
        length = self.length if self.length >= 0 else x.shape[dim] - first + self.length + 1
        return x.narrow(dim, first, length)
`,
  Padding: `
class Padding(nn.Module):
    """Room in one dimension, filled with a value, behind (before, if negative) the slice \`index\` from its side."""

    def __init__(self, dim, pad, dims, value, index):
        super().__init__()
        self.dim, self.pad, self.dims = dim, pad, dims
        self.value, self.index = value, index

    def forward(self, x):
        dim = self.dim - 1
        if self.dims and x.dim() != self.dims:
            dim += 1
        length = x.shape[dim]
        at = length - self.index + 1 if self.pad > 0 else self.index - 1
        shape = list(x.shape)
        shape[dim] = abs(self.pad)
        room = x.new_full(shape, self.value)
        return torch.cat([x.narrow(dim, 0, at), room, x.narrow(dim, at, length - at)], dim)
`,
  Collapse: `
class Collapse(nn.Module):
    """All dimensions of a sample, of which there are \`dims\`, as one."""

    def __init__(self, dims):
        super().__init__()
        self.dims = dims

    def forward(self, x):
        return x.reshape(*x.shape[: x.dim() - self.dims], -1)
`,
  Bottle: `
class Bottle(nn.Sequential):
    """A module for \`dims\` dimensions on inputs that have more: the first ones are taken as one batch."""

    def __init__(self, dims, module):
        super().__init__(module)
        self.dims = dims

    def forward(self, x):
        if x.dim() <= self.dims:
            return self[0](x)
        outer = x.dim() - self.dims + 1
        y = self[0](x.reshape(-1, *x.shape[outer:]))
        return y.reshape(*x.shape[:outer], *y.shape[1:])
`,
  Reduce: `
class Reduce(nn.Module):
    """Sum, mean, minimum or maximum along a dimension."""

    def __init__(self, function, dim, dims=0, squeeze=True):
        super().__init__()
        self.function, self.dim, self.dims, self.squeeze = function, dim, dims, squeeze

    def forward(self, x):
        dim = axis(x, self.dim, self.dims)
        y = self.function(x, dim, keepdim=True)
        y = y if torch.is_tensor(y) else y[0]
        return y.squeeze(dim) if self.squeeze and y.dim() > 1 else y
`,
  Constant: `
class Constant(nn.Module):
    """The same value for every sample."""

    def __init__(self, shape, dims=0):
        super().__init__()
        self.register_buffer("value", torch.zeros(shape))
        self.dims = dims

    def forward(self, x):
        if self.dims and x.dim() == self.dims + 1:
            return self.value.expand(x.shape[0], *self.value.shape)
        return self.value
`,
  Add: `
class Add(nn.Module):
    def __init__(self, size, scalar=False):
        super().__init__()
        self.scalar = scalar
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        if self.scalar:
            return x + self.bias[0]
        if x.shape == self.bias.shape:
            return x + self.bias
        return (x.reshape(x.shape[0], -1) + self.bias).reshape(x.shape)
`,
  CAdd: `
class CAdd(nn.Module):
    def __init__(self, *size):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        if x.numel() == self.bias.numel():
            return x + self.bias.reshape(x.shape)
        return x + self.bias
`,
  CMul: `
class CMul(nn.Module):
    def __init__(self, *size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        if x.numel() == self.weight.numel():
            return x * self.weight.reshape(x.shape)
        return x * self.weight
`,
  Mul: `
class Mul(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.weight[0]
`,
  Scores: `
class Scores(nn.Module):
    """Softmax and its kin over what Torch takes for classes: the first dimension of a sample."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x, 0 if x.dim() in (1, 3) else 1)
`,
  PReLU: `
class PReLU(nn.Module):
    """A slope for each channel, or one for all; a sample's channels come first."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 0.25))

    def forward(self, x):
        dim = 0 if x.dim() in (1, 3) else 1
        shape = [-1 if d == dim else 1 for d in range(x.dim())]
        return torch.where(x > 0, x, x * self.weight.reshape(shape))
`,
  CReLU: `
class CReLU(nn.Module):
    """Positive and negative parts, joined; \`dims\` is what a single sample has."""

    def __init__(self, dims):
        super().__init__()
        self.dims = dims

    def forward(self, x):
        return torch.cat([x, -x], 1 if x.dim() == self.dims + 1 else 0).relu()
`,
  softmin: `
def softmin(x, dim):
    return F.softmax(-x, dim)
`,
  Normalize: `
class Normalize(nn.Module):
    """Rows divided by their p-norm."""

    def __init__(self, p, eps):
        super().__init__()
        self.p, self.eps = p, eps

    def forward(self, x):
        if self.p == math.inf:
            norm = x.abs().max(-1, keepdim=True)[0] + self.eps
        else:
            norm = (x.abs().pow(self.p).sum(-1, keepdim=True) + self.eps).pow(1 / self.p)
        return x / norm
`,
  DropoutV1: `
class DropoutV1(nn.Module):
    """Dropout that scales when it evaluates, not when it trains; whole channels with \`channels\`."""

    def __init__(self, p, channels=0):
        super().__init__()
        self.p, self.channels = p, channels

    def forward(self, x):
        if not self.training:
            return x * (1 - self.p)
        shape = x.shape[: x.dim() - self.channels] + (1,) * self.channels
        return x * torch.bernoulli(x.new_full(shape, 1 - self.p))
`,
  Cosine: `
class Cosine(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))

    def forward(self, x):
        norms = (self.weight.norm(2, 1) + 1e-12) * (x.norm(2, -1, keepdim=True) + 1e-12)
        return x.matmul(self.weight.t()) / norms
`,
  Euclidean: `
class Euclidean(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))

    def forward(self, x):
        return (x.unsqueeze(-1) - self.weight).norm(2, -2)
`,
  WeightedEuclidean: `
class WeightedEuclidean(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))
        self.diagCov = nn.Parameter(torch.ones(inputs, outputs))

    def forward(self, x):
        return ((x.unsqueeze(-1) - self.weight) * self.diagCov).norm(2, -2)
`,
  Embedding: `
class Embedding(nn.Module):
    """Rows of a table, no longer than max_norm. Indices count from 1, unless zero_based."""

    def __init__(self, count, size, zero_based, max_norm=None, norm_type=2.0):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(count, size))
        self.first = 0 if zero_based else 1
        self.max_norm, self.norm_type = max_norm, norm_type

    def forward(self, x):
        indices = x.long() - self.first
        return F.embedding(indices, self.weight, None, self.max_norm, self.norm_type)
`,
  EmbeddingMaskZero: `
class EmbeddingMaskZero(nn.Module):
    """Rows of a table from 1 on; index 0 gives zeros."""

    def __init__(self, count, size):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(count, size))

    def forward(self, x):
        indices = x.long()
        return F.embedding(indices, self.weight) * (indices != 0).unsqueeze(-1).to(self.weight)
`,
  PartialLinear: `
class PartialLinear(nn.Module):
    """A linear layer of which only some outputs are wanted; \`partition\` counts them from 1."""

    def __init__(self, inputs, outputs, partition, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(1, outputs)) if bias else None
        self.partition = partition

    def forward(self, x):
        rows = torch.tensor(self.partition, device=x.device) - 1
        y = x.matmul(self.weight[rows].t())
        return y if self.bias is None else y + self.bias[0, rows]
`,
  WeightNorm: `
class WeightNorm(nn.Module):
    """A module whose weight is given by its direction v and, output by output, its length g."""

    def __init__(self, module, v, g, shape, dim=1, eps=0.0, square_eps=0.0):
        super().__init__()
        del module._parameters["weight"]
        self.module = module
        self.v = nn.Parameter(torch.zeros(v))
        self.g = nn.Parameter(torch.zeros(g))
        self.shape, self.dim = shape, dim
        self.eps, self.square_eps = eps, square_eps

    def forward(self, x):
        v = self.v.reshape(self.v.shape[0], -1)
        norm = (v.pow(2).sum(1, keepdim=True) + self.square_eps).sqrt() + self.eps
        weight = v * (self.g.reshape(-1, 1) / norm)
        if self.dim == 1:
            self.module.weight = weight.reshape(self.shape)
        else:
            sizes = list(self.shape)
            sizes[0], sizes[self.dim - 1] = sizes[self.dim - 1], sizes[0]
            self.module.weight = weight.reshape(sizes).transpose(0, self.dim - 1)
        return self.module(x)
`,
  MaskZero: `
class MaskZero(nn.Sequential):
    """Zeros where the input's sample, of \`dims\` dimensions, is all zeros."""

    def __init__(self, dims, module):
        super().__init__(module)
        self.dims = dims

    def forward(self, x):
        first = x
        while isinstance(first, (list, tuple)):
            first = first[0]
        outer = first.dim() - self.dims
        empty = (first.reshape(*first.shape[:outer], -1) == 0).all(-1)

        def mask(y):
            if isinstance(y, (list, tuple)):
                return [mask(value) for value in y]
            shape = empty.shape + (1,) * (y.dim() - empty.dim())
            return y.masked_fill(empty.reshape(shape), 0)

        return mask(self[0](x))
`,
};
