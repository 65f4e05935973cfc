"""LRNet: two recurrent networks over face landmarks and over their differences.

Sun, Han, Hua, Ruan and Jia, "Improving the Efficiency and Robustness of Deepfakes Detection through Precise Geometric
Features", CVPR 2021. Keys as in the authors' PyTorch checkpoints.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .gru import Gru


class _Residual(nn.Module):
    """x + W2 relu(W1 x)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fn = nn.Module()
        self.fn.net = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Dropout(0.5), nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fn.net(x)


class LrNet(nn.Module):
    """(n, frames, 136) landmarks to probabilities (n, 2): index 1 manipulated."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden_state = nn.Parameter(torch.zeros(2, 1, 32))
        self.gru = Gru(136, 32, bidirectional=True)
        self.dense = nn.Sequential(nn.Dropout(0.5), _Residual(64), nn.Dropout(0.5), nn.Linear(64, 2))

    def forward(self, x: Tensor) -> Tensor:
        states = self.gru(x, self.hidden_state.expand(-1, x.shape[0], -1))
        return torch.softmax(self.dense(torch.cat(states, dim=1)), dim=1)
