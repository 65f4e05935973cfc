"""Gated recurrent units that keep PyTorch's own parameters in the exported graph.

Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014, in PyTorch's variant: the reset
gate multiplies the recurrent term after its projection. Sequences here are short and of fixed length, so the recurrence
is unrolled; weights then enter the graph as they are in the checkpoint.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Gru(nn.Module):
    """Parameters as `torch.nn.GRU(batch_first=True)`."""

    def __init__(self, features: int, hidden: int, layers: int = 1, bidirectional: bool = False) -> None:
        super().__init__()
        self.layers = layers
        self.directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(layers):
            width = features if layer == 0 else hidden * len(self.directions)
            for direction in self.directions:
                for name, dims in (
                    ("weight_ih", (3 * hidden, width)),
                    ("weight_hh", (3 * hidden, hidden)),
                    ("bias_ih", (3 * hidden,)),
                    ("bias_hh", (3 * hidden,)),
                ):
                    self.register_parameter(f"{name}_l{layer}{direction}", nn.Parameter(torch.zeros(dims)))

    def forward(self, x: Tensor, state: Tensor) -> list[Tensor]:
        """Last hidden state (n, hidden) of each direction of the last layer.

        `x` is (n, steps, features); `state` (layers * directions, n, hidden) is where the recurrences begin.
        """
        last: list[Tensor] = []
        for layer in range(self.layers):
            runs = []
            last = []
            for number, direction in enumerate(self.directions):
                start = state[layer * len(self.directions) + number]
                steps = self._run(x, start, f"l{layer}{direction}", backwards=direction != "")
                last.append(steps[0] if direction else steps[-1])
                runs.append(torch.stack(steps, dim=1) if layer + 1 < self.layers else None)
            if layer + 1 < self.layers:
                x = torch.cat([r for r in runs if r is not None], dim=2)
        return last

    def _run(self, x: Tensor, hidden: Tensor, suffix: str, backwards: bool) -> list[Tensor]:
        """Hidden states in the order of time."""
        weight = self.get_parameter(f"weight_hh_{suffix}")
        bias = self.get_parameter(f"bias_hh_{suffix}")
        given = F.linear(x, self.get_parameter(f"weight_ih_{suffix}"), self.get_parameter(f"bias_ih_{suffix}"))
        inputs = given.unbind(dim=1)
        states = []
        for step in reversed(inputs) if backwards else inputs:
            reset_in, update_in, new_in = step.chunk(3, dim=1)
            reset_of, update_of, new_of = F.linear(hidden, weight, bias).chunk(3, dim=1)
            reset, update = torch.sigmoid(reset_in + reset_of), torch.sigmoid(update_in + update_of)
            new = torch.tanh(new_in + reset * new_of)
            hidden = new + update * (hidden - new)
            states.append(hidden)
        return states[::-1] if backwards else states
