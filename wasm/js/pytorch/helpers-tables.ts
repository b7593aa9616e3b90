/** Python: containers and what works on tables. Inputs and outputs that are tables in Torch are lists. */

export const tableHelpers: Readonly<Record<string, string>> = {
  axis: `
def axis(x, dim, dims=0):
    """Torch's dimension \`dim\` of x, counted from 1 or back from -1; \`dims\` is what a single sample has."""
    if dim < 0:
        return x.dim() + dim
    return dim if dims and x.dim() == dims + 1 else dim - 1
`,
  ConcatTable: `
class ConcatTable(nn.Sequential):
    """One input, a list of outputs."""

    def forward(self, x):
        return [module(x) for module in self]
`,
  ParallelTable: `
class ParallelTable(nn.Sequential):
    """A list of inputs, each through its own module."""

    def forward(self, x):
        return [module(value) for module, value in zip(self, x)]
`,
  MapTable: `
class MapTable(nn.Sequential):
    """A list of inputs, all through one module."""

    def forward(self, x):
        return [self[0](value) for value in x]
`,
  Concat: `
class Concat(nn.Sequential):
    """One input, the outputs joined along a dimension."""

    def __init__(self, dim, *modules):
        super().__init__(*modules)
        self.dim = dim

    def forward(self, x):
        outputs = [module(x) for module in self]
        return torch.cat(outputs, axis(outputs[0], self.dim))
`,
  DepthConcat: `
class DepthConcat(nn.Sequential):
    """Concat, for outputs of unlike sizes: the smaller are centred in zeros."""

    def __init__(self, dim, *modules):
        super().__init__(*modules)
        self.dim = dim

    def forward(self, x):
        outputs = [module(x) for module in self]
        dim = axis(outputs[0], self.dim)
        sizes = [max(lengths) for lengths in zip(*(y.shape for y in outputs))]
        padded = []
        for y in outputs:
            pads = []
            for d in reversed(range(y.dim())):
                room = 0 if d == dim else sizes[d] - y.shape[d]
                pads += [room // 2, room - room // 2]
            padded.append(F.pad(y, pads))
        return torch.cat(padded, dim)
`,
  Parallel: `
class Parallel(nn.Sequential):
    """The slices of the input along one dimension, each through its own module, joined along another."""

    def __init__(self, input_dim, output_dim, *modules):
        super().__init__(*modules)
        self.input_dim, self.output_dim = input_dim, output_dim

    def forward(self, x):
        slices = x.unbind(axis(x, self.input_dim))
        outputs = [module(value) for module, value in zip(self, slices)]
        return torch.cat(outputs, axis(outputs[0], self.output_dim))
`,
  CAddTable: `
class CAddTable(nn.Module):
    def forward(self, x):
        y = x[0]
        for value in x[1:]:
            y = y + value
        return y
`,
  CSubTable: `
class CSubTable(nn.Module):
    def forward(self, x):
        return x[0] - x[1].reshape(x[0].shape)
`,
  CMulTable: `
class CMulTable(nn.Module):
    def forward(self, x):
        y = x[0]
        for value in x[1:]:
            y = y * value
        return y
`,
  CDivTable: `
class CDivTable(nn.Module):
    def forward(self, x):
        return x[0] / x[1].reshape(x[0].shape)
`,
  CMaxTable: `
class CMaxTable(nn.Module):
    def forward(self, x):
        return torch.stack(list(x)).max(0)[0]
`,
  CMinTable: `
class CMinTable(nn.Module):
    def forward(self, x):
        return torch.stack(list(x)).min(0)[0]
`,
  JoinTable: `
class JoinTable(nn.Module):
    def __init__(self, dim, dims=0):
        super().__init__()
        self.dim, self.dims = dim, dims

    def forward(self, x):
        return torch.cat(list(x), axis(x[0], self.dim, self.dims))
`,
  SplitTable: `
class SplitTable(nn.Module):
    def __init__(self, dim, dims=0):
        super().__init__()
        self.dim, self.dims = dim, dims

    def forward(self, x):
        return list(x.unbind(axis(x, self.dim, self.dims)))
`,
  SelectTable: `
class SelectTable(nn.Module):
    """\`index\` counts from 1, or back from -1."""

    def __init__(self, index):
        super().__init__()
        self.index = index

    def forward(self, x):
        return x[self.index - 1 if self.index > 0 else self.index]
`,
  NarrowTable: `
class NarrowTable(nn.Module):
    """\`length\` values from \`offset\` on, which counts from 1."""

    def __init__(self, offset, length):
        super().__init__()
        self.offset, self.length = offset, length

    def forward(self, x):
        return list(x[self.offset - 1 : self.offset - 1 + self.length])
`,
  FlattenTable: `
class FlattenTable(nn.Module):
    def forward(self, x):
        flat, waiting = [], [x]
        while waiting:
            value = waiting.pop()
            if isinstance(value, (list, tuple)):
                waiting.extend(reversed(value))
            else:
                flat.append(value)
        return flat
`,
  ReverseTable: `
class ReverseTable(nn.Module):
    def forward(self, x):
        return list(reversed(x))
`,
  ZipTable: `
class ZipTable(nn.Module):
    def forward(self, x):
        return [list(values) for values in zip(*x)]
`,
  ZipTableOneToMany: `
class ZipTableOneToMany(nn.Module):
    def forward(self, x):
        return [[x[0], value] for value in x[1]]
`,
  MixtureTable: `
class MixtureTable(nn.Module):
    """[gater, experts]: the experts' outputs, weighted by the gater's. Experts are a list or one tensor."""

    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        gater, experts = x
        single = gater.dim() == 1
        if isinstance(experts, (list, tuple)):
            experts = torch.stack(list(experts), 0 if single else 1)
            dim = 0 if single else 1
        else:
            dim = self.dim - 1
        sizes = [1] * experts.dim()
        sizes[dim] = gater.shape[-1]
        if not single:
            sizes[0] = gater.shape[0]
        return (gater.reshape(sizes) * experts).sum(dim)
`,
  MM: `
class MM(nn.Module):
    def __init__(self, transpose_a=False, transpose_b=False):
        super().__init__()
        self.transpose_a, self.transpose_b = transpose_a, transpose_b

    def forward(self, x):
        a, b = x
        a = a.transpose(-1, -2) if self.transpose_a else a
        b = b.transpose(-1, -2) if self.transpose_b else b
        return a.matmul(b)
`,
  MV: `
class MV(nn.Module):
    def __init__(self, transpose=False):
        super().__init__()
        self.transpose = transpose

    def forward(self, x):
        matrix, vector = x
        matrix = matrix.transpose(-1, -2) if self.transpose else matrix
        return matrix.matmul(vector.unsqueeze(-1)).squeeze(-1)
`,
  DotProduct: `
class DotProduct(nn.Module):
    def forward(self, x):
        a, b = x
        return (a * b).sum(-1, keepdim=a.dim() == 1)
`,
  CosineDistance: `
class CosineDistance(nn.Module):
    def forward(self, x):
        a, b = x
        keep = a.dim() == 1
        norms = ((a * a).sum(-1, keepdim=keep) + 1e-12) * ((b * b).sum(-1, keepdim=keep) + 1e-12)
        return (a * b).sum(-1, keepdim=keep) / norms.sqrt()
`,
  PairwiseDistance: `
class PairwiseDistance(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        a, b = x
        return (a - b).norm(self.p, -1, keepdim=a.dim() == 1)
`,
  Bilinear: `
class Bilinear(nn.Bilinear):
    def forward(self, x):
        return super().forward(x[0], x[1])
`,
  Index: `
class Index(nn.Module):
    """[x, indices]: slices of x along a dimension. Indices count from 1, unless zero_based."""

    def __init__(self, dim, zero_based):
        super().__init__()
        self.dim, self.first = dim, 0 if zero_based else 1

    def forward(self, x):
        values, indices = x
        indices = indices.long() - self.first
        dim = axis(values, self.dim)
        shape = values.shape[:dim] + indices.shape + values.shape[dim + 1 :]
        return values.index_select(dim, indices.reshape(-1)).reshape(shape)
`,
};
