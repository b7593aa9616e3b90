/** Python: what remembers from one step of a sequence to the next. */

export const recurrentHelpers: Readonly<Record<string, string>> = {
  Sequencer: `
class Sequencer(nn.Module):
    """One step after the other: of a list, or of a tensor's first dimension. Begins anew with each call."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def forward(self, x):
        for module in self.modules():
            if isinstance(module, Recurrent):
                module.state = None
        outputs = [self.step(value) for value in x]
        return torch.stack(outputs) if torch.is_tensor(x) else outputs
`,
  Recurrent: `
class Recurrent(nn.Module):
    """A cell that is given its input and what it gave before; \`first\` takes the place of the very first step."""

    def __init__(self, cell, size=0, states=1, first=None):
        super().__init__()
        self.first = first
        self.cell, self.size, self.states = cell, size, states
        self.state = None

    def forward(self, x):
        if self.state is None and self.first is not None:
            y = [self.first(x)]
        else:
            state = self.state or [x.new_zeros(*x.shape[:-1], self.size) for _ in range(self.states)]
            y = self.cell([x, *state])
        self.state = y if isinstance(y, (list, tuple)) else [y]
        return self.state[0]
`,
  SeqLSTM: `
class SeqLSTM(nn.Module):
    """steps × batch × features, the first two the other way round with batch_first. Gates: i, f, o, g."""

    def __init__(self, inputs, outputs, batch_first):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs + outputs, 4 * outputs))
        self.bias = nn.Parameter(torch.zeros(4 * outputs))
        self.batch_first = batch_first

    def forward(self, x):
        x = x.transpose(0, 1) if self.batch_first else x
        h = c = x.new_zeros(x.shape[1], self.bias.shape[0] // 4)
        outputs = []
        for step in x:
            i, f, o, g = (torch.cat([step, h], 1).matmul(self.weight) + self.bias).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        y = torch.stack(outputs)
        return y.transpose(0, 1) if self.batch_first else y
`,
  SeqGRU: `
class SeqGRU(nn.Module):
    """steps × batch × features, the first two the other way round with batch_first. Gates: reset, update, new."""

    def __init__(self, inputs, outputs, batch_first):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs + outputs, 3 * outputs))
        self.bias = nn.Parameter(torch.zeros(3 * outputs))
        self.batch_first = batch_first

    def forward(self, x):
        x = x.transpose(0, 1) if self.batch_first else x
        size = self.bias.shape[0] // 3
        gates, new = self.weight.split([2 * size, size], 1)
        gates_bias, new_bias = self.bias.split([2 * size, size])
        h = x.new_zeros(x.shape[1], size)
        outputs = []
        for step in x:
            r, u = (torch.cat([step, h], 1).matmul(gates) + gates_bias).sigmoid().chunk(2, 1)
            n = (torch.cat([step, r * h], 1).matmul(new) + new_bias).tanh()
            h = (1 - u) * n + u * h
            outputs.append(h)
        y = torch.stack(outputs)
        return y.transpose(0, 1) if self.batch_first else y
`,
};
