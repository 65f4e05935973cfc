"""Meso-4 and MesoInception-4.

Afchar, Nozick, Yamagishi and Echizen, "MesoNet: a Compact Facial Video Forgery Detection Network", WIFS 2018.
The published weights are Keras files; hence batch normalisation with epsilon 1e-3 after the activation, and flattening
in the order height, width, channel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class _Head(nn.Module):
    """Flatten as Keras does, dense 16, leaky ReLU 0.1, dense 1, sigmoid: 1 means real."""

    def __init__(self) -> None:
        super().__init__()
        self.dense1 = nn.Linear(1024, 16)
        self.dense2 = nn.Linear(16, 1)
        self.drop = nn.Dropout(0.5)

    def _answer(self, x: Tensor) -> Tensor:
        x = self.drop(x.permute(0, 2, 3, 1).flatten(1))
        x = self.drop(F.leaky_relu(self.dense1(x), 0.1))
        return torch.sigmoid(self.dense2(x))


class Meso4(_Head):
    """Four convolutions over 256x256 faces in RGB / 255."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 3, padding=1), _norm(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 5, padding=2), _norm(8)
        self.conv3, self.bn3 = nn.Conv2d(8, 16, 5, padding=2), _norm(16)
        self.conv4, self.bn4 = nn.Conv2d(16, 16, 5, padding=2), _norm(16)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, 256, 256) to (n, 1): the probability of real."""
        x = F.max_pool2d(self.bn1(F.relu(self.conv1(x))), 2)
        x = F.max_pool2d(self.bn2(F.relu(self.conv2(x))), 2)
        x = F.max_pool2d(self.bn3(F.relu(self.conv3(x))), 2)
        x = F.max_pool2d(self.bn4(F.relu(self.conv4(x))), 4)
        return self._answer(x)


class _Inception(nn.Module):
    """Four parallel paths: 1x1; 1x1 then 3x3 with dilation 1, 2 and 3. ReLU after every convolution."""

    def __init__(self, channels: int, a: int, b: int, c: int, d: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, a, 1)
        self.conv2a, self.conv2b = nn.Conv2d(channels, b, 1), nn.Conv2d(b, b, 3, padding=1)
        self.conv3a, self.conv3b = nn.Conv2d(channels, c, 1), nn.Conv2d(c, c, 3, padding=2, dilation=2)
        self.conv4a, self.conv4b = nn.Conv2d(channels, d, 1), nn.Conv2d(d, d, 3, padding=3, dilation=3)

    def forward(self, x: Tensor) -> Tensor:
        paths = [F.relu(self.conv1(x))]
        for one, two in ((self.conv2a, self.conv2b), (self.conv3a, self.conv3b), (self.conv4a, self.conv4b)):
            paths.append(F.relu(two(F.relu(one(x)))))
        return torch.cat(paths, dim=1)


class MesoInception4(_Head):
    """Meso-4 with its first two convolutions replaced by inception modules."""

    def __init__(self) -> None:
        super().__init__()
        self.inception1, self.bn1 = _Inception(3, 1, 4, 4, 2), _norm(11)
        self.inception2, self.bn2 = _Inception(11, 2, 4, 4, 2), _norm(12)
        self.conv3, self.bn3 = nn.Conv2d(12, 16, 5, padding=2), _norm(16)
        self.conv4, self.bn4 = nn.Conv2d(16, 16, 5, padding=2), _norm(16)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, 256, 256) to (n, 1): the probability of real."""
        x = F.max_pool2d(self.bn1(self.inception1(x)), 2)
        x = F.max_pool2d(self.bn2(self.inception2(x)), 2)
        x = F.max_pool2d(self.bn3(F.relu(self.conv3(x))), 2)
        x = F.max_pool2d(self.bn4(F.relu(self.conv4(x))), 4)
        return self._answer(x)
