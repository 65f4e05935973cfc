"""A small residual network with three-dimensional convolutions over clips of faces; own design.

After Tran et al., "A Closer Look at Spatiotemporal Convolutions for Action Recognition", CVPR 2018: every convolution
is split into one over space and one over time.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class _Split(nn.Module):
    """1x3x3 over space, then 3x1x1 over time, each with normalisation."""

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.space = nn.Conv3d(channels, out, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False)
        self.bn_space = nn.BatchNorm3d(out)
        self.time = nn.Conv3d(out, out, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False)
        self.bn_time = nn.BatchNorm3d(out)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn_time(self.time(F.relu(self.bn_space(self.space(x)))))


class _Block(nn.Module):
    """Two split convolutions with a projected shortcut; halves time and space."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.one, self.two = _Split(channels, out, stride=2), _Split(out, out)
        self.shortcut = nn.Conv3d(channels, out, 1, 2, bias=False)
        self.bn_shortcut = nn.BatchNorm3d(out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.two(F.relu(self.one(x))) + self.bn_shortcut(self.shortcut(x)))


CELL = 4
"""Pixels of a cell's side."""


def cells(x: Tensor) -> Tensor:
    """(n, c, t, h, w) to (n, c CELL CELL, t, h / CELL, w / CELL): every cell's pixels become channels."""
    _, c, t, h, w = x.shape
    parts = x.reshape(-1, c, t, h // CELL, CELL, w // CELL, CELL)
    return parts.permute(0, 1, 4, 6, 2, 3, 5).reshape(-1, c * CELL * CELL, t, h // CELL, w // CELL)


class Temporal3d(nn.Module):
    """(n, 16, 3, 224, 224) to logits (n, 2): index 1 manipulated.

    `shrink` averages so many pixels a side before the first convolution; `width` is the first stage's channels. With
    `differences` the first convolution sees, beside every frame, four times what it differs by from the mean of its
    neighbours: what moves evenly leaves little there, what trembles or flickers leaves much. It then works on cells of
    4 x 4 pixels, which a CPU does several times faster than strides. `shrunk` takes clips that were averaged before, at
    side 224 / shrink.
    """

    def __init__(self, shrink: int = 1, width: int = 24, differences: bool = False) -> None:
        super().__init__()
        self.shrink, self.differences = shrink, differences
        if differences:
            self.stem = nn.Conv3d(6 * CELL * CELL, width, (1, 3, 3), 1, (0, 1, 1), bias=False)
        else:
            self.stem = nn.Conv3d(3, width, (3, 7, 7), (1, 4, 4), (1, 3, 3), bias=False)
        self.bn = nn.BatchNorm3d(width)
        self.layers = nn.Sequential(
            _Block(width, 2 * width), _Block(2 * width, 4 * width), _Block(4 * width, 8 * width)
        )
        self.drop = nn.Dropout(0.4)
        self.classifier = nn.Linear(8 * width, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)
        if self.shrink > 1:
            x = F.avg_pool3d(x, (1, self.shrink, self.shrink))
        return self._judged(x)

    def shrunk(self, x: Tensor) -> Tensor:
        """(n, 16, 3, side, side) to logits."""
        return self._judged(x.transpose(1, 2))

    def _judged(self, x: Tensor) -> Tensor:
        if self.differences:
            middle = 4 * x[:, :, 1:-1] - 2 * (x[:, :, :-2] + x[:, :, 2:])
            x = cells(torch.cat([x, F.pad(middle, (0, 0, 0, 0, 1, 1))], 1))
        x = F.relu(self.bn(self.stem(x)))
        return self.classifier(self.drop(self.layers(x).mean(dim=(2, 3, 4))))
