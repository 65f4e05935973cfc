"""A small perceptron over twelve forensic measurements of a picture; own design."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Scaler(nn.Module):
    """(x - mean) / scale, fitted on the training set."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.scale


class ForensicMlp(nn.Module):
    """(n, 12) raw measurements to logits (n, 2): index 1 manipulated."""

    def __init__(self) -> None:
        super().__init__()
        self.scaler = _Scaler(12)
        self.net = nn.Sequential(
            nn.Linear(12, 64),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(64, 32),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(32, 2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(self.scaler(x))
